import diagnostics from 'node:diagnostics_channel'
import type { Mem0Platform } from '@scoped-memory/mem0-platform'
import { ValidationError, type MemoryClient } from 'mem0ai'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  createMemoryFactory,
  ForeignRecordError,
  MemoryNotFoundError,
  type ViolationMessage,
} from '../../src/index.ts'
import { openHosted } from '../support/backends.ts'

const VIOLATION = 'scoped-memory:violation'

describe('rows of an answer', () => {
  let client: MemoryClient
  let platform: Mem0Platform
  const violations: ViolationMessage[] = []
  const listen = (message: unknown) => void violations.push(message as ViolationMessage)
  beforeAll(async () => {
    ;({ client, platform } = await openHosted())
  })
  afterAll(() => platform.close())
  beforeEach(() => {
    platform.reset()
    platform.store.seed([
      { text: 'of alice', userId: 'u_alice', runId: 'r1' },
      { text: 'of bob', userId: 'u_bob', runId: 'r1' },
    ])
    violations.length = 0
    diagnostics.subscribe(VIOLATION, listen)
  })
  afterEach(() => {
    diagnostics.unsubscribe(VIOLATION, listen)
  })
  const foreign = () =>
    platform.misbehave({ times: Number.POSITIVE_INFINITY, with: { foreignRowsOf: 'u_bob' } })

  const calls = {
    search: async (options: object) => createMemoryFactory({ client, ...options })('u_alice').search('of'),
    getAll: async (options: object) => createMemoryFactory({ client, ...options })('u_alice').getAll(),
    list: async (options: object) => {
      const results = []
      for await (const record of createMemoryFactory({ client, ...options })('u_alice').list())
        results.push(record)
      return { results }
    },
  }
  describe.each(Object.entries(calls))('%s', (operation, call) => {
    it('throws on a foreign record, hands out nothing, and says so without its content', async () => {
      foreign()
      const error: unknown = await call({}).catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(ForeignRecordError)
      expect(error).toMatchObject({ code: 'FOREIGN_RECORD', status: 500 })
      expect(JSON.stringify(error) + String(error)).not.toMatch(/bob/)
      expect(violations).toEqual([
        {
          operation,
          engine: 'hosted',
          userId: 'u_alice',
          reason: 'foreign-record',
          count: 1,
          action: 'throw',
        },
      ])
    })

    it('drops it by choice, and reports it all the same', async () => {
      foreign()
      const { results } = await call({ onForeignRecord: 'drop' })
      expect(results.map(({ memory }) => memory)).toEqual(['of alice'])
      expect(violations).toMatchObject([{ operation, action: 'drop', count: 1 }])
    })

    it('takes rows without an owner, which the API may send, unless ownership is strict', async () => {
      platform.misbehave({ times: Number.POSITIVE_INFINITY, with: { ownerless: true } })
      expect((await call({})).results).toHaveLength(1)
      await expect(call({ strictOwnership: true })).rejects.toThrow(ForeignRecordError)
      expect((await call({ strictOwnership: true, onForeignRecord: 'drop' })).results).toEqual([])
    })

    it.each([
      'null',
      '"text"',
      '42',
      '{}',
      '{"results":{}}',
      '{"results":[null]}',
      '{"results":["x"]}',
      '[[]]',
    ])('refuses the answer %s', async (rubbish) => {
      platform.misbehave({ with: { rubbish } })
      await expect(call({})).rejects.toMatchObject({ code: 'BAD_RESPONSE', status: 502 })
    })
  })

  it('a get that answers with the record of another user or of another id finds nothing', async () => {
    const memory = createMemoryFactory({ client })('u_alice')
    const [mine] = (await memory.getAll()).results
    const fresh = createMemoryFactory({ client, ownershipCacheSize: 1 })('u_alice')
    for (const fault of [
      { foreignRowsOf: 'u_bob' },
      { ownerless: true } as const,
      {
        rubbish: JSON.stringify({
          id: '11111111-1111-4111-8111-111111111111',
          memory: 'x',
          user_id: 'u_alice',
        }),
      },
      { rubbish: JSON.stringify({ id: mine!.id, memory: 'x', user_id: null }) },
      { rubbish: JSON.stringify({ id: mine!.id, memory: 'x', user_id: 'u_alice', userId: 'u_bob' }) },
      { rubbish: JSON.stringify({ id: mine!.id, memory: 'x', user_id: ['u_alice'] }) },
    ]) {
      platform.misbehave({ with: fault })
      await expect(fresh.get(mine!.id), JSON.stringify(fault)).rejects.toThrow(MemoryNotFoundError)
      platform.misbehave({ with: fault })
      await expect(fresh.delete(mine!.id), JSON.stringify(fault)).rejects.toThrow(MemoryNotFoundError)
    }
    expect(platform.requests.filter(({ method }) => method === 'DELETE')).toEqual([])
    expect(await fresh.get(mine!.id)).toMatchObject({ memory: 'of alice' })
  })

  it('what cannot be an id is sent nowhere', async () => {
    const memory = createMemoryFactory({ client })('u_alice')
    platform.clearRequests()
    for (const id of [
      '.',
      '..',
      '',
      'user/u_bob',
      '../entities',
      '%2e',
      'a?b',
      'a#b',
      'a b',
      '-a',
      'x'.repeat(129),
    ]) {
      for (const call of [
        () => memory.get(id),
        () => memory.update(id, 'x'),
        () => memory.delete(id),
        () => memory.history(id),
        () => memory.feedback({ memoryId: id }),
        () => memory.batchDelete([id]),
        () => memory.batchUpdate([{ memoryId: id, text: 'x' }]),
      ]) {
        await expect(call()).rejects.toThrow(MemoryNotFoundError)
      }
    }
    expect(platform.requests).toEqual([])
  })

  it('a guess at the id of another user is reported', async () => {
    const [bobs] = (await client.getAll({ filters: { user_id: 'u_bob' } })).results
    await expect(createMemoryFactory({ client })('u_alice').get(bobs!.id)).rejects.toThrow(
      MemoryNotFoundError,
    )
    expect(violations).toEqual([
      {
        operation: 'get',
        engine: 'hosted',
        userId: 'u_alice',
        reason: 'foreign-id',
        count: 1,
        action: 'throw',
      },
    ])
    await expect(
      createMemoryFactory({ client })('u_alice').get('11111111-1111-4111-8111-111111111111'),
    ).rejects.toThrow()
    expect(violations).toHaveLength(1)
  })

  it.each([
    ['update', 'PUT', /memories/, { user_id: 'u_bob', memory: 'of bob' }],
    ['history', 'GET', /history/, [{ user_id: 'u_bob', new_memory: 'of bob' }]],
    [
      'history',
      'GET',
      /history/,
      [{ memory_id: '11111111-1111-4111-8111-111111111111', new_memory: 'of bob' }],
    ],
    ['add', 'POST', /add/, [{ id: 'x', user_id: 'u_bob', memory: 'of bob' }]],
  ])('the answer of %s must be about what was asked', async (operation, method, path, rubbish) => {
    const memory = createMemoryFactory({ client })('u_alice')
    const [mine] = (await memory.getAll()).results
    platform.misbehave({ match: { method, path }, with: { rubbish: JSON.stringify(rubbish) } })
    const call = {
      update: () => memory.update(mine!.id, 'x'),
      history: () => memory.history(mine!.id),
      add: () => memory.add('x'),
    }
    await expect(call[operation as keyof typeof call]()).rejects.toThrow(ForeignRecordError)
  })

  it('a record of this user outside the bound run, where the filter was ignored, is left out and raises no alarm', async () => {
    const memory = createMemoryFactory({ client })('u_alice', { runId: 'r9' })
    const rows = [
      { id: '11111111-1111-4111-8111-111111111111', memory: 'x', user_id: 'u_alice', run_id: 'r1' },
    ]
    platform.misbehave({
      with: { rubbish: JSON.stringify({ results: rows, count: 1, next: null, previous: null }) },
    })
    expect((await memory.getAll()).results).toEqual([])
    const [mine] = (await createMemoryFactory({ client })('u_alice').getAll()).results
    await expect(memory.get(mine!.id)).rejects.toThrow(MemoryNotFoundError)
    expect(violations).toEqual([])
  })

  it("a refusal of an own id by the back end is the back end's error", async () => {
    const memory = createMemoryFactory({ client })('u_alice')
    const [mine] = (await memory.getAll()).results
    platform.misbehave({ with: { status: 400, body: '{"error":"project_id is required"}' } })
    await expect(memory.get(mine!.id)).rejects.toThrow(ValidationError)
  })

  it('a proof that outlived its record is the same error as any id that is not there', async () => {
    const memory = createMemoryFactory({ client })('u_alice')
    for (const call of [
      (id: string) => memory.update(id, 'x'),
      (id: string) => memory.delete(id),
      (id: string) => memory.feedback({ memoryId: id }),
      (id: string) => memory.batchUpdate([{ memoryId: id, text: 'x' }]),
      (id: string) => memory.batchDelete([id]),
    ]) {
      platform.store.seed([{ text: 'short-lived', userId: 'u_alice' }])
      const { results } = await memory.getAll()
      const { id } = results.find((row) => row.memory === 'short-lived')!
      await client.delete(id)
      await expect(call(id), String(call)).rejects.toThrow(MemoryNotFoundError)
    }
  })

  it('proves an id once: what a search, a list or a get has shown needs no second look', async () => {
    const memory = createMemoryFactory({ client })('u_alice')
    const { results } = await memory.search('of')
    platform.clearRequests()
    await memory.update(results[0]!.id, 'changed')
    expect(platform.requests.map(({ method }) => method)).toEqual(['PUT'])
    const [row] = [...platform.store.all()].filter(({ userId }) => userId === 'u_alice')
    const cold = createMemoryFactory({ client, ownershipCacheSize: 7 })('u_alice')
    platform.clearRequests()
    await cold.update(row!.id, 'again')
    await cold.delete(row!.id)
    expect(platform.requests.map(({ method }) => method)).toEqual(['GET', 'PUT', 'DELETE'])
  })

  it('a proof for one user or run does not count for another', async () => {
    const memoryFor = createMemoryFactory({ client, ownershipCacheSize: 3 })
    const [mine] = (await memoryFor('u_alice').getAll()).results
    await expect(memoryFor('u_bob').delete(mine!.id)).rejects.toThrow(MemoryNotFoundError)
    await expect(memoryFor('u_alice', { runId: 'r2' }).delete(mine!.id)).rejects.toThrow(MemoryNotFoundError)
    await memoryFor('u_alice', { runId: 'r1' }).delete(mine!.id)
  })
})
