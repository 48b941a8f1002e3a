// A nightly agent: for each user in a file it recalls, writes a summary and stores it. Ctrl-C stops it; the same command
// resumes where it stopped.
import { parseArgs } from 'node:util'
import { forEachUser, type UserProgress } from '@scoped-memory/core'
import { Presets, SingleBar } from 'cli-progress'
import { CursorFile } from './cursor.ts'
import { summarise } from './summary.ts'
import { usersOf } from './users.ts'

const CURSOR_EVERY = 50

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    night: { type: 'string', default: new Date().toISOString().slice(0, 10) },
    concurrency: { type: 'string', default: '16' },
  },
})
const [file] = positionals
if (file === undefined || !process.env['MEM0_API_KEY']) {
  console.error(
    'MEM0_API_KEY=… pnpm agent <file of user ids, one per line> [--night YYYY-MM-DD] [--concurrency 16]',
  )
  process.exit(2)
}

const { night, concurrency } = values
const cursorFile = new CursorFile(`${file}.${night}.cursor`)
const after = cursorFile.read()
if (after !== undefined) console.log(`Going on after ${after}.`)

const interrupt = new AbortController()
process.once('SIGINT', () => interrupt.abort())

const bar = new SingleBar(
  {
    format: '{bar} {value}/{total} users · {failed} failed · {eta_formatted} left{waiting}',
    noTTYOutput: true,
  },
  Presets.shades_classic,
)
bar.start(await count(usersOf(file)), 0, { failed: 0, waiting: '' })
const onProgress = ({ done, skipped, failed, pausedUntil }: UserProgress): void => {
  bar.update(skipped + done, {
    failed,
    waiting: pausedUntil === undefined ? '' : ' · waiting for the rate limit',
  })
}

let done = 0
let failed = 0
let last: string | undefined
try {
  // No client: it comes from MEM0_API_KEY, and from MEM0_HOST where that is not the hosted API.
  for await (const { userId, cursor, error } of forEachUser(
    usersOf(file),
    (memory) => summarise(memory, night),
    {
      concurrency: Number(concurrency),
      after,
      signal: interrupt.signal,
      onProgress,
    },
  )) {
    if (error !== undefined) {
      failed++
      console.error(`\n${userId}: ${error.message}`)
    }
    last = cursor
    if (++done % CURSOR_EVERY === 0) cursorFile.write(cursor)
  }
  bar.stop()
  cursorFile.remove()
  console.log(`Done: ${done} users, ${failed} of them failed.`)
  process.exitCode = failed > 0 ? 1 : 0
} catch (error) {
  bar.stop()
  cursorFile.write(last)
  if (error !== interrupt.signal.reason) throw error
  console.log(`Interrupted after ${done} users. The same command goes on from there.`)
  process.exitCode = 130
}

async function count(users: AsyncIterable<string>): Promise<number> {
  let total = 0
  for await (const _user of users) total++
  return total
}
