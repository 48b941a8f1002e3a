// What the rules cost beside a type-aware rule of typescript-eslint, on generated projects.
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ESLint, Linter } from 'eslint'
import scopedMemory from 'eslint-plugin-scoped-memory'
import ts from 'typescript'
import tseslint from 'typescript-eslint'
import { type MonolithOptions, writeMonolith } from './monolith.ts'
import { median } from './paired.ts'

const baseline = '@typescript-eslint/no-floating-promises'
const typed = 'scoped-memory/require-user-scope-typed'
const syntactic = 'scoped-memory/require-user-scope'
const flows = 'scoped-memory/no-untrusted-user-id-typed'
const rules = [baseline, typed, syntactic, flows]

/** How many files the projects have whose memory and edits are measured; the others have 2,000. */
const fewer = 400
const programs = 10
const edits = 20

/**
 * `ratio`: the time of a rule relative to no-floating-promises in the same runs, below 1 is cheaper; `untouched` on the
 * files from which no import leads to mem0, `none` on a project without mem0. `retainedBytes`: what linting leaves on
 * the heap with no-untrusted-user-id-typed and not without it, for one program, and from the second program to the last
 * of ten. `editor`: the milliseconds that linting one changed file takes, each time with a new program.
 */
export async function bench(): Promise<Record<string, number>> {
  return {
    ...(await timesBeside({})),
    ...(await inProject({ mem0: false }, async (project) => {
      const totals = await totalsOf(project)
      return { 'lint.flows.none.ratio': ratio(totals.all, flows) }
    })),
    ...(await inProject({ files: fewer }, memoryOf)),
    ...(await inProject({ files: fewer }, editsOf)),
  }
}

const timesBeside = (options: MonolithOptions): Promise<Record<string, number>> =>
  inProject(options, async (project) => {
    const totals = await totalsOf(project)
    return {
      'lint.typed.ratio': ratio(totals.all, typed),
      'lint.syntactic.ratio': ratio(totals.all, syntactic),
      'lint.untouched.ratio': ratio(totals.untouched, typed),
      'lint.flows.ratio': ratio(totals.all, flows),
      'lint.flows.untouched.ratio': ratio(totals.untouched, flows),
    }
  })

async function inProject<T>(options: MonolithOptions, measure: (project: string) => Promise<T>): Promise<T> {
  const project = writeMonolith(options)
  try {
    return await measure(project)
  } finally {
    rmSync(project, { recursive: true })
  }
}

type Times = Map<string, number>

const ratio = (times: Times, rule: string): number => times.get(rule)! / times.get(baseline)!

/** The time of each rule over all files, and over those without mem0 in reach. */
async function totalsOf(project: string): Promise<{ readonly all: Times; readonly untouched: Times }> {
  const all: Times = new Map()
  const untouched: Times = new Map()
  // The rule that uses the compiler first pays for work that others need, so each comes first in half of the runs.
  for (const order of [rules, rules.toReversed()]) {
    const eslint = new ESLint({
      cwd: project,
      overrideConfigFile: true,
      overrideConfig: [configOf(order, { projectService: true, tsconfigRootDir: project })],
      stats: true,
    })
    // The rule looks at the whole program in the first file, which is one that leads to mem0.
    for (const { filePath, stats } of [
      ...(await eslint.lintFiles(['src/app.ts'])),
      ...(await eslint.lintFiles(['src/areas', 'src/platform'])),
    ])
      for (const [rule, { total }] of Object.entries(stats?.times.passes[0]?.rules ?? {})) {
        all.set(rule, (all.get(rule) ?? 0) + total)
        if (/orders-\d+\./.test(filePath)) untouched.set(rule, (untouched.get(rule) ?? 0) + total)
      }
  }
  return { all, untouched }
}

/** What stays on the heap after linting all files of programs that follow each other, of which the last is still used. */
async function memoryOf(project: string): Promise<Record<string, number>> {
  const bare = retainedBy(project, [baseline])
  const withRule = retainedBy(project, [baseline, flows])
  return {
    'lint.flows.retainedBytes': withRule[0]! - bare[0]!,
    'lint.flows.programs.retainedBytes': withRule.at(-1)! - withRule[1]! - (bare.at(-1)! - bare[1]!),
  }
}

/** The heap in use after each program, in bytes. */
function retainedBy(project: string, order: readonly string[]): number[] {
  const { fileNames, options } = ts.parseJsonConfigFileContent(
    JSON.parse(readFileSync(join(project, 'tsconfig.json'), 'utf8')),
    ts.sys,
    project,
  )
  const used: number[] = []
  const linter = new Linter({ cwd: project })
  const before = heapUsed()
  let program: ts.Program | undefined
  for (let round = 0; round < programs; round++) {
    const host = ts.createCompilerHost(options, true)
    program = ts.createProgram(fileNames, options, host, program)
    const config = configOf(order, { programs: [program] })
    for (const name of fileNames) linter.verify(ts.sys.readFile(name)!, [config], name)
    linter.verify('', [configOf([], {})], join(project, 'none.ts'))
    used.push(heapUsed() - before)
  }
  return used
}

function heapUsed(): number {
  for (let round = 0; round < 3; round++) (globalThis as { gc?: () => void }).gc?.()
  return process.memoryUsage().heapUsed
}

/** The time to lint a file that was changed, with the rule and without, in turn. */
async function editsOf(project: string): Promise<Record<string, number>> {
  const path = join(project, 'src/areas/area-1/feature-1/http/memory.routes.ts')
  const text = readFileSync(path, 'utf8')
  const taken = new Map<string, number[]>([
    ['bare', []],
    ['flows', []],
  ])
  const linters = new Map(
    [...taken.keys()].map((name) => [
      name,
      new ESLint({
        cwd: project,
        overrideConfigFile: true,
        overrideConfig: [
          configOf(name === 'bare' ? [baseline] : [baseline, flows], {
            projectService: true,
            tsconfigRootDir: project,
          }),
        ],
      }),
    ]),
  )
  for (let edit = 0; edit < edits; edit++)
    for (const name of edit % 2 === 0 ? ['bare', 'flows'] : ['flows', 'bare']) {
      const startedAt = performance.now()
      await linters
        .get(name)!
        .lintText(`${text}\nexport const ${name}${edit} = ${edit}\n`, { filePath: path })
      taken.get(name)!.push(performance.now() - startedAt)
    }
  return {
    'lint.editor.bareMillis': median(taken.get('bare')!),
    'lint.editor.flowsMillis': median(taken.get('flows')!),
  }
}

function configOf(order: readonly string[], parserOptions: Linter.ParserOptions): Linter.Config {
  return {
    files: ['**/*.ts'],
    languageOptions: { parser: tseslint.parser, parserOptions },
    plugins: { 'scoped-memory': scopedMemory, '@typescript-eslint': tseslint.plugin },
    rules: Object.fromEntries(order.map((rule) => [rule, 'error' as const])),
  }
}
