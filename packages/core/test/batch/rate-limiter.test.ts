import { hasSubscribers } from 'node:diagnostics_channel'
import { setTimeout as sleep } from 'node:timers/promises'
import { startMem0Platform, type Mem0Platform } from '@scoped-memory/mem0-platform'
import { MemoryClient } from 'mem0ai'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { forEachUser, type HostedClient, type SelfHostedClient, type UserOutcome } from '../../src/index.ts'
import { createInMemoryClient } from '../../src/testing/index.ts'
import { ids, outcomesOf } from '../support/runs.ts'

describe('a run under a rate limit', () => {
  let platform: Mem0Platform
  let client: MemoryClient
  beforeAll(async () => {
    platform = await startMem0Platform()
    client = new MemoryClient({ apiKey: 'm0-key', host: platform.url })
    await client.ping()
  })
  afterEach(() => platform.reset())
  afterAll(() => platform.close())

  const adds = () => platform.requests.filter(({ path }) => path.endsWith('/add/')).length

  it('listens to the requests of the process as long as it runs, however it ends', async () => {
    const listens = () =>
      ['undici:request:create', 'undici:request:headers'].map((name) => hasSubscribers(name))
    const work = (): void => void heard.push(listens())
    const heard: boolean[][] = []
    await forEachUser(['u_0'], work, { client }).completed()
    const after = [listens()]
    for await (const outcome of forEachUser(ids(9), work, { client })) if (outcome.userId === 'u_0') break
    after.push(listens())
    expect(heard.flat()).not.toContain(false)
    expect(after.flat()).not.toContain(true)
  })

  it('waits as long as the Retry-After of the server says, and stores everything once', async () => {
    platform.misbehave({
      match: { path: /add/ },
      times: 3,
      // A body that says nothing: the header alone is to be read.
      with: { status: 429, headers: { 'retry-after': '2' }, body: { detail: 'slow down' } },
    })
    const startedAt = Date.now()
    const pauses: number[] = []
    const progress = await forEachUser(
      ids(12),
      async (memory) => void (await memory.add(`of ${memory.userId}`, { infer: false })),
      {
        client,
        concurrency: 4,
        onProgress: ({ pausedUntil }) => pausedUntil && pauses.push(pausedUntil.getTime() - Date.now()),
      },
    ).completed()
    expect(progress).toMatchObject({ done: 12, failed: 0, pausedUntil: undefined })
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(2000)
    expect(Math.max(...pauses)).toBeGreaterThan(1900)
    expect(platform.store.size).toBe(12)
    expect(adds()).toBe(15)
    for (const id of ids(12)) expect(platform.store.ofUser(id).map(({ text }) => text)).toEqual([`of ${id}`])
  })

  it('holds everybody back, not only the one that was refused', async () => {
    platform.misbehave({ match: { path: /search/ }, times: 1, with: { status: 429 } })
    let duringPause = 0
    let paused: Date | undefined
    await forEachUser(
      ids(20),
      async (memory) => {
        await memory.search('anything')
        if (paused !== undefined && Date.now() < paused.getTime()) duringPause++
      },
      { client, concurrency: 1, onProgress: ({ pausedUntil }) => (paused ??= pausedUntil) },
    ).completed()
    expect(paused).toBeDefined()
    expect(duringPause).toBe(0)
  })

  it('repeats the refused request alone, never the work of the user', async () => {
    platform.misbehave({ match: { path: /search/ }, times: 2, with: { status: 429 } })
    let calls = 0
    await forEachUser(
      ['u_0'],
      async (memory) => {
        calls++
        await memory.add('once', { infer: false })
        await memory.search('once')
      },
      { client },
    ).completed()
    expect(calls).toBe(1)
    expect(adds()).toBe(1)
    expect(platform.store.size).toBe(1)
  })

  it('reads a date, the body, and what mem0 documents on its error', async () => {
    const refusals = [
      () => Object.assign(new Error('slow'), { name: 'RateLimitError', debugInfo: { retryAfter: 1 } }),
      () =>
        Object.assign(new Error('{"detail":"Expected available in 1 seconds."}'), { errorCode: 'HTTP_429' }),
    ]
    for (const refusal of refusals) {
      const search = vi.fn(() => Promise.resolve({ results: [] })).mockRejectedValueOnce(refusal())
      const startedAt = Date.now()
      const run = forEachUser(['u_0'], (memory) => memory.search('x'), {
        client: fakeHosted({ search }),
      })
      expect(await run.completed()).toMatchObject({ done: 1, failed: 0 })
      expect(Date.now() - startedAt).toBeGreaterThanOrEqual(1000)
      expect(search).toHaveBeenCalledTimes(2)
    }
    platform.misbehave({
      with: {
        status: 429,
        headers: { 'retry-after': new Date(Date.now() + 3000).toUTCString() },
        body: {},
      },
    })
    const startedAt = Date.now()
    expect(await forEachUser(['u_0'], (memory) => memory.getAll(), { client }).completed()).toMatchObject({
      failed: 0,
    })
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(1500)
  })

  it('is not made to hammer the server by a Retry-After of 0', async () => {
    platform.misbehave({
      times: Infinity,
      with: { status: 429, headers: { 'retry-after': '0' }, body: {} },
    })
    const [outcome] = await outcomesOf(
      forEachUser(['u_0'], (memory) => memory.search('x'), { client, timeoutMs: 2000 }),
    )
    expect(outcome!.error).toMatchObject({ name: 'RateLimitError' })
    expect(platform.requests.length).toBeLessThan(6)
  })

  it('does not wait for longer than a request may take; the refusal is then the error of the user', async () => {
    platform.misbehave({ with: { status: 429, headers: { 'retry-after': '3600' } } })
    const controller = new AbortController()
    const outcomes: UserOutcome<unknown>[] = []
    const run = forEachUser(ids(50), (memory) => memory.add('x', { infer: false }), {
      client,
      concurrency: 1,
      timeoutMs: 500,
      signal: controller.signal,
    })
    // The others wait for the pause to end: nobody else is begun and failed by it.
    setTimeout(() => controller.abort(), 700)
    await expect(
      (async () => {
        for await (const outcome of run) outcomes.push(outcome)
      })(),
    ).rejects.toMatchObject({ name: 'AbortError' })
    expect(outcomes.map(({ userId, error }) => [userId, error?.name])).toEqual([['u_0', 'RateLimitError']])
    expect(adds()).toBe(1)
  })

  it('sends nothing any more after it was stopped in a pause', async () => {
    platform.misbehave({ with: { status: 429, headers: { 'retry-after': '1' } } })
    const controller = new AbortController()
    const run = forEachUser(['u_0'], (memory) => memory.add('x', { infer: false }), {
      client,
      signal: controller.signal,
      onProgress: ({ pausedUntil }) => pausedUntil && controller.abort(),
    })
    await expect(run.completed()).rejects.toMatchObject({ name: 'AbortError' })
    await sleep(1300)
    expect(adds()).toBe(1)
    expect(platform.store.size).toBe(0)
  })

  it('leaves what others of the process are refused alone', async () => {
    // An SDK of a model that is rate limited within the work: its Retry-After is not mem0's.
    platform.misbehave({
      match: { path: '/other' },
      with: { status: 429, headers: { 'retry-after': '60' } },
    })
    platform.misbehave({ match: { path: /search/ }, with: { status: 429, headers: {}, body: {} } })
    const progress = await forEachUser(
      ['u_0'],
      async (memory) => {
        const [other] = await Promise.all([fetch(`${platform.url}/other`), memory.search('x')])
        expect(other.status).toBe(429)
      },
      { client, timeoutMs: 10_000 },
    ).completed()
    expect(progress).toMatchObject({ done: 1, failed: 0 })
  })

  it('does not repeat what the model of a self-hosted back end refused, which may have been stored in part', async () => {
    const inMemory = createInMemoryClient()
    const add = vi.fn(() =>
      Promise.reject(Object.assign(new Error('rate limited'), { name: 'RateLimitError' })),
    )
    const [outcome] = await outcomesOf(
      forEachUser(['u_0'], (memory) => memory.add('x'), {
        client: { ...inMemory, add } as unknown as SelfHostedClient,
      }),
    )
    expect(outcome!.error).toMatchObject({ name: 'RateLimitError' })
    expect(add).toHaveBeenCalledTimes(1)
  })
})

function fakeHosted(methods: object): HostedClient {
  const names =
    'add search getAll get update delete deleteAll history batchUpdate batchDelete feedback'.split(' ')
  const nothing = Object.fromEntries(names.map((name) => [name, () => Promise.resolve({})]))
  return { ...nothing, ...methods } as unknown as HostedClient
}
