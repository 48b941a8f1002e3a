import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import autocannon from 'autocannon'
import { startMem0Platform, type Fault, type Mem0Platform } from '@scoped-memory/mem0-platform'

export interface SoakOptions {
  /** How many users are there at once, each with a session and a connection. */
  readonly users: number
  readonly seconds: number
  /** A fault is injected each time this many milliseconds have passed. */
  readonly faultEveryMillis: number
  /** A mistake of mistakes.ts that the server makes. Default: none. */
  readonly mistake?: string
}

export interface SoakReport {
  readonly users: number
  readonly answers: number
  /** Answers by status. */
  readonly statuses: Readonly<Record<string, number>>
  /** Connections that broke or got no answer in time. */
  readonly unanswered: number
  /** Faults of the back end by kind. */
  readonly faults: Readonly<Record<string, number>>
  /** Memories in the answers, each looked at. */
  readonly memories: number
  /** How many answers named another user. */
  readonly foreign: number
  readonly acknowledged: number
  /** Acknowledged writes that were not found afterwards. */
  readonly lost: number
  /** Writes that were found more than once. */
  readonly twice: number
  /** Writes that are stored under a user who did not send them. */
  readonly misplaced: number
}

/** What one user sent and was told. */
interface Person {
  readonly userId: string
  readonly cookie: string
  sent: number
  readonly acknowledged: Set<string>
}

const NAMED_USER = /u_\d{4}\b/g

/** Many users at once on a real server over a back end that fails at random: does any see, lose or double a memory? */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  await using platform = await startMem0Platform({ recordRequests: false })
  await using server = await startServer(platform.url, options.mistake)
  const people = await Promise.all(
    Array.from({ length: options.users }, (_, index) => logIn(server.url, `u_${1000 + index}`)),
  )
  const seen = { answers: 0, memories: 0, foreign: 0, statuses: {} as Record<string, number> }
  const look = ({ userId }: Person, status: number, body: string): void => {
    seen.answers++
    seen.statuses[status] = (seen.statuses[status] ?? 0) + 1
    const named = body.match(NAMED_USER) ?? []
    if (named.some((name) => name !== userId)) seen.foreign++
    if (status === 200) seen.memories += (JSON.parse(body) as unknown[]).length
  }

  const faults = injectFaults(platform, options.faultEveryMillis, options.users)
  const { errors } = await drive(server.url, options, people, look)
  const injected = await faults.stop()

  const found = new Map<Person, string[]>()
  for (const person of people) found.set(person, await everythingOf(server.url, person, look))
  const everything = [...found].map(([person, texts]) => ({ person, texts, unique: new Set(texts) }))
  const count = (of: (one: (typeof everything)[number]) => number): number =>
    everything.reduce((sum, one) => sum + of(one), 0)
  return {
    users: options.users,
    ...seen,
    unanswered: errors,
    faults: injected,
    acknowledged: count(({ person }) => person.acknowledged.size),
    lost: count(({ person, unique }) => [...person.acknowledged].filter((text) => !unique.has(text)).length),
    twice: count(({ texts, unique }) => texts.length - unique.size),
    misplaced: [...platform.store.all()].filter(({ text, userId }) => !text.endsWith(` ${userId}`)).length,
  }
}

/** Each user writes, searches and lists in turn, over a connection of their own. */
async function drive(
  url: string,
  { users, seconds }: SoakOptions,
  people: readonly Person[],
  look: (person: Person, status: number, body: string) => void,
): Promise<{ errors: number }> {
  let connected = 0
  return autocannon({
    url,
    connections: users,
    duration: seconds,
    setupClient(client) {
      const person = people[connected++ % people.length]!
      // A new object each time: autocannon writes the length of the body into it.
      const headers = () => ({ cookie: person.cookie, 'content-type': 'application/json' })
      let text = ''
      client.setRequests([
        {
          method: 'POST',
          path: '/notes',
          setupRequest(request) {
            text = `note ${person.sent++} of ${person.userId}`
            return { ...request, headers: headers(), body: JSON.stringify({ text }) }
          },
          onResponse(status, body) {
            if (status === 201) person.acknowledged.add(text)
            look(person, status, body)
          },
        },
        ...['/notes?q=note', '/notes'].map((path) => ({
          method: 'GET' as const,
          path,
          headers: headers(),
          onResponse: (status: number, body: string) => look(person, status, body),
        })),
      ])
    },
  })
}

/** What the back end does wrong, one at a time and at random, until it is stopped. */
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
    'no answer': () => ({ hang: true }),
    'slow answer': () => ({ delayMillis: 50 + Math.random() * 500 }),
    'no JSON': () => ({ rubbish: '<html>' }),
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
      // Whatever is still owed is used up here.
      const total = Object.values(injected).reduce((sum, times) => sum + times, 0)
      await Promise.allSettled(
        Array.from({ length: total }, () => fetch(platform.url, { signal: AbortSignal.timeout(500) })),
      )
      return injected
    },
  }
}

async function logIn(url: string, userId: string): Promise<Person> {
  const answer = await fetch(`${url}/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ userId }),
  })
  const cookie = answer.headers.getSetCookie()[0]!.split(';')[0]!
  return { userId, cookie, sent: 0, acknowledged: new Set() }
}

/** The texts of all memories of a user, as the server lists them. */
async function everythingOf(
  url: string,
  person: Person,
  look: (person: Person, status: number, body: string) => void,
): Promise<string[]> {
  const answer = await fetch(`${url}/notes/all`, { headers: { cookie: person.cookie } })
  const body = await answer.text()
  look(person, answer.status, body)
  if (answer.status !== 200) throw new Error(`The server does not recover: ${answer.status} ${body}`)
  return (JSON.parse(body) as { memory: string }[]).map(({ memory }) => memory)
}

async function startServer(
  platformUrl: string,
  mistake: string | undefined,
): Promise<AsyncDisposable & { readonly url: string }> {
  const child = fork(fileURLToPath(new URL('server.ts', import.meta.url)), {
    execArgv: ['--conditions=@scoped-memory/source', '--import', 'tsx'],
    // What it fails with is what is injected.
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
    ended.then(() => Promise.reject(new Error('The server of the soak ended.'))),
  ])) as [string]
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.kill()
      await ended
    },
  }
}
