import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { startMem0Platform, type Mem0Platform } from '@scoped-memory/mem0-platform'

const NIGHT = '2026-01-31'
const CONCURRENCY = 4
const root = fileURLToPath(new URL('../..', import.meta.url))

let platform: Mem0Platform
let directory: string
let file: string
const running = new Set<ChildProcess>()
beforeAll(async () => {
  platform = await startMem0Platform()
})
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'agent-'))
  file = join(directory, 'users.txt')
})
afterEach(() => {
  for (const child of running) child.kill('SIGKILL')
  platform.reset()
  rmSync(directory, { recursive: true, force: true })
})
afterAll(() => platform.close())

/** Users with memories of their own, each holding a word that nobody else has; slow enough to be interrupted. */
function seed(users: readonly string[], delayMillis: number): void {
  for (const userId of users) {
    platform.store.seed(
      ['tea', 'a move', 'a cat'].map((text) => ({ text: `${text} of secret-${userId}-end`, userId })),
    )
  }
  platform.misbehave({ match: { path: /add/ }, times: Infinity, with: { delayMillis } })
}

function start(): { child: ChildProcess; ended: Promise<{ code: number | null; output: string }> } {
  const child = spawn(
    process.execPath,
    [
      '--conditions=@scoped-memory/source',
      '--import',
      createRequire(import.meta.url).resolve('tsx'),
      'examples/agent/src/agent.ts',
      file,
      `--night=${NIGHT}`,
      `--concurrency=${CONCURRENCY}`,
    ],
    {
      cwd: root,
      env: {
        ...process.env,
        MEM0_API_KEY: 'm0-test-key',
        MEM0_HOST: platform.url,
        MEM0_DIR: directory,
        MEM0_TELEMETRY: 'false',
      },
    },
  )
  running.add(child)
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const ended = once(child, 'close').then(([code]) => {
    running.delete(child)
    return { code: code as number | null, output }
  })
  return { child, ended }
}

const summariesOf = (userId: string): string[] =>
  platform.store
    .ofUser(userId)
    .map(({ text }) => text)
    .filter((text) => text.startsWith('Summary of'))

const searches = () => platform.requests.filter(({ path }) => path.endsWith('/search/'))

const summarised = (users: readonly string[]): string[] =>
  users.filter((userId) => summariesOf(userId).length > 0)

async function until(condition: () => boolean, child: ChildProcess): Promise<void> {
  while (!condition() && child.exitCode === null) await sleep(5)
}

/** Every user has one summary, which holds the user's own words and nobody else's. */
function checkSummaries(users: readonly string[]): void {
  for (const userId of users) {
    const summaries = summariesOf(userId)
    expect(summaries, userId).toHaveLength(1)
    const secrets = new Set(summaries[0]!.match(/secret-.*?-end/g))
    expect([...secrets]).toEqual([`secret-${userId}-end`])
  }
}

it('writes one summary for each user, interrupted, killed, rate limited and resumed', async () => {
  const users = Array.from({ length: 160 }, (_, index) => `user-${index}`)
  writeFileSync(file, users.join('\n'))
  seed(users, 15)
  const cursorFile = `${file}.${NIGHT}.cursor`

  const first = start()
  await until(() => summarised(users).length >= 30, first.child)
  first.child.kill('SIGINT')
  const interrupted = await first.ended
  expect(interrupted.code, interrupted.output).toBe(130)
  const done = summarised(users)
  expect(done.length).toBeGreaterThanOrEqual(30)
  expect(done.length).toBeLessThan(users.length)
  // Those in work were finished: the cursor is exactly behind what was done.
  expect(readFileSync(cursorFile, 'utf8')).toBe(done.at(-1))
  expect(done).toEqual(users.slice(0, done.length))
  expect(interrupted.output).toContain(`Interrupted after ${done.length} users`)

  platform.clearRequests()
  const second = start()
  await until(() => summarised(users).length >= done.length + 30, second.child)
  second.child.kill('SIGKILL')
  await second.ended
  expect(JSON.stringify(searches())).not.toContain(`"${done[0]!}"`)

  platform.clearRequests()
  platform.misbehave({ match: { path: /search/ }, times: 2, with: { status: 429 } })
  const left = users.length - summarised(users).length
  const third = start()
  const { code, output } = await third.ended
  expect(code, output).toBe(0)
  expect(existsSync(cursorFile)).toBe(false)
  // Each user that was left, and the two requests that were refused.
  expect(searches()).toHaveLength(left + 2)
  checkSummaries(users)

  // The same night once more: everybody has a summary, nobody gets another.
  expect((await start().ended).code).toBe(0)
  checkSummaries(users)
})

it('skips what is not a user id, and says so', async () => {
  const users = ['user-1', '*', 'user-2', ' ', 'undefined', 'user-3']
  writeFileSync(file, users.join('\n'))
  seed(['user-1', 'user-2', 'user-3', 'somebody-else'], 0)
  const { code, output } = await start().ended
  expect(code, output).toBe(1)
  expect(output).toContain('Done: 6 users, 3 of them failed.')
  checkSummaries(['user-1', 'user-2', 'user-3'])
  expect(summariesOf('somebody-else')).toEqual([])
  expect(JSON.stringify(platform.requests)).not.toMatch(/"\*"|"undefined"/)
})
