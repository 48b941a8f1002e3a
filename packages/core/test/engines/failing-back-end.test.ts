import { getEventListeners } from 'node:events'
import { startMem0Platform, type Mem0Platform } from '@scoped-memory/mem0-platform'
import { MemoryClient, NetworkError, RateLimitError } from 'mem0ai'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createMemoryFactory, type MemoryFactory, type ScopedMemory } from '../../src/index.ts'

describe('a back end that misbehaves', () => {
  let platform: Mem0Platform
  let client: MemoryClient
  let memoryFor: MemoryFactory
  let memory: ScopedMemory
  let id: string
  const unhandled: unknown[] = []
  const onUnhandled = (reason: unknown) => void unhandled.push(reason)

  beforeAll(async () => {
    platform = await startMem0Platform()
    client = new MemoryClient({ apiKey: 'm0-k', host: platform.url })
    process.on('unhandledRejection', onUnhandled)
  })
  afterAll(async () => {
    process.off('unhandledRejection', onUnhandled)
    await platform.close()
  })
  beforeEach(() => {
    platform.reset()
    id = platform.store.seed([{ text: 'of alice', userId: 'u_alice' }])[0]!
    platform.store.seed([{ text: 'of bob', userId: 'u_bob' }])
    memoryFor = createMemoryFactory({ client, timeoutMs: 5000 })
    memory = memoryFor('u_alice')
  })
  afterEach(async () => {
    await new Promise((resolve) => setImmediate(resolve))
    expect(unhandled.splice(0)).toEqual([])
  })

  const operations: [string, (signal?: AbortSignal) => Promise<unknown>][] = [
    ['add', (signal) => memory.add('x', { infer: false, signal })],
    ['search', (signal) => memory.search('x', { signal })],
    ['getAll', (signal) => memory.getAll({ signal })],
    ['list', (signal) => memory.list({ signal }).next()],
    ['get', (signal) => memory.get(id, { signal })],
    ['update', (signal) => memory.update(id, 'x', { signal })],
    ['delete', (signal) => memory.delete(id, { signal })],
    ['history', (signal) => memory.history(id, { signal })],
    ['feedback', (signal) => memory.feedback({ memoryId: id }, { signal })],
    ['batchUpdate', (signal) => memory.batchUpdate([{ memoryId: id, text: 'x' }], { signal })],
    ['batchDelete', (signal) => memory.batchDelete([id], { signal })],
    ['erase', (signal) => memory.erase({ signal })],
    ['exportAll', (signal) => memory.exportAll({ signal }).next()],
    ['deleteAll', () => memory.deleteAll()],
  ]

  describe.each(operations)('%s', (operation, call) => {
    it("passes mem0's own errors by class, and sends nothing twice", async () => {
      platform.misbehave({ with: { status: 429 } })
      await expect(call()).rejects.toThrow(RateLimitError)
      expect(platform.requests).toHaveLength(1)
      platform.misbehave({ with: { status: 503 } })
      await expect(call()).rejects.toThrow(NetworkError)
      platform.misbehave({ with: { status: 500 } })
      await expect(call()).rejects.toMatchObject({ errorCode: 'HTTP_500' })
      expect(platform.requests).toHaveLength(3)
    })

    it('rejects when the connection breaks, and sends nothing twice', async () => {
      platform.misbehave({ with: { closeSocket: true } })
      await expect(call()).rejects.toThrow(/fetch failed/)
      expect(platform.requests).toHaveLength(1)
    })

    it('rejects on an answer that is no JSON', async () => {
      platform.misbehave({ with: { rubbish: '<html>maintenance</html>' } })
      await expect(call()).rejects.toThrow()
      expect(platform.requests).toHaveLength(1)
    })

    it('gives up after timeoutMs', async () => {
      platform.misbehave({ times: Number.POSITIVE_INFINITY, with: { hang: true } })
      memory = createMemoryFactory({ client, timeoutMs: 20 })('u_alice')
      await expect(call()).rejects.toMatchObject({
        code: operation === 'erase' ? 'ERASE_UNVERIFIED' : 'TIMEOUT',
        status: 504,
        message: expect.stringContaining(`${operation}()`) as string,
      })
      platform.reset()
    })

    if (operation === 'deleteAll') return
    it('gives up when its signal aborts, before or after it was sent, and leaves no listener behind', async () => {
      const early = AbortSignal.abort(new Error('stop'))
      await expect(call(early)).rejects.toThrow('stop')
      expect(platform.requests).toEqual([])

      platform.misbehave({ with: { hang: true } })
      const controller = new AbortController()
      const running = call(controller.signal)
      setTimeout(() => controller.abort(new Error('enough')), 20)
      await expect(running).rejects.toThrow('enough')
      expect(getEventListeners(controller.signal, 'abort')).toEqual([])
      platform.reset()

      const kept = new AbortController()
      await call(kept.signal).catch(() => undefined)
      expect(getEventListeners(kept.signal, 'abort')).toEqual([])
    })

    it('refuses what is no signal', async () => {
      await expect(call('soon' as never)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
      expect(platform.requests).toEqual([])
    })
  })

  it('an answer that comes late is thrown away, not handed to the next call', async () => {
    const impatient = createMemoryFactory({ client, timeoutMs: 30 })('u_alice')
    platform.misbehave({ with: { delayMillis: 80 } })
    await expect(impatient.search('late')).rejects.toMatchObject({ code: 'TIMEOUT' })
    expect((await memoryFor('u_bob').search('of')).results.map((row) => row.memory)).toEqual(['of bob'])
    await new Promise((resolve) => setTimeout(resolve, 100))
  })

  it('a failure in the middle of a narrowed deleteAll leaves only records of the scope deleted', async () => {
    const run = memory.within({ runId: 'r1' })
    await run.add(
      [
        { role: 'user', content: 'a' },
        { role: 'user', content: 'b' },
      ],
      { infer: false },
    )
    platform.misbehave({ match: { method: 'DELETE' }, with: { status: 500 } })
    await expect(run.deleteAll()).rejects.toMatchObject({ errorCode: 'HTTP_500' })
    await run.deleteAll()
    expect((await memory.getAll()).results.map((row) => row.memory)).toEqual(['of alice'])
  })

  it('a record that somebody else deletes meanwhile does not fail a narrowed deleteAll', async () => {
    const run = memory.within({ runId: 'r1' })
    await run.add('a', { infer: false })
    platform.misbehave({ match: { method: 'DELETE' }, with: { status: 404 } })
    const [row] = (await run.getAll()).results
    const deletion = run.deleteAll()
    await client.delete(row!.id).catch(() => undefined)
    expect((await deletion).message).toContain('Deleted')
  })

  it('erase waits for a back end that deletes later, and rejects when it does not in time', async () => {
    const slow = await startMem0Platform({ deleteDelayMillis: 150 })
    const slowClient = new MemoryClient({ apiKey: 'm0-slow', host: slow.url })
    slow.store.seed([{ text: 'a', userId: 'u_alice' }])
    const erasing = createMemoryFactory({ client: slowClient })('u_alice')
    await expect(erasing.erase({ timeoutMs: 20 })).rejects.toMatchObject({
      code: 'ERASE_UNVERIFIED',
      status: 504,
    })
    expect(await erasing.erase()).toMatchObject({ userId: 'u_alice' })
    expect([...slow.store.all()]).toEqual([])
    await slow.close()
  })

  it('erase has its own time, longer or shorter than that of a request', async () => {
    const slow = await startMem0Platform({ deleteDelayMillis: 400 })
    slow.store.seed([{ text: 'a', userId: 'u_alice' }])
    const hasty = createMemoryFactory({
      client: new MemoryClient({ apiKey: 'm0-slow', host: slow.url }),
      timeoutMs: 100,
    })
    expect(await hasty('u_alice').erase({ timeoutMs: 20_000 })).toMatchObject({ deleted: 1 })
    await slow.close()

    platform.misbehave({ times: Number.POSITIVE_INFINITY, with: { hang: true } })
    await expect(memory.erase({ timeoutMs: 30 })).rejects.toMatchObject({ code: 'ERASE_UNVERIFIED' })
    platform.reset()
  })

  it('a list that never ends, because the same page comes again and again, ends', async () => {
    const page = {
      results: [{ id, memory: 'of alice', user_id: 'u_alice' }],
      count: 2,
      next: 'more',
      previous: null,
    }
    platform.misbehave({ times: Number.POSITIVE_INFINITY, with: { rubbish: JSON.stringify(page) } })
    const seen = []
    for await (const record of memory.list()) seen.push(record.id)
    expect(seen).toEqual([id])
    expect(platform.requests.length).toBeLessThan(6)
    platform.reset()
  })

  it('a page that is gone when it is asked for ends the list, and the list is gone over again', async () => {
    platform.store.seed(Array.from({ length: 5 }, (_, index) => ({ text: `n${index}`, userId: 'u_alice' })))
    const seen = new Set<string>()
    for await (const record of memory.list({ pageSize: 2 })) {
      seen.add(record.id)
      if (seen.size === 2)
        for (const row of [...platform.store.all()].filter(({ text }) => text === 'n0' || text === 'n1'))
          await client.delete(row.id)
    }
    for (const row of platform.store.all()) if (row.userId === 'u_alice') expect(seen).toContain(row.id)
  })

  it('an add that is pending says so, and shows up', async () => {
    const slow = await startMem0Platform({ addDelayMillis: 50 })
    const pending = createMemoryFactory({ client: new MemoryClient({ apiKey: 'm0-slow', host: slow.url }) })(
      'u_alice',
    )
    const answer = await pending.add('I am vegetarian')
    expect(answer).toEqual({
      results: [],
      status: 'PENDING',
      eventId: expect.any(String) as string,
      message: expect.any(String) as string,
    })
    expect((await pending.getAll()).results).toEqual([])
    await expect.poll(async () => (await pending.getAll()).results.length).toBe(1)
    await slow.close()
  })

  it('add answers in one shape whichever the back end answers in', async () => {
    for (const [rubbish, expected] of [
      ['[]', { results: [] }],
      ['[{"id":"1","memory":"x","event":"ADD"}]', { results: [{ id: '1', memory: 'x', event: 'ADD' }] }],
      ['{"results":[{"id":"1"}]}', { results: [{ id: '1' }] }],
      ['{"status":"PENDING","event_id":"e"}', { results: [], status: 'PENDING', eventId: 'e' }],
    ] as const) {
      platform.misbehave({ with: { rubbish } })
      expect(await memory.add('x')).toEqual(expected)
    }
    platform.misbehave({ with: { rubbish: '"ok"' } })
    await expect(memory.add('x')).rejects.toMatchObject({ code: 'BAD_RESPONSE' })
  })
})
