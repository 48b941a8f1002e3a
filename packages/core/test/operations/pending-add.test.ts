import { startMem0Platform, type Mem0Platform } from '@scoped-memory/mem0-platform'
import { MemoryClient, MemoryError } from 'mem0ai'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { forEachUser, ScopedMemory, type HostedClient } from '../../src/index.ts'
import { onEveryBackend } from '../support/every-backend.ts'

let platform: Mem0Platform
let client: MemoryClient
let memory: ScopedMemory
beforeAll(async () => {
  platform = await startMem0Platform({ addDelayMillis: 300 })
  client = new MemoryClient({ apiKey: 'm0-key', host: platform.url })
})
afterAll(() => platform.close())
beforeEach(() => {
  platform.reset()
  memory = new ScopedMemory('u_alice', { client })
})

const texts = async () => (await memory.getAll()).results.map((record) => record.memory)

describe('add without wait', () => {
  it('says that it is pending, and shows up later', async () => {
    const answer = await memory.add('I am vegetarian')
    expect(answer).toEqual({
      results: [],
      status: 'PENDING',
      eventId: expect.any(String) as string,
      message: expect.any(String) as string,
    })
    expect(await texts()).toEqual([])
    await expect.poll(async () => (await texts()).length).toBe(1)
  })
})

describe('add with wait', () => {
  it('resolves when the back end is done', async () => {
    expect(await memory.add('not waited for')).toMatchObject({ status: 'PENDING', results: [] })
    expect(await texts()).toEqual([])
    const added = await memory.add('I am vegetarian', { wait: true })
    expect(added).toMatchObject({ status: 'SUCCEEDED', eventId: expect.any(String) })
    expect(added.results).toMatchObject([{ id: expect.any(String) }])
    expect(await texts()).toContain('I am vegetarian')
    expect(await memory.get(added.results[0]!.id)).toMatchObject({
      memory: 'I am vegetarian',
      userId: 'u_alice',
    })
  })

  it('asks for nothing where nothing is pending', async () => {
    expect(await memory.add('x', { wait: true, infer: false })).toMatchObject({ status: 'SUCCEEDED' })
    expect(platform.requests).toHaveLength(1)
    expect(platform.requests[0]!.body).not.toHaveProperty('wait')
  })

  it('rejects where the back end gave up, without its words', async () => {
    platform.misbehave({
      match: { path: /^\/v1\/event\// },
      with: { status: 200, body: { status: 'FAILED', error: 'row of u_bob' } },
    })
    const failure = await memory.add('x', { wait: true }).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'ADD_FAILED', status: 502 })
    expect(String(failure)).toMatch(/Add them again/)
    expect(String(failure)).not.toContain('u_bob')
  })

  it.each<[string, unknown]>([
    ['a failure', { status: 'FAILED', event_id: 'e1' }],
    ['a failure in a list', [{ status: 'FAILED', event_id: 'e1' }]],
  ])('rejects %s that is answered at once', async (_, body) => {
    platform.misbehave({ match: { path: '/v3/memories/add/' }, with: { status: 200, body } })
    await expect(memory.add('x', { wait: true })).rejects.toMatchObject({ code: 'ADD_FAILED' })
  })

  it.each<[string, unknown]>([
    ['a list', [{ status: 'PENDING', event_id: 'e1' }]],
    ['no status', { event_id: 'e1' }],
    ['a status of another spelling', { status: 'queued', event_id: 'e1' }],
  ])('asks for the event where the answer has %s', async (_, body) => {
    platform.misbehave({ match: { path: '/v3/memories/add/' }, with: { status: 200, body } })
    platform.misbehave({
      match: { path: '/v1/event/e1/' },
      with: { status: 200, body: { status: 'QUEUED' } },
    })
    platform.misbehave({
      match: { path: '/v1/event/e1/' },
      with: { status: 200, body: { status: 'SUCCEEDED', results: [{ id: 'm1', memory: 'x' }] } },
    })
    expect(await memory.add('x', { wait: true })).toMatchObject({
      status: 'SUCCEEDED',
      results: [{ id: 'm1' }],
    })
  })

  it('takes no longer in all than one request may', async () => {
    platform.misbehave({ match: { path: '/v3/memories/add/' }, with: { delayMillis: 250 } })
    platform.misbehave({ match: { path: /^\/v1\/event\// }, times: 100, with: { hang: true } })
    const hasty = new ScopedMemory('u_alice', { client, timeoutMs: 400 })
    const begun = Date.now()
    await expect(hasty.add('x', { wait: true })).rejects.toThrow(
      /took the messages and was not done with them in time/,
    )
    expect(Date.now() - begun).toBeLessThan(2 * 400)
  })

  it('rejects where it is not done in time, and where the signal aborts', async () => {
    const hasty = new ScopedMemory('u_alice', { client, timeoutMs: 120 })
    await expect(hasty.add('x', { wait: true })).rejects.toMatchObject({ code: 'TIMEOUT', status: 504 })
    const signal = AbortSignal.timeout(100)
    await expect(memory.add('x', { wait: true, signal })).rejects.toBe(await aborted(signal))
  })

  it('refuses a record of another user in what an event came to', async () => {
    platform.misbehave({
      match: { path: /^\/v1\/event\// },
      with: { status: 200, body: { status: 'SUCCEEDED', results: [{ id: 'a', user_id: 'u_bob' }] } },
    })
    await expect(memory.add('x', { wait: true })).rejects.toMatchObject({ code: 'FOREIGN_RECORD' })
  })

  it("passes mem0's own errors", async () => {
    platform.misbehave({ match: { path: /^\/v1\/event\// }, with: { status: 503 } })
    await expect(memory.add('x', { wait: true })).rejects.toThrow(MemoryError)
  })

  it('works in a run over many users', async () => {
    const work = (mine: ScopedMemory) => mine.add(`of ${mine.userId}`, { wait: true })
    await forEachUser(['u_alice', 'u_bob'], work, { client }).completed()
    expect(await texts()).toEqual(['of u_alice'])
  })

  it("is refused before anything is sent by a client of one's own that cannot be asked", async () => {
    const wrapped = Object.fromEntries(
      [
        'add',
        'search',
        'getAll',
        'get',
        'update',
        'delete',
        'deleteAll',
        'history',
        'batchUpdate',
        'batchDelete',
        'feedback',
      ].map((name) => [name, (client[name as 'add'] as (...args: never[]) => unknown).bind(client)]),
    ) as unknown as HostedClient
    const mine = new ScopedMemory('u_alice', { client: wrapped })
    await expect(mine.add('x', { wait: true })).rejects.toMatchObject({ code: 'UNSUPPORTED', status: 501 })
    expect(platform.requests).toEqual([])
    const asking: HostedClient = {
      ...wrapped,
      readEvent: async (id) =>
        (
          await fetch(`${platform.url}/v1/event/${id}/`, { headers: { authorization: 'Token m0-key' } })
        ).json(),
    }
    await new ScopedMemory('u_alice', { client: asking }).add('x', { wait: true })
    expect(await texts()).toEqual(['x'])
  })

  onEveryBackend(({ memoryFor }) => {
    it('is taken', async () => {
      const { results } = await memoryFor('u_waits').add('x', { wait: true, infer: false })
      expect(results).toHaveLength(1)
    })
  })
})

const aborted = async (signal: AbortSignal) => {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve))
  return signal.reason as unknown
}
