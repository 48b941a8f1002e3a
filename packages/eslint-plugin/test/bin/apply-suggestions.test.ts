import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

const root = join(import.meta.dirname, '../..')
const code = `import { MemoryClient } from 'mem0ai'
const client = new MemoryClient({ apiKey: 'k' })
export async function run(userId, id) {
  await client.add([], { agentId: 'a' })
  await client.search('q')
  await client.get(id)
  await client.delete(id)
}
`
const after = code
  .replace("'mem0ai'\n", "'mem0ai'\nimport { ScopedMemory } from '@scoped-memory/core'\n")
  .replace("{ agentId: 'a' }", "{ agentId: 'a', userId }")
  .replace("search('q')", "search('q', { filters: { user_id: userId } })")
  .replace('client.get', 'new ScopedMemory(userId, { client }).get')
  .replace('client.delete', 'new ScopedMemory(userId, { client }).delete')

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
  // The lines of the file as it stands, whatever earlier suggestions put above them.
  expect(stdout).toMatch(/^a\.js:4 .*\{ userId \}/m)
  expect(stdout).toMatch(/^a\.js:5 .*user_id: userId/m)
  expect(stdout).toMatch(/^a\.js:6 .*new ScopedMemory\(userId, \{ client \}\)/m)
  expect(stdout).toMatch(/^a\.js:7 .*new ScopedMemory\(userId, \{ client \}\)/m)
  expect(stdout).toMatch(/^4 suggestions would be applied in 1 of 2 files\.$/m)
  expect(status).toBe(0)
  expect(readFileSync(join(project, 'a.js'), 'utf8')).toBe(code)
})

test('applies what has one right answer and leaves the rest', () => {
  const { status, stdout } = run('a.js')
  expect(stdout).toMatch(/^4 suggestions applied in 1 of 1 file\.$/m)
  expect(status).toBe(0)
  expect(readFileSync(join(project, 'a.js'), 'utf8')).toBe(after)
  expect(run('a.js').stdout).toMatch(/^0 suggestions applied in 0 of 1 file\.$/m)
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

const own = (rest: string): string =>
  `import { configs } from ${JSON.stringify(pathToFileURL(join(root, 'src/index.ts')).href)}
import * as parser from '@typescript-eslint/parser'
${rest}`

test('says which files did not parse, why, and what to write', () => {
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f'])
    writeFileSync(join(project, `${name}.ts`), 'export interface Options {\n  userId: string\n}\n')
  writeFileSync(
    join(project, 'eslint.config.js'),
    own(`export default [{ files: ['**/*.js', '**/*.ts'], ...configs.recommended }]`),
  )
  const { status, stdout, stderr } = run()
  expect(stdout).toMatch(/^4 suggestions applied in 1 of 8 files; 6 not read\.$/m)
  expect(stderr).toContain('6 files could not be read, so their calls were not checked:')
  expect(stderr).toMatch(/^ {2}a\.ts:1:\d+ {2}Parsing error: .*interface/m)
  expect(stderr).toMatch(/^ {2}and 1 more$/m)
  expect(stderr).toContain('languageOptions: { parser: tseslint.parser }')
  expect(status).toBe(1)
  expect(readFileSync(join(project, 'a.js'), 'utf8')).toBe(after)
})

test('says so of a file that no configuration takes in', () => {
  writeFileSync(join(project, 'a.tsx'), 'export {}')
  const { status, stdout, stderr } = run('a.js', 'a.tsx')
  expect(stdout).toMatch(/1 of 2 files; 1 not read\.$/m)
  expect(stderr).toMatch(/^ {2}a\.tsx {2}File ignored because no matching configuration/m)
  expect(stderr).toContain('parser: tseslint.parser')
  expect(status).toBe(1)
})

test('asks for no parser that is there', () => {
  writeFileSync(join(project, 'a.ts'), 'export const = 1')
  writeFileSync(
    join(project, 'eslint.config.js'),
    own(`export default [{ files: ['**/*.ts'], ...configs.recommended, languageOptions: { parser } }]`),
  )
  const { status, stderr } = run('a.ts')
  expect(stderr).toMatch(/1 file could not be read.*\n {2}a\.ts:1:\d+ {2}Parsing error/)
  expect(stderr).not.toContain('tseslint')
  expect(status).toBe(1)
})

test('points out that it saw no TypeScript in a project of TypeScript', () => {
  writeFileSync(join(project, 'tsconfig.json'), '{}')
  writeFileSync(join(project, 'a.ts'), 'export {}')
  expect(run().stderr).toMatch(/^None of them is a TypeScript file\..*\n[^]*parser: tseslint\.parser/)
  expect(run('a.js').stderr).toBe('')
})

test('leaves a file as it is when a suggestion would break it', () => {
  writeFileSync(
    join(project, 'eslint.config.js'),
    `const rule = {
  meta: { hasSuggestions: true },
  create: (context) => ({
    ClassDeclaration: (node) => context.report({
      node, message: 'no', suggest: [{ desc: 'break it', fix: (fixer) => fixer.insertTextAfter(node, '(') }],
    }),
  }),
}
export default [{ plugins: { 'scoped-memory': { rules: { rule } } }, rules: { 'scoped-memory/rule': 'error' } }]
`,
  )
  writeFileSync(join(project, 'b.js'), 'class A {}\n')
  const { status, stdout, stderr } = run('b.js')
  expect(stdout).toBe('0 suggestions applied in 0 of 1 file.\n')
  expect(stderr).toMatch(/^b\.js: left unchanged, because the result would not parse: Parsing error/)
  expect(status).toBe(1)
  expect(readFileSync(join(project, 'b.js'), 'utf8')).toBe('class A {}\n')
})

test('says what is wrong, and how it is used', () => {
  expect(run('--surprise')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('--surprise') as string,
  })
  expect(run('--help').stdout).toMatch(/--dry-run/)
})
