import { startMem0Platform, type Mem0Platform } from '@scoped-memory/mem0-platform'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createMemoryFactory, ForeignRecordError, ScopedMemory } from '../../src/index.ts'
import { InterruptedClient } from '../support/interrupted-client.ts'

let platform: Mem0Platform
let client: InterruptedClient
let memory: ScopedMemory
let ids: string[]

beforeAll(async () => void (platform = await startMem0Platform()))
afterAll(() => platform.close())
beforeEach(() => {
  platform.reset()
  client = new InterruptedClient({ apiKey: 'm0-key', host: platform.url })
  memory = createMemoryFactory({ client })('u_alice')
  const minute = (index: number) => new Date(Date.UTC(2026, 0, 1, 0, index))
  const rows = Array.from({ length: 20 }, (_, index) => ({
    text: `memory ${index}`,
    userId: 'u_alice',
    createdAt: minute(index),
  }))
  // Newest first, as a list has them.
  ids = platform.store.seed(rows).reverse()
})

const remove = (id: string) => platform.store.delete(platform.store.get(id)!)
const exported = async () => {
  const found: string[] = []
  for await (const { memory: record } of memory.exportAll()) found.push(record.id)
  return found
}

describe('exportAll', () => {
  it('leaves out what was deleted after it was listed', async () => {
    const found: string[] = []
    for await (const { memory: record } of memory.exportAll()) {
      found.push(record.id)
      if (found.length === 12) await memory.delete(ids[15]!)
    }
    expect(found).toEqual(ids.filter((id) => id !== ids[15]))
  })

  it('leaves out what was deleted, also where a list does not say whose a record is', async () => {
    for (const id of ids.splice(3)) remove(id)
    platform.misbehave({ match: { path: '/v3/memories/' }, with: { ownerless: true } })
    client.afterPage = () => remove(ids[1]!)
    expect(await exported()).toEqual([ids[0], ids[2]])
  })

  it('hands out no record that a list slips in without an owner', async () => {
    const [ofBob] = platform.store.seed([{ text: 'of bob', userId: 'u_bob' }])
    vi.spyOn(client, 'getAll').mockResolvedValue({ results: [{ id: ofBob!, memory: 'of bob' }] } as never)
    await expect(exported()).rejects.toThrow(ForeignRecordError)
    await expect(memory.within({ runId: 'r1' }).deleteAll()).rejects.toThrow(ForeignRecordError)
    memory = new ScopedMemory('u_alice', { client, onForeignRecord: 'drop' })
    expect(await exported()).toEqual([])
    await memory.within({ runId: 'r1' }).deleteAll()
    expect(platform.store.get(ofBob!)).toBeDefined()
  })
})
