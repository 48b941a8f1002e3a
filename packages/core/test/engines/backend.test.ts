import { startMem0Platform } from '@scoped-memory/mem0-platform'
import { AuthenticationError, MemoryClient } from 'mem0ai'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { sha256 } from '../../src/engines/sha256.ts'
import {
  createMemoryFactory,
  forEachUser,
  InvalidArgumentError,
  ScopedMemory,
  UnsafeBackendError,
} from '../../src/index.ts'
import { createInMemoryClient } from '../../src/testing/index.ts'

const textsOf = async (memory: ScopedMemory) => (await memory.getAll()).results.map((record) => record.memory)

describe('the default client', () => {
  afterEach(() => void vi.unstubAllEnvs())

  it('is that of the key and the host when the handle is made, also from a factory made before', async () => {
    await using tenantA = await startMem0Platform({ apiKey: 'm0-a' })
    await using tenantB = await startMem0Platform({ apiKey: 'm0-b' })
    const memoryFor = createMemoryFactory()
    const enter = (key: string, url: string) => vi.stubEnv('MEM0_API_KEY', key).stubEnv('MEM0_HOST', url)

    enter('m0-a', tenantA.url)
    const atA = memoryFor('u_alice')
    await atA.add('told tenant A', { infer: false })
    enter('m0-b', tenantB.url)
    for (const atB of [memoryFor('u_alice'), new ScopedMemory('u_alice')]) {
      expect(await textsOf(atB)).toEqual([])
    }
    await memoryFor('u_alice').add('told tenant B', { infer: false })
    expect(await textsOf(new ScopedMemory('u_alice'))).toEqual(['told tenant B'])
    // A handle stays with the client it was made for.
    expect(await textsOf(atA)).toEqual(['told tenant A'])
    enter('m0-a', tenantA.url)
    expect(await textsOf(memoryFor('u_alice'))).toEqual(['told tenant A'])
  })

  it('is another one where only the key changes, and where only the host does', async () => {
    await using platform = await startMem0Platform({ apiKey: 'm0-right' })
    await using elsewhere = await startMem0Platform()
    for (const method of ['error', 'warn'] as const) vi.spyOn(console, method).mockImplementation(() => {})
    const memoryFor = createMemoryFactory()
    vi.stubEnv('MEM0_HOST', platform.url).stubEnv('MEM0_API_KEY', 'm0-wrong')
    await expect(memoryFor('u_alice').getAll()).rejects.toThrow(AuthenticationError)
    vi.stubEnv('MEM0_API_KEY', 'm0-right')
    await memoryFor('u_alice').add('told the first host', { infer: false })
    vi.stubEnv('MEM0_HOST', elsewhere.url)
    expect(await textsOf(memoryFor('u_alice'))).toEqual([])
    vi.restoreAllMocks()
  })

  it('is not asked for until a handle is', () => {
    vi.stubEnv('MEM0_API_KEY', '')
    const memoryFor = createMemoryFactory()
    expect(() => createMemoryFactory({ timeoutMs: 0 })).toThrow(InvalidArgumentError)
    expect(() => memoryFor('u_alice')).toThrow(/Set MEM0_API_KEY/)
    expect(() => new ScopedMemory('u_alice')).toThrow(/Set MEM0_API_KEY/)
    expect(() => forEachUser(['u_alice'], async () => {})).toThrow(/Set MEM0_API_KEY/)
  })
})

describe('a client', () => {
  it('stores its users in one way: a user under a hash would be the plain user of that id', async () => {
    const client = createInMemoryClient()
    const hashed = createMemoryFactory({ client, storageId: 'sha256' })
    await hashed('u_alice').add('of alice', { infer: false })

    const plain = () => new ScopedMemory(sha256('u_alice'), { client })
    expect(plain).toThrow(UnsafeBackendError)
    expect(plain).toThrow(/under the SHA-256 .* same storageId/)
    expect(() => createMemoryFactory({ client, ownershipCacheSize: 7 })).toThrow(UnsafeBackendError)
    expect(
      await textsOf(new ScopedMemory('u_alice', { client, storageId: 'sha256', ownershipCacheSize: 7 })),
    ).toEqual(['of alice'])
  })

  it('also where many users are worked on', () => {
    const hosted = new MemoryClient({ apiKey: 'm0-key', host: 'http://127.0.0.1:9' })
    for (const client of [hosted, createInMemoryClient()]) {
      createMemoryFactory({ client, storageId: 'sha256' })
      expect(() => forEachUser([sha256('u_alice')], async () => {}, { client })).toThrow(UnsafeBackendError)
    }
  })

  it('the other way round too', () => {
    const client = createInMemoryClient()
    createMemoryFactory({ client })
    expect(() => createMemoryFactory({ client, storageId: 'sha256' })).toThrow(
      /under their ids .* same storageId/,
    )
  })
})
