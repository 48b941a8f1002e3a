import { getEventListeners } from 'node:events'
import { startMem0Platform, type Mem0Platform } from '@scoped-memory/mem0-platform'
import { MemoryClient, NetworkError, RateLimitError } from 'mem0ai'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createMemoryFactory, ScopedMemory, type MemoryFactory } from '../../src/index.ts'
import { createSend } from '../../src/engines/request.ts'
import { createInMemoryClient } from '../../src/testing/index.ts'

describe('a request to a back end that misbehaves', () => {
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

    it('rejects on an answer that is not JSON', async () => {
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

    it('refuses what is not a signal', async () => {
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
})

describe('a signal', () => {
  it('has one listener, however many calls wait for it, and none when they are done', async () => {
    const warnings: Error[] = []
    const onWarning = (warning: Error) => void warnings.push(warning)
    process.on('warning', onWarning)
    const { signal } = new AbortController()
    const handles = ['u_alice', 'u_bob'].map((id) => new ScopedMemory(id, { client: createInMemoryClient() }))
    const calls = Array.from({ length: 50 }, (_, index) => handles[index % 2]!.search('x', { signal }))
    expect(getEventListeners(signal, 'abort')).toHaveLength(1)
    await Promise.all(calls)
    await new Promise((resolve) => setImmediate(resolve))
    expect(getEventListeners(signal, 'abort')).toEqual([])
    expect(warnings).toEqual([])
    process.off('warning', onWarning)
  })

  it('reaches every call that waits for it', async () => {
    const client = { ...createInMemoryClient(), search: () => new Promise(() => {}) }
    const memory = new ScopedMemory('u_alice', { client: client as never })
    const controller = new AbortController()
    const calls = Array.from({ length: 20 }, () => memory.search('x', { signal: controller.signal }))
    const reason = new Error('enough')
    await new Promise((resolve) => setImmediate(resolve))
    controller.abort(reason)
    for (const call of await Promise.allSettled(calls)) expect(call).toMatchObject({ reason })
    expect(getEventListeners(controller.signal, 'abort')).toEqual([])
  })
})

describe('the signal of a request', () => {
  const never = (signals: AbortSignal[]) => (signal: AbortSignal) => {
    signals.push(signal)
    return new Promise<never>(() => {})
  }

  it('aborts when the request is given up, after its time or by its caller', async () => {
    const signals: AbortSignal[] = []
    await expect(createSend('get', () => 1, undefined)(never(signals))).rejects.toMatchObject({
      code: 'TIMEOUT',
    })
    const caller = new AbortController()
    const reason = new Error('the caller left')
    const waiting = createSend('get', () => 60_000, caller.signal)(never(signals))
    caller.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true])
    expect(signals[1]!.reason).toBe(reason)
  })

  it('stays as it is when the request is answered, whatever its caller aborts later', async () => {
    const caller = new AbortController()
    const signal = await createSend('get', () => 60_000, caller.signal)((given) => Promise.resolve(given))
    await new Promise((resolve) => setImmediate(resolve))
    caller.abort()
    expect(signal.aborted).toBe(false)
  })
})
