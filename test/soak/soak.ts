import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import autocannon from 'autocannon'
import { startMem0Platform, type Fault, type Mem0Platform } from '@scoped-memory/mem0-platform'

export interface SoakOptions {
  /** How many users there are at once, each with a session and a connection. */
  readonly users: number
  readonly seconds: number
  /** The interval at which faults are injected, in milliseconds. */
  readonly faultEveryMillis: number
  /** The mistake of mistakes.ts that the server makes. Default: none. */
  readonly mistake?: string
}

export interface SoakReport {
  readonly users: number
  readonly responses: number
  /** Responses by status. */
  readonly statuses: Readonly<Record<string, number>>
  /** Requests whose connection broke or that got no response in time. */
  readonly unanswered: number
  /** Faults of the back end by kind. */
  readonly faults: Readonly<Record<string, number>>
  /** How many memories the responses held. */
  readonly memories: number
  /** How many responses named another user. */
  readonly foreign: number
  /** How many writes were acknowledged. */
  readonly acknowledged: number
  /** How many acknowledged writes were not found afterwards. */
  readonly lost: number
  /** How many writes were found more than once. */
  readonly duplicated: number
  /** How many writes are stored under a user who did not send them. */
  readonly misplaced: number
}

/** What one user sent, and what was acknowledged. */
interface SoakUser {
  readonly userId: string
  readonly cookie: string
  sent: number
  readonly acknowledged: Set<string>
}

const NAMED_USER = /u_\d{4}\b/g

/** Runs many users at once on a real server, over a back end that fails at random, and counts leaked, lost and duplicated memories. */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  await using platform = await startMem0Platform({ recordRequests: false })
  await using server = await startServer(platform.url, options.mistake)
  const soakUsers = await Promise.all(
    Array.from({ length: options.users }, (_, index) => logIn(server.url, `u_${1000 + index}`)),
  )
  const seen = { responses: 0, memories: 0, foreign: 0, statuses: {} as Record<string, number> }
  const recordResponse = ({ userId }: SoakUser, status: number, body: string): void => {
    seen.responses++
    seen.statuses[status] = (seen.statuses[status] ?? 0) + 1
    const named = body.match(NAMED_USER) ?? []
    if (named.some((name) => name !== userId)) seen.foreign++
    if (status === 200) seen.memories += (JSON.parse(body) as unknown[]).length
  }

  const faults = injectFaults(platform, options.faultEveryMillis, options.users)
  const { errors } = await drive(server.url, options, soakUsers, recordResponse)
  const injected = await faults.stop()

  const found = new Map<SoakUser, string[]>()
  for (const user of soakUsers) found.set(user, await everythingOf(server.url, user, recordResponse))
  const everything = [...found].map(([user, texts]) => ({ user, texts, unique: new Set(texts) }))
  const count = (of: (one: (typeof everything)[number]) => number): number =>
    everything.reduce((sum, one) => sum + of(one), 0)
  return {
    users: options.users,
    ...seen,
    unanswered: errors,
    faults: injected,
    acknowledged: count(({ user }) => user.acknowledged.size),
    lost: count(({ user, unique }) => [...user.acknowledged].filter((text) => !unique.has(text)).length),
    duplicated: count(({ texts, unique }) => texts.length - unique.size),
    misplaced: [...platform.store.all()].filter(({ text, userId }) => !text.endsWith(` ${userId}`)).length,
  }
}

/** Each user writes, searches and lists in turn, over its own connection. */
async function drive(
  url: string,
  { users, seconds }: SoakOptions,
  soakUsers: readonly SoakUser[],
  recordResponse: (user: SoakUser, status: number, body: string) => void,
): Promise<{ errors: number }> {
  let connected = 0
  return autocannon({
    url,
    connections: users,
    duration: seconds,
    setupClient(client) {
      const user = soakUsers[connected++ % soakUsers.length]!
      // A new object each time, since autocannon writes the length of the body into it.
      const headers = () => ({ cookie: user.cookie, 'content-type': 'application/json' })
      let text = ''
      client.setRequests([
        {
          method: 'POST',
          path: '/notes',
          setupRequest(request) {
            text = `note ${user.sent++} of ${user.userId}`
            return { ...request, headers: headers(), body: JSON.stringify({ text }) }
          },
          onResponse(status, body) {
            if (status === 201) user.acknowledged.add(text)
            recordResponse(user, status, body)
          },
        },
        ...['/notes?q=note', '/notes'].map((path) => ({
          method: 'GET' as const,
          path,
          headers: headers(),
          onResponse: (status: number, body: string) => recordResponse(user, status, body),
        })),
      ])
    },
  })
}

/** Injects faults into the back end, one at a time and at random, until it is stopped. */
function injectFaults(
  platform: Mem0Platform,
  everyMillis: number,
  users: number,
): { stop(): Promise<Record<string, number>> } {
  const kinds: Readonly<Record<string, () => Fault>> = {
    'rate limit': () => ({ status: 429 }),
    'server error': () => ({ status: 500 }),
    'bad gateway': () => ({ status: 502, body: '<html>' }),
    'broken connection': () => ({ closeSocket: true }),
    'no response': () => ({ hang: true }),
    'slow response': () => ({ delayMillis: 50 + Math.random() * 500 }),
    'not JSON': () => ({ rubbish: '<html>' }),
    'records of another user': () => ({ foreignRowsOf: `u_${1000 + Math.floor(Math.random() * users)}` }),
  }
  const injected: Record<string, number> = {}
  const names = Object.keys(kinds)
  const timer = setInterval(() => {
    const name = names[Math.floor(Math.random() * names.length)]!
    injected[name] = (injected[name] ?? 0) + 1
    platform.misbehave({ with: kinds[name]!() })
  }, everyMillis)
  return {
    async stop() {
      clearInterval(timer)
      // Uses up the faults that are still pending.
      const total = Object.values(injected).reduce((sum, times) => sum + times, 0)
      await Promise.allSettled(
        Array.from({ length: total }, () => fetch(platform.url, { signal: AbortSignal.timeout(500) })),
      )
      return injected
    },
  }
}

async function logIn(url: string, userId: string): Promise<SoakUser> {
  const response = await fetch(`${url}/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ userId }),
  })
  const cookie = response.headers.getSetCookie()[0]!.split(';')[0]!
  return { userId, cookie, sent: 0, acknowledged: new Set() }
}

/** The texts of all memories of a user, as the server lists them. */
async function everythingOf(
  url: string,
  user: SoakUser,
  recordResponse: (user: SoakUser, status: number, body: string) => void,
): Promise<string[]> {
  const response = await fetch(`${url}/notes/all`, { headers: { cookie: user.cookie } })
  const body = await response.text()
  recordResponse(user, response.status, body)
  if (response.status !== 200) throw new Error(`The server does not recover: ${response.status} ${body}`)
  return (JSON.parse(body) as { memory: string }[]).map(({ memory }) => memory)
}

async function startServer(
  platformUrl: string,
  mistake: string | undefined,
): Promise<AsyncDisposable & { readonly url: string }> {
  const child = fork(fileURLToPath(new URL('server.ts', import.meta.url)), {
    execArgv: ['--conditions=@scoped-memory/source', '--import', 'tsx'],
    // Its errors are the injected ones.
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: {
      ...process.env,
      NODE_ENV: 'production',
      MEM0_TELEMETRY: 'false',
      MEM0_HOST: platformUrl,
      ...(mistake !== undefined && { SOAK_MISTAKE: mistake }),
    },
  })
  const ended = once(child, 'close')
  const [url] = (await Promise.race([
    once(child, 'message'),
    ended.then(() => Promise.reject(new Error('The server of the soak has ended.'))),
  ])) as [string]
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.kill()
      await ended
    },
  }
}
