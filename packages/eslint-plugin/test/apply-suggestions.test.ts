import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

const root = join(import.meta.dirname, '..')
const code = `import { MemoryClient } from 'mem0ai'
const client = new MemoryClient({ apiKey: 'k' })
export async function run(userId, id) {
  await client.add([], { agentId: 'a' })
  await client.search('q')
  await client.get(id)
}
`
const after = code
  .replace("{ agentId: 'a' }", "{ agentId: 'a', userId }")
  .replace("search('q')", "search('q', { filters: { user_id: userId } })")

let project: string

// Each run starts ESLint anew.
vi.setConfig({ testTimeout: 120_000 })

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'scoped-memory-suggest-'))
  symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'))
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(project, 'a.js'), code)
  writeFileSync(
    join(project, 'eslint.config.js'),
    `import { configs } from ${JSON.stringify(pathToFileURL(join(root, 'src/index.ts')).href)}\nexport default [configs.recommended]\n`,
  )
})

afterEach(() => {
  rmSync(project, { recursive: true })
})

function run(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(
    process.execPath,
    [
      '--conditions=@scoped-memory/source',
      '--import',
      import.meta.resolve('tsx'),
      join(root, 'src/bin/apply-suggestions.ts'),
      ...args,
    ],
    { cwd: project, encoding: 'utf8' },
  )
}

test('shows what would change, and writes nothing, with --dry-run', () => {
  const { status, stdout } = run('--dry-run')
  expect(stdout).toMatch(/^a\.js:4 .*\{ userId \}/m)
  expect(stdout).toMatch(/2 suggestions would be applied in 1 file/)
  expect(status).toBe(0)
  expect(readFileSync(join(project, 'a.js'), 'utf8')).toBe(code)
})

test('applies what has one right answer and leaves the rest', () => {
  const { status, stdout } = run('a.js')
  expect(stdout).toMatch(/2 suggestions applied in 1 file/)
  expect(status).toBe(0)
  expect(readFileSync(join(project, 'a.js'), 'utf8')).toBe(after)
  expect(run('a.js').stdout).toMatch(/0 suggestions applied in 0 files/)
})

test('leaves the suggestions of other plugins alone', () => {
  cpSync(join(project, 'a.js'), join(project, 'b.js'))
  writeFileSync(join(project, 'b.js'), 'export const f = (s) => s.hasOwnProperty("a\\d")\n')
  writeFileSync(
    join(project, 'eslint.config.js'),
    `export default [{ rules: { 'no-prototype-builtins': 'error', 'no-useless-escape': 'error' } }]\n`,
  )
  expect(run('b.js').stdout).toMatch(/0 suggestions applied/)
  expect(readFileSync(join(project, 'b.js'), 'utf8')).toContain('hasOwnProperty')
})

test('says what is wrong, and how it is used', () => {
  expect(run('--surprise')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('--surprise') as string,
  })
  expect(run('--help').stdout).toMatch(/--dry-run/)
})
