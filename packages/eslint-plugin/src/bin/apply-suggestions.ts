#!/usr/bin/env node
import { writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import type { ESLint, Linter } from 'eslint'

const usage = `Usage: scoped-memory-suggest [--dry-run] [--config <file>] [files or folders]

Applies the suggestions of eslint-plugin-scoped-memory, where a report has exactly one. Without files: everything
that the ESLint configuration covers.

  --dry-run        show what would change and write nothing
  --config <file>  the ESLint configuration to use, instead of the one ESLint finds
  --help           show this`

/** More rounds than there can be suggestions that make room for another in one place. */
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

type Engine = new (options: ESLint.Options) => ESLint

/** The ESLint of the project the command runs in, not one that stands beside the plugin. */
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
  let changed = 0
  let files = 0
  for (const result of await eslint.lintFiles(positionals.length > 0 ? positionals : ['.'])) {
    let text = result.source
    let { messages } = result
    let edits = editsIn(messages)
    if (edits.length === 0 || text === undefined) continue
    files += 1
    for (let round = 0; edits.length > 0 && round < maxRounds; round += 1) {
      for (const { line, ruleId, desc } of edits)
        console.log(`${relative(cwd, result.filePath)}:${line}  ${desc}  (${ruleId})`)
      changed += edits.length
      text = applied(text, edits)
      ;[{ messages }] = (await eslint.lintText(text, { filePath: result.filePath })) as [ESLint.LintResult]
      edits = editsIn(messages)
    }
    if (!values['dry-run']) await writeFile(result.filePath, text)
  }
  const verb = values['dry-run'] ? 'would be applied' : 'applied'
  console.log(
    `${changed} ${changed === 1 ? 'suggestion' : 'suggestions'} ${verb} in ${files} ${files === 1 ? 'file' : 'files'}.`,
  )
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 2
})
