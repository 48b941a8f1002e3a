import { startMem0Platform, type Mem0Platform } from '@scoped-memory/mem0-platform'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createMemoryFactory, type ScopedMemory } from '../../src/index.ts'
import { InterruptedClient } from '../support/interrupted-client.ts'

let platform: Mem0Platform
let client: InterruptedClient
let memory: ScopedMemory
let ids: string[]
const minute = (index: number) => new Date(Date.UTC(2026, 0, 1, 0, index))

beforeAll(async () => void (platform = await startMem0Platform()))
afterAll(() => platform.close())
beforeEach(() => {
  platform.reset()
  client = new InterruptedClient({ apiKey: 'm0-key', host: platform.url })
  memory = createMemoryFactory({ client })('u_alice')
  // Newest first, as a list has them; the API gives 200 a page.
  ids = seed(500).reverse()
})

const seed = (count: number, from = 1000) =>
  platform.store.seed(
    Array.from({ length: count }, (_, index) => ({
      text: `memory ${index}`,
      userId: 'u_alice',
      createdAt: minute(from + index),
    })),
  )
const remove = (id: string) => platform.store.delete(platform.store.get(id)!)
const listed = async () => {
  const found: string[] = []
  for await (const { id } of memory.list()) found.push(id)
  return found
}
const exported = async () => {
  const found: string[] = []
  for await (const { memory: record } of memory.exportAll()) found.push(record.id)
  return found
}

describe.each([
  ['list', listed],
  ['exportAll', exported],
])('%s', (_, read) => {
  it('misses none that was there all the time where one goes and an older one comes between two pages', async () => {
    let gone = ''
    client.afterPage = (requests) => {
      if (requests !== 1) return
      remove((gone = ids[3]!))
      seed(1, 0)
    }
    const found = await read()
    expect(new Set(found).size).toBe(found.length)
    for (const id of ids) if (id !== gone) expect(found).toContain(id)
  })

  it('misses none while one goes and one comes with every page', async () => {
    const gone = new Set<string>()
    client.afterPage = (requests) => {
      if (requests > 12) return
      const victim = ids[requests * 3]!
      gone.add(victim)
      remove(victim)
      seed(1, requests)
    }
    const found = await read()
    expect(new Set(found).size).toBe(found.length)
    for (const id of ids) if (!gone.has(id)) expect(found).toContain(id)
  })

  it('misses none that slips through two readings of the same length', async () => {
    const [older] = seed(1, 0)
    client.afterPage = (requests) => {
      if (requests === 1) remove(ids.splice(3, 1)[0]!)
      if (requests === 1) seed(1, 1)
      // Back to where it was before the first page of the second reading, and away again after it.
      if (requests === 3) seed(1, 9000)
      if (requests === 3) remove(older!)
      if (requests === 4) remove(ids.splice(3, 1)[0]!)
      if (requests === 4) seed(1, 2)
    }
    const found = await read()
    for (const id of ids) expect(found).toContain(id)
  })

  it('goes on where the last page is gone meanwhile', async () => {
    client.afterPage = (requests) => {
      if (requests === 1) for (const id of ids.splice(2)) remove(id)
    }
    expect(await read()).toEqual(expect.arrayContaining(ids))
  })

  it('ends where something changes all the time', async () => {
    client.afterPage = (requests) => void seed(1, 5000 + requests)
    const found = await read()
    expect(new Set(found).size).toBe(found.length)
    for (const id of ids) expect(found).toContain(id)
  })

  it('asks no more where records only come', async () => {
    client.afterPage = (requests) => void seed(1, 5000 + requests)
    platform.clearRequests()
    await read()
    expect(platform.requests.filter(({ path }) => path === '/v3/memories/')).toHaveLength(6)
  })

  it('asks once for what fits on one page', async () => {
    for (const id of ids.slice(150)) remove(id)
    platform.clearRequests()
    expect(await read()).toHaveLength(150)
    expect(platform.requests.filter(({ path }) => path === '/v3/memories/')).toHaveLength(1)
  })
})

it('ends where a server gives the same page again and again', async () => {
  const page = ids.slice(0, 200).map((id) => ({ id, memory: 'x', userId: 'u_alice' }))
  const requests = vi.spyOn(client, 'getAll').mockImplementation(async () => {
    if (requests.mock.calls.length > 6) throw new Error('asked again and again')
    return { results: page, next: 'more' } as never
  })
  expect(await listed()).toEqual(ids.slice(0, 200))
})

it('refuses pages of records without an id, which cannot be told apart', async () => {
  vi.spyOn(client, 'getAll').mockResolvedValue({
    results: [{ memory: 'x', userId: 'u_alice' }],
    next: 'more',
  } as never)
  await expect(listed()).rejects.toMatchObject({ code: 'BAD_RESPONSE' })
})

it('fields without an id lose and double none, and show none', async () => {
  for (const id of ids.splice(10)) remove(id)
  client.afterPage = (requests) => {
    if (requests === 1) seed(1, 9000)
  }
  const found: object[] = []
  for await (const record of memory.list({ fields: ['memory'], pageSize: 4 })) found.push(record)
  expect(found.length).toBeGreaterThanOrEqual(10)
  expect(found.length).toBeLessThanOrEqual(11)
  for (const record of found) expect(Object.keys(record)).toEqual(['memory'])
  const { results } = await memory.search('memory', { fields: ['memory', 'score'] })
  for (const record of results) expect(record).not.toHaveProperty('id')
})

it('reads the list again where a page is gone when it is asked for', async () => {
  platform.reset()
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

it('ends where the same page comes again and again over the network', async () => {
  const page = {
    results: [{ id: ids[0], memory: 'of alice', user_id: 'u_alice' }],
    count: 2,
    next: 'more',
    previous: null,
  }
  platform.misbehave({ times: Number.POSITIVE_INFINITY, with: { rubbish: JSON.stringify(page) } })
  const seen = []
  for await (const record of memory.list()) seen.push(record.id)
  expect(seen).toEqual([ids[0]])
  expect(platform.requests.length).toBeLessThan(6)
  platform.reset()
})
