import { fork } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { fileURLToPath } from 'node:url'
import autocannon from 'autocannon'
import type { SoakBackend } from './backend.ts'

export interface SoakOptions {
  /** What the memories are stored in. It is disposed of at the end. */
  readonly backend: SoakBackend
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
  /** The longest time after an outage until the first user was served again, in milliseconds. */
  readonly recoveryMillis: number
  /** How many memories the responses held. */
  readonly memories: number
  /** How many responses named another user. */
  readonly foreign: number
  /** How many writes were acknowledged. */
  readonly acknowledged: number
  /** How many acknowledged writes were not found afterwards. */
  readonly lost: number
  /** How many writes failed in a way that leaves open whether they were done. */
  readonly unknown: number
  /** How many writes were found although they were said to have failed; 0 where the back end cannot tell. */
  readonly denied: number
  /** How many writes were found in part. */
  readonly torn: number
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
  readonly failed: Set<string>
  unknown: number
}

/** Codes of errors after which a write may have been done. */
const OPEN_FATES = ['OUTCOME_UNKNOWN', 'TIMEOUT']

const NAMED_USER = /u_\d{4}\b/g

/** Runs many users at once on a real server, over a back end that fails at random, and counts leaked, lost and duplicated memories. */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  await using backend = options.backend
  await using server = await startServer(backend, options.mistake)
  const soakUsers = await Promise.all(
    Array.from({ length: options.users }, (_, index) => logIn(server.url, `u_${1000 + index}`)),
  )
  const seen = { responses: 0, memories: 0, foreign: 0, statuses: {} as Record<string, number> }
  const responses = new EventEmitter()
  const recordResponse = ({ userId }: SoakUser, status: number, body: string): void => {
    seen.responses++
    if (status < 300) responses.emit('success')
    seen.statuses[status] = (seen.statuses[status] ?? 0) + 1
    const named = body.match(NAMED_USER) ?? []
    if (named.some((name) => name !== userId)) seen.foreign++
    if (status === 200) seen.memories += (JSON.parse(body) as unknown[]).length
  }

  const faults = backend.injectFaults(options, async () => void (await once(responses, 'success')))
  const { errors } = await drive(server.url, options, soakUsers, recordResponse)
  const { counts, recoveryMillis } = await faults.stop()

  const found = new Map<SoakUser, string[]>()
  for (const user of soakUsers) found.set(user, await everythingOf(server.url, user, recordResponse))
  const everything = [...found].map(([user, texts]) => ({ user, texts, unique: new Set(texts) }))
  const stored = await backend.stored()
  const count = (of: (one: (typeof everything)[number]) => number): number =>
    everything.reduce((sum, one) => sum + of(one), 0)
  return {
    users: options.users,
    ...seen,
    unanswered: errors,
    faults: counts,
    recoveryMillis,
    acknowledged: count(({ user }) => user.acknowledged.size),
    lost: count(({ user, unique }) => [...user.acknowledged].filter((text) => !unique.has(text)).length),
    unknown: count(({ user }) => user.unknown),
    denied: backend.tellsFate
      ? count(({ user, unique }) => [...user.failed].filter((text) => unique.has(text)).length)
      : 0,
    torn: stored.filter(({ isWhole }) => !isWhole).length,
    duplicated: count(({ texts, unique }) => texts.length - unique.size),
    misplaced: stored.filter(({ text, userId }) => !text.endsWith(` ${userId}`)).length,
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
            else if (OPEN_FATES.includes((JSON.parse(body) as { code: string }).code)) user.unknown++
            else user.failed.add(text)
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

async function logIn(url: string, userId: string): Promise<SoakUser> {
  const response = await fetch(`${url}/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ userId }),
  })
  const cookie = response.headers.getSetCookie()[0]!.split(';')[0]!
  return { userId, cookie, sent: 0, acknowledged: new Set(), failed: new Set(), unknown: 0 }
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
  { env }: SoakBackend,
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
      ...env,
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
