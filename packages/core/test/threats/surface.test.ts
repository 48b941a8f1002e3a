import { inspect } from 'node:util'
import type { Mem0Platform } from '@scoped-memory/mem0-platform'
import { MemoryClient } from 'mem0ai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMemoryFactory, ScopedMemory } from '../../src/index.ts'
import { openHosted } from '../support/backends.ts'

const OPERATIONS = [
  'add',
  'search',
  'getAll',
  'list',
  'get',
  'update',
  'delete',
  'history',
  'feedback',
  'batchUpdate',
  'batchDelete',
  'deleteAll',
  'erase',
  'exportAll',
  'within',
]

// The two wrappers that people write when they want "everything of the client, with a user".
class InheritingMemory extends MemoryClient {
  readonly userId: string
  constructor(host: string, userId: string) {
    super({ apiKey: 'm0-secret-key', host })
    this.userId = userId
  }
}
class PublicFieldMemory {
  private readonly client: MemoryClient
  readonly userId: string
  constructor(client: MemoryClient, userId: string) {
    this.client = client
    this.userId = userId
  }
  search(query: string) {
    return this.client.search(query, { filters: { user_id: this.userId } })
  }
}

describe('what can be reached through a handle', () => {
  let client: MemoryClient
  let platform: Mem0Platform
  let memory: ScopedMemory
  beforeAll(async () => {
    ;({ platform } = await openHosted())
    client = new MemoryClient({ apiKey: 'm0-secret-key', host: platform.url })
    memory = createMemoryFactory({ client })('u_alice')
    for (const user of ['u_alice', 'u_bob']) {
      await client.add([{ role: 'user', content: `secret of ${user}` }], { userId: user, infer: false })
    }
  })
  afterAll(() => platform.close())

  it('10, 20 · no project-wide method: the raw client wipes everybody with one forgotten id', async () => {
    const wiped = await openHosted()
    await wiped.client.add([{ role: 'user', content: 'of bob' }], { userId: 'u_bob', infer: false })
    await wiped.client.deleteUsers({ userId: undefined } as never)
    expect([...wiped.platform.store.all()]).toEqual([])
    await wiped.close()

    for (const name of [
      'deleteUsers',
      'deleteUser',
      'users',
      'getProfile',
      'sampleProfiles',
      'createWebhook',
      'createMemoryExport',
      'getMemoryExport',
      'updateProject',
      'reset',
    ]) {
      expect(memory).not.toHaveProperty(name)
    }
  })

  it('19 · no request primitive: the raw client fetches any path', async () => {
    const [bobs] = (await client.getAll({ filters: { user_id: 'u_bob' } })).results
    expect(await client.getProfileJob(`/v1/memories/${bobs!.id}/`)).toMatchObject({
      memory: 'secret of u_bob',
    })
    for (const name of [
      'getProfileJob',
      'deleteWebhook',
      'updateWebhook',
      'getWebhooks',
      '_fetchRawJson',
      '_fetchWithErrorHandling',
    ]) {
      expect(memory).not.toHaveProperty(name)
    }
  })

  it('21 · an allow-list of operations: inheritance hands out whatever mem0 adds', () => {
    const inherited = new InheritingMemory(platform.url, 'u_alice')
    expect(inherited).toHaveProperty('deleteUsers')
    expect(inherited).toHaveProperty('_fetchRawJson')

    const reachable = new Set<string>()
    for (
      let level: object | null = memory;
      level !== null && level !== Object.prototype;
      level = Object.getPrototypeOf(level) as object | null
    ) {
      for (const key of Reflect.ownKeys(level)) reachable.add(String(key))
    }
    expect([...reachable].sort()).toEqual([...OPERATIONS, 'constructor', 'userId'].sort())
  })

  it('22 · neither the client nor its key: a private field of TypeScript is public at run time', () => {
    const leaky = new PublicFieldMemory(client, 'u_alice')
    expect(JSON.stringify(leaky)).toContain('m0-secret-key')
    expect(inspect(leaky, { depth: 5 })).toContain('m0-secret-key')

    const shown = [
      JSON.stringify(memory),
      JSON.stringify({ ...memory }),
      inspect(memory, { depth: 10, showHidden: true, getters: true }),
      Object.prototype.toString.call(memory),
      JSON.stringify(Object.getOwnPropertyDescriptors(memory)),
      JSON.stringify(structuredClone({ ...memory })),
    ].join()
    expect(shown).not.toContain('m0-secret-key')
    expect(shown).not.toContain(platform.url)
    expect(Reflect.ownKeys(memory)).toEqual([])
  })

  it('22 · nothing that can be changed', async () => {
    expect(Object.isFrozen(memory)).toBe(true)
    expect(() => Object.assign(memory, { userId: 'u_bob' })).toThrow(TypeError)
    expect(() => Object.defineProperty(memory, 'userId', { value: 'u_bob' })).toThrow(TypeError)
    expect(Reflect.setPrototypeOf(memory, {})).toBe(false)
    expect(memory.userId).toBe('u_alice')
    const forged = { userId: 'u_bob' } as ScopedMemory
    await expect(ScopedMemory.prototype.search.call(forged, 'secret')).rejects.toThrow(TypeError)
  })

  it('22 · no back door in the constructor', () => {
    for (const forged of [
      { userId: 'u_bob' },
      Object.create(memory) as object,
      { settings: {}, userId: 'u_bob', scope: { userId: 'u_bob' } },
    ]) {
      expect(() => new ScopedMemory(forged as never, { client })).toThrow(/must be a string/)
    }
  })
})
