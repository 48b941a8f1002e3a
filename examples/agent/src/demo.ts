// The agent without a key: a stand-in for the hosted API, ten thousand users with three memories each, a SIGINT on the way,
// then a rate limit and the rest. `pnpm start --users 500` is quicker.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startMem0Platform } from '@scoped-memory/mem0-platform'

const { values } = parseArgs({ options: { users: { type: 'string', default: '10000' } } })
const users = Array.from(
  { length: Number(values.users) },
  (_, index) => `user-${String(index).padStart(6, '0')}`,
)

const platform = await startMem0Platform({ recordRequests: false })
for (const userId of users) {
  platform.store.seed(
    ['likes tea', 'moved house', 'has a cat'].map((text) => ({ text: `${userId} ${text}`, userId })),
  )
}
const directory = mkdtempSync(join(tmpdir(), 'nightly-agent-'))
const file = join(directory, 'users.txt')
writeFileSync(file, users.join('\n'))

try {
  console.log(`${users.length} users on ${platform.url}. The agent is interrupted after a third of them.\n`)
  const first = agent()
  const stored = platform.store.size
  while (platform.store.size < stored + users.length / 3 && first.exitCode === null) await soon()
  first.kill('SIGINT')
  await ended(first)

  console.log('\nAgain, with a rate limit on the way:\n')
  const second = agent()
  setTimeout(
    () => platform.misbehave({ times: 3, with: { status: 429, headers: { 'retry-after': '2' } } }),
    1500,
  )
  await ended(second)

  const right = users.filter((userId) => {
    const summaries = platform.store.ofUser(userId).filter(({ text }) => text.startsWith('Summary'))
    const mentioned = new Set(summaries.flatMap(({ text }) => text.match(/user-\d+/g) ?? []))
    return summaries.length === 1 && mentioned.size === 1 && mentioned.has(userId)
  })
  console.log(`\n${right.length} of ${users.length} users have one summary, of their own memories alone.`)
  process.exitCode = right.length === users.length ? 0 : 1
} finally {
  await platform.close()
  rmSync(directory, { recursive: true, force: true })
}

function agent() {
  const script = fileURLToPath(new URL('agent.ts', import.meta.url))
  const tsx = createRequire(import.meta.url).resolve('tsx')
  return spawn(process.execPath, ['--conditions=@scoped-memory/source', '--import', tsx, script, file], {
    stdio: 'inherit',
    env: {
      ...process.env,
      MEM0_API_KEY: 'm0-demo',
      MEM0_HOST: platform.url,
      MEM0_DIR: directory,
      MEM0_TELEMETRY: 'false',
    },
  })
}

async function ended(child: ReturnType<typeof agent>): Promise<void> {
  if (child.exitCode === null) await once(child, 'exit')
}

function soon(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20))
}
