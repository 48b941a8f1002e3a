import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Linter } from 'eslint'
import * as parser from '@typescript-eslint/parser'
import { describe, expect, test } from 'vitest'
import plugin, { clients, type KnownClient, rules } from '../src/index.ts'
import { type Files, lintFile, programOf } from './program.ts'
import { typedFolder } from './rule-tester.ts'

const root = join(import.meta.dirname, '..')
const folder = join(root, 'docs/rules')
const names = Object.keys(rules)

/** The page of a client: `upstashVector` is in `upstash-vector.md`. */
const pageOf = (name: string): string =>
  `${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.md`

interface Example {
  readonly code: string
  /** The files of one example: blocks with `file=` that follow one another. */
  readonly files: Files | undefined
  readonly line: number
  readonly expect: 'correct' | 'incorrect'
  readonly option: unknown
  readonly filename: string | undefined
}

/** The code blocks of a page that say what is to be expected of them, by their heading or their own words. */
function examplesIn(markdown: string): Example[] {
  const found: Example[] = []
  let heading = ''
  let block: { info: string; lines: string[]; line: number } | undefined
  /** The files of the example that the next block may belong to. */
  let files: Record<string, string> | undefined
  for (const [index, line] of markdown.split('\n').entries()) {
    if (block && line === '```') {
      const { info, lines, line: start } = block
      const expectation = /expect=(correct|incorrect)/.exec(info)?.[1] ?? heading
      const option = /option='([^']*)'/.exec(info)?.[1]
      const file = / file=(\S+)/.exec(info)?.[1]
      const code = lines.join('\n')
      const isNext = file !== undefined && files !== undefined && !(file in files)
      if (isNext) files![file] = code
      else if (expectation === 'correct' || expectation === 'incorrect') {
        files = file === undefined ? undefined : { [file]: code }
        found.push({
          code,
          files,
          line: start,
          expect: expectation,
          option: option === undefined ? undefined : (JSON.parse(option) as unknown),
          filename: /filename=(\S+)/.exec(info)?.[1],
        })
      }
      block = undefined
    } else if (block) block.lines.push(line)
    else if (line.startsWith('```ts')) block = { info: line.slice(5), lines: [], line: index + 1 }
    else if (line.startsWith('```')) block = { info: '', lines: [], line: -1 }
    else if (line.startsWith('#')) {
      heading = line.replace(/^#+ /, '').toLowerCase()
      files = undefined
    } else if (line !== '') files = undefined
  }
  return found.filter(({ line }) => line > 0)
}

function report(
  name: string,
  { code, files, option, filename }: Example,
  settings: Record<string, unknown> = {},
): readonly Linter.LintMessage[] {
  const severity: Linter.RuleEntry = option === undefined ? 'error' : ['error', option]
  if (files) {
    const program = programOf(files)
    return Object.keys(files).flatMap((file) =>
      lintFile(program, file, { rules: { [`scoped-memory/${name}`]: severity }, settings }),
    )
  }
  const typed = rules[name]?.meta?.docs && 'requiresTypeChecking' in rules[name].meta.docs
  const linter = new Linter({ cwd: typedFolder })
  return linter.verify(
    code,
    [
      {
        files: ['**/*.ts'],
        languageOptions: {
          parser: parser,
          parserOptions: typed ? { projectService: true, tsconfigRootDir: typedFolder } : {},
        },
        plugins: { 'scoped-memory': plugin },
        settings,
        rules: { [`scoped-memory/${name}`]: severity },
      },
    ],
    join(typedFolder, filename ?? 'file.ts'),
  )
}

test('there is one page and one test file for each rule', () => {
  expect(readdirSync(folder).sort()).toEqual(names.map((name) => `${name}.md`).sort())
  expect(readdirSync(join(root, 'test/rules')).sort()).toEqual(names.map((name) => `${name}.test.ts`).sort())
  expect(readdirSync(join(root, 'src/rules')).sort()).toEqual(
    ['index', ...names].map((name) => `${name}.ts`).sort(),
  )
})

describe.each(names)('the page of %s', (name) => {
  const markdown = readFileSync(join(folder, `${name}.md`), 'utf8')
  const examples = examplesIn(markdown)

  test('shows what is incorrect and what is correct', () => {
    expect(examples.filter((example) => example.expect === 'incorrect').length).toBeGreaterThan(0)
    expect(examples.filter((example) => example.expect === 'correct').length).toBeGreaterThan(0)
  })

  test('names every option', () => {
    const [schema] = [rules[name]?.meta?.schema].flat() as [Record<string, unknown>]
    const described = (schema.items as [{ properties: object }] | undefined)?.[0] ?? schema
    for (const option of Object.keys((described as { properties: object }).properties))
      expect(markdown).toContain(`\`${option}\``)
  })

  test.each(examples)('line $line is $expect', (example) => {
    const messages = report(name, example)
    expect(messages.filter(({ fatal }) => fatal)).toEqual([])
    if (example.expect === 'correct') expect(messages.map(({ message }) => message)).toEqual([])
    else expect(messages.map(({ ruleId }) => ruleId)).toContain(`scoped-memory/${name}`)
  })
})

test('there is one page for each client, named in the README', () => {
  const pages = Object.keys(clients).map(pageOf)
  expect(readdirSync(join(root, 'docs/clients')).sort()).toEqual(pages.sort())
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  for (const [name, page] of Object.keys(clients).map((client) => [client, pageOf(client)] as const))
    expect(readme).toMatch(new RegExp(`\\| \\[[^\\]]+\\]\\(docs/clients/${page}\\) +\\| \`${name}\` +\\|`))
})

describe.each(Object.keys(clients))('the page of the client %s', (name) => {
  const markdown = readFileSync(join(root, 'docs/clients', pageOf(name)), 'utf8')
  const tables = new RegExp(`clients: \\[\\{ \\.\\.\\.clients\\.${name}, tables: (\\[.*?\\]) \\}\\]`).exec(
    markdown,
  )?.[1]
  const listed = tables === undefined ? undefined : (JSON.parse(tables.replaceAll("'", '"')) as string[])
  const client = listed ? { ...clients[name as KnownClient], tables: listed } : name
  const settings = { 'scoped-memory': { clients: [client] } }
  const rules = ['require-user-scope', 'no-untrusted-user-id', 'no-fallback-user-id']
  const examples = examplesIn(markdown)

  test('shows what is incorrect and what is correct, and how to name it', () => {
    expect(new Set(examples.map((example) => example.expect))).toEqual(new Set(['incorrect', 'correct']))
    if (!listed) expect(markdown).toContain(`clients: ['${name}']`)
    expect(markdown).toContain('`userKeys`')
  })

  test.each(examples.filter((example) => example.expect === 'incorrect'))(
    'each call of line $line is incorrect',
    (example) => {
      const calls = example.code
        .split('\n')
        .flatMap((line, at) => (line.startsWith('await ') ? [at + 1] : []))
      expect(calls).not.toEqual([])
      expect(report('require-user-scope', example, settings).map(({ line }) => line)).toEqual(calls)
    },
  )

  test.each(examples.filter((example) => example.expect === 'correct'))(
    'line $line is correct',
    (example) => {
      for (const rule of rules) expect(report(rule, example, settings)).toEqual([])
    },
  )

  test('nothing is reported of its calls while it is not named', () => {
    for (const example of examples) expect(report('require-user-scope', example)).toEqual([])
  })
})

test('the picture of a report shows what the rule reports', () => {
  const picture = readFileSync(join(root, '../../docs/images/report-and-way.svg'), 'utf8')
  const textsOf = (group: string): string[] =>
    [...group.matchAll(/<text class="(?:c|m|way)"[^>]*>(.*?)<\/text>/g)].map(([, text]) =>
      text!.replaceAll('&gt;', '>').replaceAll('&amp;', '&'),
    )
  const groups = [...picture.matchAll(/<g data-(\w+)="([^"]+)">(.*?)<\/g>/gs)].map(
    ([, kind, name, body]) => ({ kind, name: name!, texts: textsOf(body!) }),
  )
  const files = Object.fromEntries(
    groups.flatMap(({ kind, name, texts }) => (kind === 'file' ? [[name, texts.join('\n')]] : [])),
  )
  const [shown] = groups.filter(({ kind }) => kind === 'report')
  expect(Object.keys(files)).toHaveLength(2)
  const program = programOf(files)
  const reports = Object.keys(files).flatMap((file) =>
    lintFile(program, file, { rules: { [`scoped-memory/${shown!.name}`]: 'error' } }).map(
      ({ message, line, column, endColumn }) => ({
        message,
        file,
        text: files[file]!.split('\n')[line - 1]!.slice(column - 1, endColumn! - 1),
      }),
    ),
  )
  expect(reports).toEqual([
    { message: shown!.texts.join(' '), file: 'src/memory.controller.ts', text: 'req.body.userId' },
  ])
})

test('headers and the list of rules are what the metadata says', { timeout: 120_000 }, () => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), join(root, 'test/docs/headers.ts'), '--check'],
    { encoding: 'utf8' },
  )
  expect({ status, output: stdout + stderr }).toEqual({ status: 0, output: '' })
})
