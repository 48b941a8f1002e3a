import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { startMem0Platform } from '@scoped-memory/mem0-platform'

const root = join(import.meta.dirname, '../..')
const flags = ['--conditions=@scoped-memory/source', '--import', 'tsx']

/** Runs a script with Node as a user would; resolves what it printed and how it ended. */
async function run(script: string, args: string[] = [], env: Record<string, string> = {}) {
  const { MEM0_API_KEY: _, ...rest } = process.env
  return promisify(execFile)(process.execPath, [...flags, script, ...args], {
    cwd: root,
    env: { ...rest, ...env },
  }).then(
    ({ stdout, stderr }) => ({ stdout, stderr, code: 0 }),
    (error: { stdout: string; stderr: string; code: number }) => error,
  )
}
const lint = (file: string) =>
  run('node_modules/eslint/bin/eslint.js', [
    '--config',
    'examples/breakage/lint.config.js',
    '--format',
    'json',
    file,
  ])

describe('the quick start', () => {
  const expected = [
    '5 · Alice asks for "food preferences": I am vegetarian and allergic to peanuts',
    '7 · Bob asks for "food preferences": I always book the window seat',
    '8 · Alice has: I am vegetarian and allergic to peanuts',
    '9 · Alice is deleted. She has: nothing. Bob has: I always book the window seat',
    '10 · done',
  ]

  it('runs embedded, without a key', async () => {
    const { stdout, stderr } = await run('examples/quickstart/src/index.ts')
    expect(stderr).toBe('')
    expect(stdout.split('\n')).toEqual(
      expect.arrayContaining(['2 · no MEM0_API_KEY: embedded in this process', ...expected]),
    )
  }, 120_000)

  it('runs hosted, with one', async () => {
    await using platform = await startMem0Platform()
    const { stdout } = await run('examples/quickstart/src/index.ts', [], {
      MEM0_API_KEY: 'm0-k',
      MEM0_HOST: platform.url,
    })
    expect(stdout.split('\n')).toEqual(
      expect.arrayContaining(['2 · MEM0_API_KEY is set: hosted mem0', ...expected]),
    )
    expect([...platform.store.all()]).toEqual([])
  })
})

describe('the breakage', () => {
  it('shows Bob what Alice said, three times over', async () => {
    const { stdout } = await run('examples/breakage/src/before.ts')
    expect(stdout.match(/^Bob, .*: +I am vegetarian and allergic to peanuts$/gm)).toHaveLength(3)
  }, 120_000)

  it('fails the lint, at each call that leaks', async () => {
    const { stdout, code } = await lint('examples/breakage/src/before.ts')
    expect(code).toBe(1)
    const [{ messages }] = JSON.parse(stdout) as [
      { messages: { ruleId: string; line: number; message: string }[] },
    ]
    expect(messages.map(({ ruleId }) => ruleId)).toEqual(
      Array.from({ length: 4 }, () => 'scoped-memory/require-user-scope'),
    )
    expect(messages.map(({ message }) => message.split('()')[0])).toEqual(['add', 'search', 'search', 'get'])
  }, 60_000)

  it('shows nothing once it is fixed, and passes the lint', async () => {
    const { stdout } = await run('examples/breakage/src/after.ts')
    expect(stdout).not.toContain('vegetarian')
    expect(stdout.match(/^Bob, .*(nothing|ScopeEscapeError|MemoryNotFoundError)/gm)).toHaveLength(3)
    expect((await lint('examples/breakage/src/after.ts')).code).toBe(0)
  }, 120_000)
})
