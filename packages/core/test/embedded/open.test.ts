import { once } from 'node:events'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { Memory } from 'mem0ai/oss'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { openEmbeddedMemory, type EmbeddedMemory } from '../../src/embedded/index.ts'
import { createMemoryFactory } from '../../src/index.ts'

describe('an embedded memory', () => {
  const listeningBefore = listeningSockets()
  const consoleSpies = (['log', 'info', 'warn', 'error', 'debug'] as const).map((name) =>
    vi.spyOn(console, name),
  )
  const fetched = vi.spyOn(globalThis, 'fetch')
  let memory: EmbeddedMemory

  beforeAll(async () => {
    memory = await openEmbeddedMemory()
    await memory.add('I am vegetarian', { userId: 'u_alice' })
    await memory.add('I prefer a window seat', { userId: 'u_alice' })
    await memory.add('My steak has to be rare', { userId: 'u_bob' })
  })
  afterAll(() => memory.close())

  it("is mem0's own Memory", () => {
    expect(memory).toBeInstanceOf(Memory)
  })

  it('serves scoped handles', async () => {
    const memoryFor = createMemoryFactory({ client: memory })
    const [grace, heidi] = [memoryFor('u_grace'), memoryFor('u_heidi')]
    const { results } = await grace.add('I collect stamps')
    await heidi.add('I collect coins')
    expect((await grace.search('hobby')).results.map((record) => record.memory)).toEqual(['I collect stamps'])
    await expect(heidi.get(results[0]!.id)).rejects.toMatchObject({ code: 'MEMORY_NOT_FOUND' })
    await grace.deleteAll()
    expect((await grace.getAll()).results).toEqual([])
    expect((await heidi.getAll()).results).toHaveLength(1)
  })

  it('keeps two users apart', async () => {
    const alice = await memory.getAll({ filters: { user_id: 'u_alice' } })
    const bob = await memory.search('what do I like to eat', { filters: { user_id: 'u_bob' } })
    expect(alice.results.map((record) => record.memory).sort()).toEqual([
      'I am vegetarian',
      'I prefer a window seat',
    ])
    expect(bob.results.map((record) => record.memory)).toEqual(['My steak has to be rare'])

    await memory.deleteAll({ userId: 'u_bob' })
    expect((await memory.getAll({ filters: { user_id: 'u_bob' } })).results).toEqual([])
    expect((await memory.getAll({ filters: { user_id: 'u_alice' } })).results).toHaveLength(2)
  })

  it('finds by meaning', async () => {
    const { results } = await memory.search('food preferences', { filters: { user_id: 'u_alice' } })
    expect(results[0]?.memory).toBe('I am vegetarian')
  })

  it('stores every message word for word, whatever the default of `infer`', async () => {
    const messages = [
      { role: 'user', content: 'My cat is called Miso.' },
      { role: 'assistant', content: 'Noted: Miso the cat.' },
    ]
    for (const options of [{}, { infer: undefined }, { infer: false }]) {
      const { results } = await memory.add(messages, {
        userId: 'u_carol',
        ...(options as { infer?: boolean }),
      })
      expect(results.map((record) => record.memory)).toEqual([
        'My cat is called Miso.',
        'Noted: Miso the cat.',
      ])
    }
  })

  it('says that inferring requires an LLM', async () => {
    await expect(memory.add('I am tall', { userId: 'u_alice', infer: true })).rejects.toThrow(
      /openEmbeddedMemory\(\{ llm/,
    )
    const image = {
      role: 'user',
      content: { type: 'image_url' as const, image_url: { url: 'https://example.com/a' } },
    }
    await expect(memory.add([image], { userId: 'u_alice' })).rejects.toThrow(/cannot describe an image/)
    expect(fetched).not.toHaveBeenCalled()
  })

  it('returns the history of a memory, newest first', async () => {
    const { results } = await memory.add('I live in Rome', { userId: 'u_dave' })
    const id = results[0]!.id
    await memory.update(id, 'I live in Turin')
    await memory.delete(id)
    const history = await memory.history(id)
    expect(
      history.map((entry: Record<string, unknown>) => [
        entry['action'],
        entry['previous_value'],
        entry['new_value'],
      ]),
    ).toEqual([
      ['DELETE', 'I live in Turin', null],
      ['UPDATE', 'I live in Rome', 'I live in Turin'],
      ['ADD', null, 'I live in Rome'],
    ])
    expect(await memory.history('00000000-0000-4000-8000-000000000000')).toEqual([])
  })

  it.skipIf(process.platform !== 'linux')('listens nowhere: no port, and no socket', async () => {
    expect(listeningSockets()).toEqual(listeningBefore)

    // A server of either kind would have been seen.
    const servers = [{ port: 0, host: '127.0.0.1' }, { path: '\0of this test' }].map((at) =>
      createServer().listen(at),
    )
    for (const server of servers) if (!server.listening) await once(server, 'listening')
    expect(listeningSockets()).toHaveLength(listeningBefore.length + 2)
    for (const server of servers) server.close()
  })

  it('is empty after reset(), and goes on', async () => {
    const { results } = await memory.add('to be forgotten', { userId: 'u_erin' })
    await memory.reset()
    expect((await memory.getAll({ filters: { user_id: 'u_erin' } })).results).toEqual([])
    expect((await memory.getAll({ filters: { user_id: 'u_alice' } })).results).toEqual([])
    expect(await memory.history(results[0]!.id)).toEqual([])
    await memory.add('to be kept', { userId: 'u_erin' })
    expect((await memory.getAll({ filters: { user_id: 'u_erin' } })).results).toHaveLength(1)
  })

  it('prints nothing and sends nothing', () => {
    for (const spy of consoleSpies) expect(spy).not.toHaveBeenCalled()
    expect(fetched).not.toHaveBeenCalled()
  })

  it('finishes the calls in flight before it closes, closes once, and refuses later calls', async () => {
    const adding = Promise.all(
      Array.from({ length: 5 }, (_, index) => memory.add(`Fact number ${index}`, { userId: 'u_frank' })),
    )
    const closings = [memory.close(), memory.close(), memory[Symbol.asyncDispose]()]
    await expect(adding).resolves.toHaveLength(5)
    await Promise.all(closings)
    await memory.close()
    await expect(memory.search('fact', { filters: { user_id: 'u_frank' } })).rejects.toThrow(/is closed/)
  })
})

/** The sockets of this process on which something listens, by inode. */
function listeningSockets(): string[] {
  if (process.platform !== 'linux') return []
  const own = new Set(readdirSync('/proc/self/fd').map(socketOf))
  const columnsOf = (table: string): string[][] =>
    readFileSync(`/proc/self/net/${table}`, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
  const TCP_LISTEN = '0A'
  const tcp = ['tcp', 'tcp6'].flatMap((table) =>
    columnsOf(table)
      .filter((columns) => columns[3] === TCP_LISTEN)
      .map((columns) => columns[9]!),
  )
  const UNIX_ACCEPTS = '00010000'
  const unix = columnsOf('unix')
    .filter((columns) => columns[3] === UNIX_ACCEPTS)
    .map((columns) => columns[6]!)
  return [...tcp, ...unix].filter((inode) => own.has(inode)).sort()
}

function socketOf(fd: string): string | undefined {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1]
  } catch {
    return undefined // the descriptor with which the folder was read
  }
}
