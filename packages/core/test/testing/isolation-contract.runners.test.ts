import { execFile } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isolationChecks } from '../../src/testing/index.ts'

const run = promisify(execFile)
const core = join(import.meta.dirname, '../..')
const runners = join(import.meta.dirname, 'runners')
const { resolve } = createRequire(import.meta.url)

const RUNNERS = {
  'node:test': [process.execPath, '--test', '--test-reporter=tap', join(runners, 'node.test.mjs')],
  jest: [
    process.execPath,
    '--experimental-vm-modules',
    join(dirname(resolve('jest/package.json')), 'bin/jest.js'),
    '--config',
    JSON.stringify({
      rootDir: runners,
      testEnvironment: 'node',
      testMatch: ['**/jest.test.mjs'],
      transform: {},
      testTimeout: 60_000,
    }),
    '--verbose',
    '--watchman=false',
    '--cache=false',
  ],
} as const

// As plain JavaScript, the way users get it: neither runner reads TypeScript.
let built: string
beforeAll(async () => {
  // Where core's own dependencies are found and mem0ai is not.
  built = mkdtempSync(join(tmpdir(), 'scoped-memory-'))
  mkdirSync(join(built, 'node_modules'))
  const { dependencies } = JSON.parse(readFileSync(join(core, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  for (const name of Object.keys(dependencies)) {
    symlinkSync(realpathSync(join(core, 'node_modules', name)), join(built, 'node_modules', name), 'junction')
  }
  const flags =
    '--noCheck --composite false --isolatedDeclarations false --declaration false --incremental false'
  const tsc = join(dirname(resolve('typescript/package.json')), 'bin/tsc')
  await run(process.execPath, [tsc, '-p', core, '--outDir', built, ...flags.split(' ')])
  const { outputText } = ts.transpileModule(
    readFileSync(join(core, 'test/support/naive-memory.ts'), 'utf8'),
    {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 },
    },
  )
  writeFileSync(join(built, 'naive-memory.js'), outputText)
  writeFileSync(join(built, 'package.json'), '{ "type": "module" }')
})
afterAll(() => rmSync(built, { recursive: true, force: true }))

async function outcome(
  [command, ...args]: readonly [string, ...string[]],
  stack: 'scoped' | 'naive',
): Promise<{ code: number; output: string }> {
  // Both runners behave differently when they are told that they run inside another.
  const told = new Set(['NODE_TEST_CONTEXT', 'VITEST', 'NODE_ENV', 'NODE_OPTIONS'])
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !told.has(name)))
  return run(command, args, {
    env: { ...env, BUILT_CORE: built, STACK: stack, NO_COLOR: '1' },
    maxBuffer: 2 ** 26,
  }).then(
    ({ stdout, stderr }) => ({ code: 0, output: stdout + stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
      code,
      output: stdout + stderr,
    }),
  )
}

describe.each(Object.entries(RUNNERS))('the isolation contract under %s', (_name, command) => {
  it('runs every check, and passes for ScopedMemory', async () => {
    const { code, output } = await outcome(command, 'scoped')
    expect(output).not.toMatch(/not ok|✕/)
    const passed = output.match(/^ *(?:ok \d+ - |✓ )(.+?)(?: \(\d+ ms\))?$/gm)!.join('\n')
    for (const { name } of isolationChecks) expect(passed).toContain(name)
    expect(code).toBe(0)
  })

  it('fails for the naive wrapper, and says what leaked', async () => {
    const { code, output } = await outcome(command, 'naive')
    expect(code).not.toBe(0)
    expect(output).toMatch(/(?:not ok \d+ -|✕) get does not read another user's memory/)
    expect(output).toMatch(
      /get\('<id of a memory of bob>'\) leaked bob's memory 'The door code of bob is secret-/,
    )
    expect(output).toMatch(/mem0 returns a memory for its id alone/)
    expect(output).toMatch(/(?:ok \d+ -|✓) a user can delete everything/)
  })
})

it('says which line is missing where there is no test runner', async () => {
  const { code, output } = await outcome([process.execPath, join(runners, 'without-runner.mjs')], 'scoped')
  expect(code).not.toBe(0)
  expect(output).toContain("import { describe, it } from 'vitest' or 'node:test'")
})
