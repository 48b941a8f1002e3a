// Takes out one guard at a time and shows which test notices. A guard that nobody misses is no guard.
//     pnpm mutation            all of them
//     pnpm mutation filters …  those whose package, file or name contains one of the words
import { spawn } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { core } from './mutation/core.ts'
import { embedded } from './mutation/embedded.ts'
import { eslintPlugin } from './mutation/eslint-plugin.ts'
import type { GuardedPackage } from './mutation/guard.ts'
import { middleware } from './mutation/middleware.ts'
import { tools } from './mutation/tools.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const only = process.argv.slice(2).filter((word) => word !== '--')
const chosen = [core, embedded, tools, middleware, eslintPlugin]
  .map(({ guards, ...tested }) => ({
    ...tested,
    guards: guards.filter(
      ({ name, file }) =>
        only.length === 0 || only.some((part) => `${tested.folder} ${file} ${name}`.includes(part)),
    ),
  }))
  .filter(({ guards }) => guards.length > 0)

const copy = await mkdtemp(join(tmpdir(), 'mutation-'))
const missed: string[] = []
let count = 0
try {
  for (const entry of [
    'packages',
    'test',
    'scripts',
    'vitest.config.ts',
    'tsconfig.json',
    'tsconfig.base.json',
    'package.json',
  ]) {
    await cp(join(root, entry), join(copy, entry), {
      recursive: true,
      filter: (path) => !/node_modules|\/dist(\/|$)/.test(path),
    })
  }
  for (const folder of ['.', 'test', ...new Set(chosen.map(({ folder }) => `packages/${folder}`))]) {
    await symlink(join(root, folder, 'node_modules'), join(copy, folder, 'node_modules'))
  }
  for (const tested of chosen) {
    const intact = await runTests(tested)
    if (intact !== undefined) throw new Error(`The tests fail before any guard is taken out: ${intact}`)
    for (const { name, file, code, without } of tested.guards) {
      const path = join(copy, 'packages', tested.folder, 'src', file)
      const source = await readFile(path, 'utf8')
      if (source.split(code).length !== 2)
        throw new Error(`${file}: "${code}" stands there ${source.split(code).length - 1} times, not once.`)
      await writeFile(
        path,
        source.replace(code, () => without),
      )
      const noticed = await runTests(tested)
      await writeFile(path, source)
      count++
      if (noticed === undefined) missed.push(name)
      console.log(
        `${noticed === undefined ? 'MISSED ' : 'noticed'}  ${name} (${tested.folder}: ${file})\n         ${noticed ?? 'no test fails without it'}`,
      )
    }
  }
} finally {
  await rm(copy, { recursive: true, force: true })
}
console.log(`\n${count - missed.length} of ${count} guards are missed by a test when they are taken out.`)
if (missed.length > 0) process.exitCode = 1

/** The first test that fails, or undefined when all pass. */
async function runTests({ folder, tests = [], exclude = [] }: GuardedPackage): Promise<string | undefined> {
  const child = spawn(
    process.execPath,
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      ...tests.map((test) => `packages/${folder}/${test}`),
      '--project',
      folder,
      '--bail=1',
      '--reporter=json',
      ...exclude.map((glob) => `--exclude=**/${glob}`),
    ],
    { cwd: copy, stdio: ['ignore', 'pipe', 'ignore'] },
  )
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
  await new Promise((resolve) => child.on('close', resolve))
  const report = output.slice(output.indexOf('{"numTotalTestSuites'))
  const { testResults } = JSON.parse(report.slice(0, report.lastIndexOf('}') + 1)) as {
    testResults: {
      name: string
      message: string
      status: string
      assertionResults: { status: string; fullName: string }[]
    }[]
  }
  for (const { name, message, status, assertionResults } of testResults) {
    const failed = assertionResults.find((result) => result.status === 'failed')
    if (failed !== undefined) return failed.fullName
    if (status === 'failed') return `${name.split('/').at(-1)}: ${message.split('\n')[0]}`
  }
  return undefined
}
