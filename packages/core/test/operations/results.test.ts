import { startMem0Platform, type Mem0Platform } from '@scoped-memory/mem0-platform'
import { MemoryClient } from 'mem0ai'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createMemoryFactory } from '../../src/index.ts'

describe('a result', () => {
  let client: MemoryClient
  let platform: Mem0Platform
  beforeAll(async () => {
    platform = await startMem0Platform()
    client = new MemoryClient({ apiKey: 'm0-key', host: platform.url })
  })
  afterAll(() => platform.close())
  beforeEach(() => {
    platform.reset()
    platform.store.seed([
      { text: 'of alice', userId: 'u_alice', runId: 'r1' },
      { text: 'of bob', userId: 'u_bob', runId: 'r1' },
    ])
  })

  it('that of add has one shape, whichever the back end answers in', async () => {
    const memory = createMemoryFactory({ client })('u_alice')
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

  it('that of a write is handed out as far as it is known to be about this record', async () => {
    const memory = createMemoryFactory({ client })('u_alice')
    const [mine] = (await memory.getAll()).results
    platform.misbehave({
      match: { method: 'DELETE' },
      with: {
        rubbish: JSON.stringify({
          message: 'ok',
          cascade_count: 2,
          user_id: 'u_bob',
          deleted: [{ memory: 'of bob' }],
        }),
      },
    })
    expect(await memory.delete(mine!.id)).toEqual({ message: 'ok', cascadeCount: 2 })
  })

  it('that of a page has no count where it would count dropped records', async () => {
    platform.misbehave({ times: Number.POSITIVE_INFINITY, with: { foreignRowsOf: 'u_bob' } })
    const page = await createMemoryFactory({ client, onForeignRecord: 'drop' })('u_alice').getAll()
    expect(page.results).toHaveLength(1)
    expect(page).not.toHaveProperty('count')
  })

  it('has the fields that were asked for, and is checked by those that were not', async () => {
    const memory = createMemoryFactory({ client })('u_alice')
    const { results } = await memory.search('of', { fields: ['id', 'memory'] })
    expect(results).toEqual([{ id: expect.any(String) as string, memory: 'of alice' }])
    expect((await memory.search('of', { fields: ['user_id'] })).results).toEqual([{ userId: 'u_alice' }])
    // Strict ownership needs the owner in each row, so it was asked for.
    const strict = createMemoryFactory({ client, strictOwnership: true })('u_alice', { runId: 'r1' })
    expect((await strict.search('of', { fields: ['memory'] })).results).toEqual([{ memory: 'of alice' }])
    expect((await strict.getAll({ fields: ['memory'] })).results).toEqual([{ memory: 'of alice' }])
  })
})
