import { createMemoryFactory, forEachUser, type ScopedMemory } from '@scoped-memory/core'
import type { MemoryClient } from 'mem0ai'
import type { Memory } from 'mem0ai/oss'
import { millisInTurn, percentile, type Sampling, type Work } from '../paired.ts'
import type { ScaleEngineKind } from './engines.ts'
import type { ScaleEngine } from './scale-engine.ts'
import { isOwnText, QUESTION, userId } from './texts.ts'

export interface ScaleOptions {
  /** How many users, smallest first. */
  readonly users: readonly number[]
  readonly sampling: Sampling
  /** How many users are deleted through each of the two clients. */
  readonly deletions: Sampling
  /** How many users to serve, one handle each, after the largest step; on some engines. */
  readonly served: number
}

/** The progress, for a progress bar. */
export interface ScaleProgress {
  readonly doing: string
  readonly done: number
  readonly of: number
}

/** Figures by name, such as `scale.<engine>.<users>.<operation>.p50Millis`, or why there are none. */
export type ScaleMeasurements =
  | { readonly figures: Record<string, number> }
  | { readonly unavailable: string }

export const OPERATIONS = ['search', 'getAll', 'add', 'deleteAll'] as const
type Operation = (typeof OPERATIONS)[number]

/** Measures one engine at each number of users, alternating between ScopedMemory and the bare client. */
export async function measureEngine(
  name: string,
  kind: ScaleEngineKind,
  options: ScaleOptions,
  onProgress: (progress: ScaleProgress) => void,
): Promise<ScaleMeasurements> {
  const figures: Record<string, number> = {}
  const engine = await kind.open()
  if ('unavailable' in engine) return engine
  try {
    for (const users of options.users) {
      const memories = kind.memoriesFor(users)
      if (typeof memories === 'string') continue
      // The users to delete come on top.
      const present = users + 2 * options.deletions.samples
      const prefix = `scale.${name}.${users}`
      let stored = 0
      const report = (doing: string, done: number, of: number): void =>
        onProgress({ doing: `${kind.title}, ${users.toLocaleString('en')} users: ${doing}`, done, of })
      await engine.fill(present, memories, (rows) => report('filling', (stored += rows), present * memories))
      figures[`${prefix}.memoriesPerUser`] = memories
      const calls = callsOf(engine)
      if (engine.index !== undefined) {
        report('without an index on the user', 0, 1)
        const scan = await millisInTurn(() => calls.bare.search(someUser(users)), nothing, {
          samples: 5,
        })
        figures[`${prefix}.search.unindexed.p50Millis`] = percentile(scan.baseline, 0.5)
        report('making the index', 0, 1)
        figures[`${prefix}.ensureUserIndex.millis`] = (await engine.index()).millis
      }
      await checkResults(calls.scoped, users, memories)

      let nextDeleted = users
      for (const [index, operation] of OPERATIONS.entries()) {
        report(operation, index, OPERATIONS.length)
        const deletes = operation === 'deleteAll'
        const user = deletes ? () => userId(nextDeleted++) : () => someUser(users)
        const work =
          (call: (user: string) => Promise<unknown>): Work =>
          () =>
            call(user())
        if (!deletes) await warmUp(calls, operation, users)
        const { baseline, subject } = await millisInTurn(
          work(calls.bare[operation]),
          work(calls.scoped[operation]),
          deletes ? options.deletions : options.sampling,
        )
        figures[`${prefix}.${operation}.samples`] = subject.length
        for (const [percent, share] of PERCENTILES) {
          figures[`${prefix}.${operation}.${percent}Millis`] = percentile(subject, share)
          figures[`${prefix}.${operation}.bare.${percent}Millis`] = percentile(baseline, share)
        }
        figures[`${prefix}.${operation}.ratio`] = percentile(subject, 0.5) / percentile(baseline, 0.5)
      }
      figures[`${prefix}.rssBytes`] = resident()
      if (engine.serverRss !== undefined) figures[`${prefix}.server.rssBytes`] = await engine.serverRss()
      if (kind.servesEverybody && users === options.users.at(-1)) {
        Object.assign(figures, await serve(engine, prefix, users, options.served, report))
      }
    }
  } finally {
    await engine.close()
  }
  return { figures }
}

const PERCENTILES = [
  ['p50', 0.5],
  ['p95', 0.95],
] as const
const nothing = (): Promise<void> => Promise.resolve()
const someUser = (users: number): string => userId(Math.floor(Math.random() * users))

interface Calls {
  readonly bare: Record<Operation, (user: string) => Promise<unknown>>
  /** Each call makes its own handle, as a request would. */
  readonly scoped: Record<Operation, (user: string) => Promise<unknown>>
}

const NEW_TEXT = 'I have just moved to another town'

function callsOf({ client }: ScaleEngine): Calls {
  const memoryFor = createMemoryFactory({ client })
  const scoped = {
    search: (user: string) => memoryFor(user).search(QUESTION),
    getAll: (user: string) => memoryFor(user).getAll(),
    add: (user: string) => memoryFor(user).add(`${NEW_TEXT} (${user})`, { infer: false }),
    deleteAll: (user: string) => memoryFor(user).deleteAll(),
  }
  if ('batchDelete' in client) {
    const hosted = client as MemoryClient
    const filters = (user: string) => ({ AND: [{ user_id: user }] })
    return {
      scoped,
      bare: {
        search: (user) => hosted.search(QUESTION, { filters: filters(user) }),
        getAll: (user) => hosted.getAll({ filters: filters(user) }),
        add: (userId) =>
          hosted.add([{ role: 'user', content: `${NEW_TEXT} (${userId})` }], { userId, infer: false }),
        deleteAll: (userId) => hosted.deleteAll({ userId }),
      },
    }
  }
  const selfHosted = client as Memory
  return {
    scoped,
    bare: {
      search: (user) => selfHosted.search(QUESTION, { filters: { user_id: user } }),
      getAll: (user) => selfHosted.getAll({ filters: { user_id: user } }),
      add: (userId) => selfHosted.add(`${NEW_TEXT} (${userId})`, { userId, infer: false }),
      deleteAll: (userId) => selfHosted.deleteAll({ userId }),
    },
  }
}

const WARM_UP_CALLS = 20
const WARM_UP_MILLIS = 3000

async function warmUp(calls: Calls, operation: Operation, users: number): Promise<void> {
  await millisInTurn(
    () => calls.bare[operation](someUser(users)),
    () => calls.scoped[operation](someUser(users)),
    { samples: WARM_UP_CALLS, maxMillis: WARM_UP_MILLIS },
  )
}

/** A fast result that is wrong is worth nothing. */
async function checkResults(scoped: Calls['scoped'], users: number, memories: number): Promise<void> {
  for (const user of [userId(0), userId(users - 1), someUser(users)]) {
    const listed = (await scoped.getAll(user)) as Awaited<ReturnType<ScopedMemory['getAll']>>
    const found = (await scoped.search(user)) as Awaited<ReturnType<ScopedMemory['search']>>
    const foreign = [...listed.results, ...found.results].filter(({ memory }) => !isOwnText(memory, user))
    if (foreign.length > 0 || listed.results.length !== memories || found.results.length === 0) {
      throw new Error(
        `${user} has ${memories} memories, but getAll() shows ${listed.results.length}, search() ${found.results.length}, ` +
          `of which ${foreign.length} are not this user's.`,
      )
    }
  }
}

const CHECKPOINTS = 10
const REPORTED = 1000

/** Serves so many users, one handle each, and measures the memory of this process on the way. */
async function serve(
  { client }: ScaleEngine,
  prefix: string,
  users: number,
  served: number,
  report: (doing: string, done: number, of: number) => void,
): Promise<Record<string, number>> {
  const figures: Record<string, number> = {}
  const step = Math.ceil(served / CHECKPOINTS)
  function* everybody(): Generator<string> {
    for (let index = 0; index < served; index++) yield userId(index % users)
  }
  const startedAt = performance.now()
  const { failed } = await forEachUser(everybody(), (memory) => memory.getAll(), {
    client,
    concurrency: 16,
    onProgress({ done }) {
      if (done % REPORTED === 0) report('serving each of them', done, served)
      if (done % step === 0 || done === served) figures[`${prefix}.served.${done}.rssBytes`] = resident()
    },
  }).completed()
  if (failed > 0) throw new Error(`${failed} of ${served} users could not be served.`)
  figures[`${prefix}.served.perSecond`] = served / ((performance.now() - startedAt) / 1000)
  return figures
}

/** After what can be collected is collected, where Node was started with --expose-gc. */
function resident(): number {
  ;(globalThis as { gc?: () => void }).gc?.()
  return process.memoryUsage.rss()
}
