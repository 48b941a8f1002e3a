#!/usr/bin/env node
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { extname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import type { ESLint, Linter } from 'eslint'
import { howToParse, sayUnread, unreadFile, type UnreadFile, unreadMessage } from './unread-files.ts'

const usage = `Usage: scoped-memory-suggest [--dry-run] [--config <file>] [files or folders]

Applies the suggestions of eslint-plugin-scoped-memory, where a report has exactly one. Without files: everything
that the ESLint configuration covers.

  --dry-run        show what would change and write nothing
  --config <file>  the ESLint configuration to use, instead of the one ESLint finds
  --help           show this

Exits with 0; with 1 when it could not read some of the files; with 2 when it could not run.`

/** More rounds than any file needs: each applies the suggestions that the one before made possible. */
const maxRounds = 10

interface Edit {
  readonly line: number
  readonly ruleId: string
  readonly desc: string
  readonly range: readonly [number, number]
  readonly text: string
}

function editsIn(messages: readonly Linter.LintMessage[]): Edit[] {
  const edits = messages.flatMap(({ ruleId, line, suggestions = [] }): readonly Edit[] => {
    const [only] = suggestions
    if (!ruleId?.startsWith('scoped-memory/') || suggestions.length !== 1 || !only) return []
    return [{ line, ruleId, desc: only.desc, range: only.fix.range, text: only.fix.text }]
  })
  const apart: Edit[] = []
  for (const edit of edits.sort((a, b) => a.range[0] - b.range[0]))
    if (!apart.some((other) => edit.range[0] <= other.range[1] && other.range[0] <= edit.range[1]))
      apart.push(edit)
  return apart
}

function applied(text: string, edits: readonly Edit[]): string {
  return edits.reduceRight(
    (current, { range, text: inserted }) => current.slice(0, range[0]) + inserted + current.slice(range[1]),
    text,
  )
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

const linesIn = (text: string): number => text.split('\n').length

/** Lines that edits put into a text, and after which line of it. */
interface Shift {
  readonly after: number
  readonly by: number
}

const shiftsOf = (text: string, edits: readonly Edit[]): Shift[] =>
  edits.map(({ range, text: inserted }) => ({
    after: linesIn(text.slice(0, range[0])),
    by: linesIn(inserted) - linesIn(text.slice(...range)),
  }))

/** The line of the file as it stood before the edits, the last of which come first. */
const originalLine = (line: number, shifts: readonly Shift[]): number =>
  shifts.reduce((current, { after, by }) => (current > after ? current - by : current), line)

type Engine = new (options: ESLint.Options) => ESLint

/** The ESLint of the project that the command runs in, not one installed beside the plugin. */
async function projectESLint(cwd: string): Promise<Engine> {
  const path = createRequire(join(cwd, 'package.json')).resolve('eslint')
  interface Loader {
    // Without the option, ESLint 8 gives the class that reads .eslintrc files.
    loadESLint(options: { useFlatConfig: true }): Promise<Engine>
  }
  const module = (await import(pathToFileURL(path).href)) as Loader & { default?: Loader }
  return (module.default ?? module).loadESLint({ useFlatConfig: true })
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      'dry-run': { type: 'boolean', default: false },
      config: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(usage)
    return
  }
  const cwd = process.cwd()
  const Engine = await projectESLint(cwd)
  const eslint = new Engine({ cwd, ...(values.config ? { overrideConfigFile: values.config } : {}) })
  const results = await eslint.lintFiles(positionals.length > 0 ? positionals : ['.'])
  const unread: UnreadFile[] = []
  let changed = 0
  let files = 0
  for (const { source, filePath, messages } of results) {
    const path = relative(cwd, filePath)
    const problem = unreadMessage(messages)
    if (problem) unread.push(await unreadFile(eslint, filePath, path, problem))
    let edits = editsIn(messages)
    if (edits.length === 0 || source === undefined) continue
    let text = source
    const shifts: Shift[] = []
    for (let round = 0; edits.length > 0 && round < maxRounds; round += 1) {
      const next = applied(text, edits)
      const [result] = (await eslint.lintText(next, { filePath })) as [ESLint.LintResult]
      const broken = unreadMessage(result.messages)
      if (broken) {
        console.error(`${path}: left unchanged, because the result would not parse: ${broken.message}`)
        process.exitCode = 1
        break
      }
      for (const { line, ruleId, desc } of edits)
        console.log(`${path}:${originalLine(line, shifts)}  ${desc}  (${ruleId})`)
      changed += edits.length
      shifts.unshift(...shiftsOf(text, edits).reverse())
      text = next
      edits = editsIn(result.messages)
    }
    if (text === source) continue
    files += 1
    if (!values['dry-run']) await writeFile(filePath, text)
  }
  const verb = values['dry-run'] ? 'would be applied' : 'applied'
  const summary = `${counted(changed, 'suggestion')} ${verb} in ${files} of ${counted(results.length, 'file')}`
  console.log(unread.length > 0 ? `${summary}; ${unread.length} not read.` : `${summary}.`)
  if (unread.length > 0) {
    console.error(sayUnread(unread))
    process.exitCode = 1
  }
  const onlyFolders = positionals.every((path) => extname(path) === '')
  const isTypeScript = onlyFolders && existsSync(join(cwd, 'tsconfig.json'))
  if (isTypeScript && !results.some(({ filePath }) => /\.[mc]?tsx?$/.test(filePath)))
    console.error(`None of them is a TypeScript file. ${howToParse}`)
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 2
})
