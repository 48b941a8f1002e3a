// What ScopedMemory costs compared with the bare client: the real MemoryClient over HTTP to the stand-in in another process.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createMemoryFactory, ScopedMemory, type SelfHostedClient } from '@scoped-memory/core'
import { MemoryClient } from 'mem0ai'
import { startMem0Platform } from '@scoped-memory/mem0-platform'
import { median, throughputRatio } from './paired.ts'

const USER = 'u_alice'
const FILTERS = { AND: [{ user_id: USER }] }

export async function bench(): Promise<Record<string, number>> {
  return { ...(await ratios()), ...(await cpu()), ...handles(), ...retained(), ...(await calls()) }
}

async function ratios(): Promise<Record<string, number>> {
  const { url, stop } = await platformProcess()
  const client = new MemoryClient({ apiKey: 'm0-bench', host: url })
  const memory = createMemoryFactory({ client, ownershipCacheSize: 100_000 })(USER)
  const ids: string[] = []
  for (let index = 0; index < 20; index++) {
    const { results } = await memory.add(`note ${index}`, { infer: false })
    ids.push(results[0]!.id)
  }
  const next = counter()
  const id = () => ids[next() % ids.length]!
  // A proof is cold for an id that no handle has seen; a cache of one entry forgets each id at once.
  const cold = createMemoryFactory({ client, ownershipCacheSize: 1 })(USER)
  const message = [{ role: 'user' as const, content: 'a note' }]
  try {
    return {
      'core.search.ratio': await throughputRatio(
        () => client.search('note', { filters: FILTERS }),
        () => memory.search('note'),
      ),
      'core.getAll.ratio': await throughputRatio(
        () => client.getAll({ filters: FILTERS }),
        () => memory.getAll(),
      ),
      'core.get.cold.ratio': await throughputRatio(
        () => client.get(id()),
        () => cold.get(id()),
      ),
      'core.get.cached.ratio': await throughputRatio(
        () => client.get(id()),
        () => memory.get(id()),
      ),
      // Each add stores a row that nothing searches here.
      'core.add.ratio': await throughputRatio(
        () => client.add(message, { userId: 'u_bare', infer: false }),
        () => memory.add('a note', { infer: false }),
      ),
    }
  } finally {
    stop()
  }
}

/** CPU time of the process per call, beyond that of the same call on the bare client. */
async function cpu(): Promise<Record<string, number>> {
  const result = {
    results: Array.from({ length: 10 }, (_, index) => ({ id: `m${index}`, memory: 'note', user_id: USER })),
  }
  const client = clientResolving(result)
  const memory = createMemoryFactory({ client })(USER)
  const calls = 20_000
  const micros = async (work: () => Promise<unknown>): Promise<number> => {
    const before = process.cpuUsage()
    for (let index = 0; index < calls; index++) await work()
    const { user, system } = process.cpuUsage(before)
    return (user + system) / calls
  }
  const differences: number[] = []
  for (let round = 0; round < 9; round++) {
    differences.push(
      (await micros(() => memory.search('note'))) -
        (await micros(() => client.search('note', { filters: FILTERS }))),
    )
  }
  return { 'core.search.cpuMicros': median(differences) }
}

function handles(): Record<string, number> {
  const client = clientResolving({ results: [] })
  const memoryFor = createMemoryFactory({ client })
  const made = 200_000
  const nanos = (make: (userId: string) => ScopedMemory): number => {
    const userIds = Array.from({ length: 1000 }, (_, index) => `auth0|${index}`)
    const rounds = Array.from({ length: 7 }, () => {
      const startedAt = process.hrtime.bigint()
      for (let index = 0; index < made; index++) make(userIds[index % 1000]!)
      return Number(process.hrtime.bigint() - startedAt) / made
    })
    return median(rounds)
  }
  return {
    'core.handle.nanos': nanos(memoryFor),
    'core.handle.constructor.nanos': nanos((userId) => new ScopedMemory(userId, { client })),
  }
}

/** How many bytes a million handles, each made once, leave behind. */
function retained(): Record<string, number> {
  const { gc } = globalThis as { gc?: () => void }
  if (gc === undefined) throw new Error('Run it with "pnpm bench", which exposes the garbage collector.')
  const memoryFor = createMemoryFactory({ client: clientResolving({ results: [] }) })
  const make = (): void => {
    for (let index = 0; index < 1_000_000; index++) memoryFor(`auth0|${index}`)
  }
  make()
  gc()
  const before = process.memoryUsage().heapUsed
  make()
  gc()
  return { 'core.handles.retainedBytes': Math.max(0, process.memoryUsage().heapUsed - before) }
}

/** Requests to the back end per operation, with and without an earlier proof of the id. */
async function calls(): Promise<Record<string, number>> {
  const platform = await startMem0Platform()
  const client = new MemoryClient({ apiKey: 'm0-bench', host: platform.url })
  const figures: Record<string, number> = {}
  const operations: Record<string, (memory: ScopedMemory, id: string) => Promise<unknown>> = {
    add: (memory) => memory.add('x'),
    search: (memory) => memory.search('x'),
    getAll: (memory) => memory.getAll(),
    get: (memory, id) => memory.get(id),
    update: (memory, id) => memory.update(id, 'x'),
    delete: (memory, id) => memory.delete(id),
    history: (memory, id) => memory.history(id),
    feedback: (memory, memoryId) => memory.feedback({ memoryId }),
    batchUpdate: (memory, memoryId) => memory.batchUpdate([{ memoryId, text: 'x' }]),
    batchDelete: (memory, id) => memory.batchDelete([id]),
    deleteAll: (memory) => memory.deleteAll(),
  }
  const count = async (
    proven: boolean,
    call: (memory: ScopedMemory, id: string) => Promise<unknown>,
  ): Promise<number> => {
    platform.reset()
    const [id] = platform.store.seed([{ text: 'x', userId: USER }])
    const memory = createMemoryFactory({ client, ownershipCacheSize: 2 })(USER)
    if (proven) await memory.getAll()
    platform.clearRequests()
    await call(memory, id!)
    return platform.requests.length
  }
  for (const [operation, call] of Object.entries(operations)) {
    figures[`core.calls.${operation}`] = await count(false, call)
    figures[`core.calls.${operation}.proven`] = await count(true, call)
  }
  await platform.close()
  return figures
}

function clientResolving(result: unknown): SelfHostedClient {
  const call = async () => result
  return {
    config: { vectorStore: { provider: 'qdrant' } },
    add: call,
    search: call,
    getAll: call,
    get: call,
    update: call,
    delete: call,
    deleteAll: call,
    history: call,
  } as SelfHostedClient
}

function counter(): () => number {
  let value = 0
  return () => value++
}

async function platformProcess(): Promise<{ url: string; stop(): void }> {
  const server = fileURLToPath(new URL('platform-process.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', server], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer]
  return { url: chunk.toString().trim(), stop: () => void child.kill() }
}
