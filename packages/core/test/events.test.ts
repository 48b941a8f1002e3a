import { AsyncLocalStorage } from 'node:async_hooks'
import { spawnSync } from 'node:child_process'
import diagnostics from 'node:diagnostics_channel'
import { afterEach, describe, expect, it } from 'vitest'
import { createMemoryFactory, type OperationMessage, type SelfHostedClient } from '../src/index.ts'

const operations = diagnostics.tracingChannel<string, OperationMessage>('scoped-memory:operation')

function client(
  answer: () => unknown = () => ({ results: [{ id: 'm1', memory: 'secret content', user_id: 'u_alice' }] }),
) {
  const call = async () => answer()
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

describe('events', () => {
  let subscriber: Parameters<typeof operations.subscribe>[0] | undefined
  afterEach(() => {
    if (subscriber !== undefined) operations.unsubscribe(subscriber)
    subscriber = undefined
  })
  function record() {
    const seen: [string, OperationMessage][] = []
    const on = (name: string) => (message: unknown) =>
      void seen.push([name, { ...(message as OperationMessage) }])
    subscriber = {
      start: on('start'),
      end: on('end'),
      asyncStart: on('asyncStart'),
      asyncEnd: on('asyncEnd'),
      error: on('error'),
    }
    operations.subscribe(subscriber)
    return seen
  }

  it('tell operation, engine, user, count and duration, and no content', async () => {
    const seen = record()
    await createMemoryFactory({ client: client() })('u_alice').search('secret query')
    expect(seen.map(([name]) => name)).toEqual(['start', 'end', 'asyncStart', 'asyncEnd'])
    expect(seen[0]![1]).toEqual({ operation: 'search', engine: 'self-hosted', userId: 'u_alice' })
    expect(seen[3]![1]).toEqual({
      operation: 'search',
      engine: 'self-hosted',
      userId: 'u_alice',
      count: 1,
      durationMillis: expect.any(Number) as number,
    })
    expect(JSON.stringify(seen)).not.toContain('secret')
  })

  it('tell the kind of a failure, and not its text', async () => {
    const seen = record()
    const failing = client(() => {
      throw Object.assign(new Error('secret of bob'), { code: 'ECONNRESET' })
    })
    await expect(createMemoryFactory({ client: failing })('u_alice').search('x')).rejects.toThrow(
      'secret of bob',
    )
    await expect(createMemoryFactory({ client: failing })('u_alice').search('')).rejects.toThrow()
    expect(seen.filter(([name]) => name === 'error').map(([, { error }]) => error)).toEqual([
      { name: 'Error', code: 'ECONNRESET' },
      { name: 'InvalidArgumentError', code: 'INVALID_ARGUMENT' },
    ])
    expect(JSON.stringify(seen)).not.toContain('secret')
  })

  it('change nothing when a listener freezes the message', async () => {
    subscriber = { start: (message: object) => void Object.freeze(message) } as never
    operations.subscribe(subscriber)
    expect((await createMemoryFactory({ client: client() })('u_alice').search('x')).results).toHaveLength(1)
  })

  it('are sent for each page of a listing', async () => {
    const seen = record()
    for await (const record of createMemoryFactory({ client: client() })('u_alice').list())
      expect(record.id).toBe('m1')
    expect(
      seen.filter(([name]) => name === 'asyncEnd').map(([, message]) => [message.operation, message.count]),
    ).toEqual([['list', 1]])
  })

  it('bind stores for what runs inside, as tracers expect', async () => {
    record()
    const store = new AsyncLocalStorage<string>()
    operations.start.bindStore(store, (message: OperationMessage) => `span of ${message.operation}`)
    let inside: string | undefined
    const memory = createMemoryFactory({
      client: client(() => ((inside = store.getStore()), { results: [] })),
    })('u_alice')
    await memory.search('x')
    operations.start.unbindStore(store)
    expect(inside).toBe('span of search')
  })

  it('change nothing when a listener throws: the call resolves, and Node reports the listener', () => {
    const script = `
      import diagnostics from 'node:diagnostics_channel'
      import { createMemoryFactory } from ${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)}
      process.on('uncaughtException', (error) => console.log('reported:', error.message))
      diagnostics.tracingChannel('scoped-memory:operation').subscribe({ start() { throw new Error('listener') } })
      const call = async () => ({ results: [] })
      const client = { config: { vectorStore: { provider: 'qdrant' } }, add: call, search: call, getAll: call, get: call, update: call, delete: call, deleteAll: call, history: call }
      console.log('resolved:', JSON.stringify(await createMemoryFactory({ client })('u_alice').search('x')))`
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['--conditions=@scoped-memory/source', '--import', 'tsx', '--input-type=module', '-e', script],
      { encoding: 'utf8', cwd: new URL('../../..', import.meta.url) },
    )
    expect(stdout + stderr).toContain('resolved: {"results":[]}')
    expect(stdout + stderr).toContain('reported: listener')
  })
})
