import { MemoryClient } from 'mem0ai'
import { describe, expect, it } from 'vitest'
import { sha256 } from '../../src/engines/sha256.ts'
import { createMemoryFactory, forEachUser, ScopedMemory, UnsafeBackendError } from '../../src/index.ts'
import { createInMemoryClient } from '../../src/testing/index.ts'

const textsOf = async (memory: ScopedMemory) => (await memory.getAll()).results.map((record) => record.memory)

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
