// What the rules cost compared with a type-aware rule of typescript-eslint, on a generated project of 400 files.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { ESLint, type Linter } from 'eslint'
import scopedMemory from 'eslint-plugin-scoped-memory'
import tseslint from 'typescript-eslint'

const files = 400
/** One file in eight uses mem0. */
const every = 8

const baseline = '@typescript-eslint/no-floating-promises'
const typed = 'scoped-memory/require-user-scope-typed'
const syntactic = 'scoped-memory/require-user-scope'

/**
 * The time of each rule relative to no-floating-promises in the same runs: below 1 is cheaper.
 * `untouched` is the type-aware rule on the files without mem0.
 */
export async function bench(): Promise<Record<string, number>> {
  const project = generate()
  try {
    const totals = { all: new Map<string, number>(), untouched: new Map<string, number>() }
    // The rule that uses the compiler first pays for work that both need, so each comes first in half of the runs.
    for (const rules of [
      [baseline, typed, syntactic],
      [syntactic, typed, baseline],
      [typed, syntactic, baseline],
      [baseline, syntactic, typed],
    ])
      for (const { filePath, stats } of await lint(project, rules)) {
        for (const [rule, { total }] of Object.entries(stats?.times.passes[0]?.rules ?? {})) {
          totals.all.set(rule, (totals.all.get(rule) ?? 0) + total)
          if (basename(filePath).startsWith('service'))
            totals.untouched.set(rule, (totals.untouched.get(rule) ?? 0) + total)
        }
      }
    const ratio = (times: Map<string, number>, rule: string): number =>
      times.get(rule)! / times.get(baseline)!
    return {
      'lint.typed.ratio': ratio(totals.all, typed),
      'lint.syntactic.ratio': ratio(totals.all, syntactic),
      'lint.untouched.ratio': ratio(totals.untouched, typed),
    }
  } finally {
    rmSync(project, { recursive: true })
  }
}

async function lint(project: string, rules: readonly string[]): Promise<ESLint.LintResult[]> {
  const config: Linter.Config = {
    files: ['**/*.ts'],
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: { projectService: true, tsconfigRootDir: project },
    },
    plugins: {
      'scoped-memory': scopedMemory,
      '@typescript-eslint': tseslint.plugin,
    },
    rules: Object.fromEntries(rules.map((rule) => [rule, 'error'])),
  }
  const eslint = new ESLint({ cwd: project, overrideConfigFile: true, overrideConfig: [config], stats: true })
  return eslint.lintFiles(['src'])
}

function generate(): string {
  const project = mkdtempSync(join(tmpdir(), 'scoped-memory-bench-'))
  mkdirSync(join(project, 'src'))
  mkdirSync(join(project, 'node_modules'))
  // The package has no package.json among its exports, so its folder is found through its entry.
  const mem0 = dirname(dirname(createRequire(import.meta.url).resolve('mem0ai')))
  symlinkSync(mem0, join(project, 'node_modules/mem0ai'))
  writeFileSync(
    join(project, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: { strict: true, target: 'es2023', module: 'nodenext', skipLibCheck: true, types: [] },
      include: ['src'],
    }),
  )
  writeFileSync(join(project, 'package.json'), JSON.stringify({ type: 'module' }))
  writeFileSync(join(project, 'src/memory-client.ts'), client)
  for (let index = 1; index < files; index++)
    if (index % every === 0) writeFileSync(join(project, `src/memory-${index}.ts`), fileWithMem0(index))
    else writeFileSync(join(project, `src/service-${index}.ts`), fileWithoutMem0(index))
  return project
}

const client = `import { MemoryClient } from 'mem0ai'
export const memory = new MemoryClient({ apiKey: 'm0-k' })
export const openMemory = async () => memory
`

const fileWithMem0 = (index: number): string => `import { memory, openMemory } from './memory-client.js'

export class Assistant${index} {
  readonly #seen = new Map<string, number>()

  async recall(userId: string, query: string) {
    const { results } = await memory.search(query, { filters: { user_id: userId }, topK: ${index} })
    for (const { id } of results) this.#seen.set(id, (this.#seen.get(id) ?? 0) + 1)
    return results.map((found) => found.memory)
  }

  async remember(userId: string, text: string, runId?: string) {
    const client = await openMemory()
    await client.add([{ role: 'user', content: text }], { userId, ...(runId ? { runId } : {}) })
    await client.search(text)
    this.#seen.delete(text)
  }
}
`

const fileWithoutMem0 = (
  index: number,
): string => `${index > 1 && (index - 1) % every !== 0 ? `import { Service${index - 1} } from './service-${index - 1}.js'\nexport const previous = new Service${index - 1}()\n` : ''}
export interface Row${index} {
  readonly id: string
  readonly name: string
  readonly tags: readonly string[]
}

export class Service${index} {
  readonly #rows = new Map<string, Row${index}>()
  readonly #waiting = new Set<Promise<void>>()

  get(id: string): Row${index} | undefined {
    return this.#rows.get(id)
  }

  async add(row: Row${index}): Promise<void> {
    const saving = this.#save(row)
    this.#waiting.add(saving)
    await saving
    this.#waiting.delete(saving)
  }

  async #save(row: Row${index}): Promise<void> {
    await Promise.resolve()
    this.#rows.set(row.id, row)
  }

  search(text: string): Row${index}[] {
    return [...this.#rows.values()].filter((row) => row.name.includes(text) || row.tags.includes(text))
  }

  async update(id: string, change: Partial<Row${index}>): Promise<boolean> {
    const row = this.get(id)
    if (!row) return false
    await this.add({ ...row, ...change })
    return this.#rows.delete(id)
  }
}

export async function run${index}(service: Service${index}, headers: Headers): Promise<number> {
  await service.add({ id: headers.get('x-id') ?? 'a', name: 'n', tags: [] })
  const found = service.search('n')
  await Promise.all(found.map((row) => service.update(row.id, { name: row.name.toUpperCase() })))
  return found.length
}
`
