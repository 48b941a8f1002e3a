import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  InvalidArgumentError,
  MemoryNotFoundError,
  ScopeEscapeError,
  type HistoryEntry,
  type MemoryRecord,
  type ScopedMemory,
} from '../src/index.ts'
import { onEveryBackend } from './support/every-backend.ts'
import { LEGITIMATE_IDS } from './support/ids.ts'

const texts = (records: { memory?: string }[]) => records.map(({ memory }) => memory).sort()
const user = (name = 'u') => `${name}-${randomUUID().slice(0, 8)}`
const VERBATIM = { infer: false }

async function added(memory: ScopedMemory, text: string, options = {}): Promise<MemoryRecord> {
  const { results } = await memory.add(text, { ...VERBATIM, ...options })
  return memory.get(results[0]!.id)
}
async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

const RETAINED: Record<string, RegExp> = {
  hosted: /logs/,
  'self-hosted on SQLite': /history/,
  'self-hosted on Postgres': /^backups and logs of the database[^,]*, for as long as they are kept$/,
}

onEveryBackend((backend, name) => {
  const hosted = name === 'hosted'
  const { memoryFor } = backend

  describe('what must keep working', () => {
    it.each(LEGITIMATE_IDS)('a user called %s', async (id) => {
      const userId = `${id}`.slice(0, 190) + randomUUID().slice(0, 8)
      for (const exact of [userId, id]) {
        const memory = memoryFor(exact)
        await memory.deleteAll()
        const { id: memoryId } = await added(memory, `note of ${exact.slice(0, 20)}`)
        expect(await memory.get(memoryId)).toMatchObject({ userId: exact })
        expect((await memory.search('note', { threshold: 0 })).results.map((row) => row.userId)).toEqual([
          exact,
        ])
        expect((await memory.getAll()).results).toHaveLength(1)
        await memory.update(memoryId, 'changed')
        expect(await memory.history(memoryId)).toHaveLength(2)
        await memory.deleteAll()
        expect((await memory.getAll()).results).toEqual([])
      }
    })

    it('users whose ids differ in case, form or accents are different users', async () => {
      const unique = randomUUID().slice(0, 8)
      const ids = ['alice', 'Alice', 'ALICE', 'José', 'Jose\u0301', 'a\u200bb', 'ab'].map((id) => id + unique)
      for (const id of ids) await added(memoryFor(id), `of ${id}`)
      for (const id of ids) expect(texts((await memoryFor(id).getAll()).results)).toEqual([`of ${id}`])
    })

    it('metadata comes back as it went in', async () => {
      const metadata = {
        camelCase: { nestedKey: [1, null, { deepKey: true }] },
        snake_case: 'x',
        count: 0,
        none: null,
      }
      const record = await added(memoryFor(user()), 'with metadata', { metadata })
      expect(record.metadata).toEqual(metadata)
    })

    it('conversations and options are not changed, and can be used again by another user', async () => {
      const messages = Object.freeze([
        Object.freeze({ role: 'user', content: 'I like tea' }),
        Object.freeze({ role: 'assistant', content: 'Noted' }),
      ])
      const options = Object.freeze({ infer: false, metadata: Object.freeze({ from: 'chat' }) })
      const filters = Object.freeze({ filters: Object.freeze({ from: 'chat' }), threshold: 0 })
      for (const id of [user(), user()]) {
        await memoryFor(id).add(messages, options)
        if (!hosted) expect((await memoryFor(id).search('tea', filters)).results.length).toBe(2)
      }
    })

    it('filters: its own user, a run, lists, OR and NOT', async () => {
      const id = user()
      const memory = memoryFor(id)
      await added(memory, 'red', { runId: 'r1', metadata: { color: 'red', size: 1 } })
      await added(memory, 'blue', { runId: 'r2', metadata: { color: 'blue', size: 2 } })
      await added(memory, 'green', { runId: 'r2', metadata: { color: 'green', size: 3 } })
      const by = (key: string, condition: unknown) =>
        hosted ? { metadata: { [key]: condition } } : { [key]: condition }
      const cases: [object, string[]][] = [
        [{}, ['blue', 'green', 'red']],
        [{ user_id: id }, ['blue', 'green', 'red']],
        [{ AND: [{ user_id: id }, { run_id: '*' }] }, ['blue', 'green', 'red']],
        [{ run_id: 'r2' }, ['blue', 'green']],
        [{ AND: [{ run_id: 'r2' }, by('color', 'blue')] }, ['blue']],
        [{ OR: [by('color', 'red'), by('color', 'blue')] }, ['blue', 'red']],
        [{ NOT: [by('color', 'red')] }, ['blue', 'green']],
        [{ NOT: by('color', 'red') }, ['blue', 'green']],
        [{ run_id: 'r2', NOT: [by('color', 'green')] }, ['blue']],
        ...(hosted
          ? []
          : ([
              [{ color: ['red', 'blue'] }, ['blue', 'red']],
              [{ color: { in: ['red'] } }, ['red']],
              [{ color: { nin: ['red'] } }, ['blue', 'green']],
              [{ color: { ne: 'red' } }, ['blue', 'green']],
              [{ color: { eq: 'red' } }, ['red']],
              [{ color: { contains: 're' } }, ['green', 'red']],
              [{ color: { icontains: 'RE' } }, ['green', 'red']],
              [{ size: { gt: 1 } }, ['blue', 'green']],
              [{ size: { gte: 2, lte: 2 } }, ['blue']],
              [{ size: { gt: 1, ne: 3 } }, ['blue']],
              [{ size: { lt: 3 }, color: { ne: 'red' } }, ['blue']],
              [{ AND: [{ size: { gte: 2 } }, { size: { lte: 2 } }] }, ['blue']],
            ] as [object, string[]][])),
      ]
      for (const [filters, expected] of cases) {
        expect(texts((await memory.getAll({ filters })).results), JSON.stringify(filters)).toEqual(expected)
        expect(
          texts((await memory.search('red blue green', { filters, threshold: 0 })).results),
          JSON.stringify(filters),
        ).toEqual(expected)
        expect(texts(await collect(memory.list({ filters }))), JSON.stringify(filters)).toEqual(expected)
      }
    })

    it('refuses a filter that the back end would evaluate in part', async () => {
      if (name !== 'self-hosted on SQLite') return
      const memory = memoryFor(user())
      for (const filters of [
        { AND: [{ color: 'red' }, { color: 'blue' }] },
        { AND: [{ size: { gt: 1 } }, { size: { gt: 2 } }] },
        { color: 'red', AND: [{ color: { ne: 'blue' } }] },
        { AND: [{ OR: [{ a: 1 }] }, { OR: [{ b: 2 }] }] },
        { OR: [{ AND: [{ a: 1 }, { NOT: { b: 2 } }] }] },
      ]) {
        await expect(memory.getAll({ filters }), JSON.stringify(filters)).rejects.toThrow(
          InvalidArgumentError,
        )
        await expect(memory.search('x', { filters }), JSON.stringify(filters)).rejects.toThrow(
          InvalidArgumentError,
        )
      }
    })

    it('search options', async () => {
      const memory = memoryFor(user())
      for (const text of ['tea in the morning', 'tea at noon', 'tea at night']) await added(memory, text)
      expect((await memory.search('tea', { topK: 2, threshold: 0 })).results).toHaveLength(2)
      expect(
        (await memory.search('tea', { topK: 1, rerank: false, showExpired: true, explain: false })).results,
      ).toHaveLength(1)
    })

    it('a day on which a memory ends', async () => {
      const memory = memoryFor(user())
      const old = await added(memory, 'over', { expirationDate: '2001-01-01' })
      await added(memory, 'still', { expirationDate: '2999-12-31' })
      expect(texts((await memory.getAll()).results)).toEqual(['still'])
      expect(texts((await memory.getAll({ showExpired: true })).results)).toEqual(['over', 'still'])
      expect(texts(await collect(memory.list()))).toEqual(['still'])
      expect(texts(await collect(memory.list({ showExpired: true })))).toEqual(['over', 'still'])
      await memory.update(old.id, { expirationDate: null })
      expect(texts((await memory.getAll()).results)).toEqual(['over', 'still'])
    })

    it('many handles at once on one client, each seeing its own', async () => {
      const users = Array.from({ length: 20 }, () => user())
      await Promise.all(users.map((id) => memoryFor(id).add(`of ${id}`, VERBATIM)))
      const seen = await Promise.all(users.map((id) => memoryFor(id).search('of', { threshold: 0 })))
      expect(seen.map(({ results }) => texts(results))).toEqual(users.map((id) => [`of ${id}`]))
    })
  })

  describe('records', () => {
    it('name their identity in camelCase', async () => {
      const id = user()
      const record = await added(memoryFor(id), 'x', { runId: 'r1', appId: 'a1' })
      expect(record).toMatchObject({ userId: id, runId: 'r1', appId: 'a1' })
      for (const row of [
        record,
        ...(await memoryFor(id).getAll()).results,
        ...(await memoryFor(id).search('x', { threshold: 0 })).results,
      ]) {
        expect(row).toMatchObject({ userId: id, runId: 'r1', appId: 'a1' })
        for (const key of ['user_id', 'run_id', 'app_id', 'agent_id']) expect(row).not.toHaveProperty(key)
        expect(row.metadata).not.toHaveProperty('app_id')
      }
    })

    it('an agent on a memory stored word for word', async () => {
      const record = await added(memoryFor(user()), 'x', { agentId: 'bot' })
      expect(record.agentId).toBe('bot')
    })
  })

  describe('by id', () => {
    it('changes text and metadata', async () => {
      const memory = memoryFor(user())
      const { id } = await added(memory, 'a', { metadata: { k: 1 } })
      await memory.update(id, 'b')
      await memory.update(id, { text: 'c', metadata: { k: 2 } })
      expect(await memory.get(id)).toMatchObject({ memory: 'c', metadata: { k: 2 } })
      await expect(memory.update(id, {})).rejects.toThrow(InvalidArgumentError)
      await expect(memory.update(id, { text: 'd', user_id: 'x' } as never)).rejects.toThrow(ScopeEscapeError)
    })

    it('a history has the fields that its type names', async () => {
      const id = user()
      const memory = memoryFor(id, { runId: 'r1' })
      const { id: memoryId } = await added(memory, 'a', { metadata: { k: 1 } })
      await memory.update(memoryId, 'b')
      const date = expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string
      const ofHosted: HistoryEntry = {
        id: expect.any(String) as string,
        memoryId,
        oldMemory: 'a',
        newMemory: 'b',
        event: 'UPDATE',
        input: [{ role: 'user', content: 'b' }],
        userId: id,
        agentId: null,
        appId: null,
        runId: 'r1',
        categories: [],
        metadata: { k: 1 },
        createdAt: date,
        updatedAt: date,
      }
      const ofSelfHosted: HistoryEntry = {
        id: expect.any(Number) as number,
        memory_id: memoryId,
        previous_value: 'a',
        new_value: 'b',
        action: 'UPDATE',
        created_at: date,
        updated_at: date,
        is_deleted: 0,
      }
      const change = (await memory.history(memoryId)).find(
        (entry) => (entry.event ?? entry.action) === 'UPDATE',
      )
      const { sessionId: _, ...named } = change!
      expect(named).toEqual(
        hosted ? ofHosted : { ...ofSelfHosted, ...(name === 'self-hosted on Postgres' && { userId: id }) },
      )
    })

    it('one error for foreign, missing and malformed ids, to the letter', async () => {
      const [mine, other] = [memoryFor(user()), memoryFor(user())]
      const { id: foreign } = await added(other, 'secret of other')
      const ids: unknown[] = [
        foreign,
        randomUUID(),
        'no-uuid',
        '.',
        '..',
        '',
        'a/b',
        '%2e',
        [foreign],
        null,
        undefined,
        7,
        { toString: () => foreign },
        'x'.repeat(500),
      ]
      const errors = new Set<string>()
      for (const id of ids as string[]) {
        for (const call of [
          () => mine.get(id),
          () => mine.update(id, 'x'),
          () => mine.delete(id),
          () => mine.history(id),
          () => mine.batchUpdate([{ memoryId: id, text: 'x' }]),
          () => mine.batchDelete([id]),
        ]) {
          const error: unknown = await call().then(
            () => 'nothing was thrown',
            (reason: unknown) => reason,
          )
          // A batch is data first: what is not a text at all is a wrong argument.
          if (error instanceof InvalidArgumentError && typeof id !== 'string') continue
          expect(error).toBeInstanceOf(MemoryNotFoundError)
          const { name: kind, message, code, status } = error as MemoryNotFoundError
          errors.add(JSON.stringify({ kind, message, code, status }))
        }
      }
      expect([...errors]).toHaveLength(1)
      expect(await other.get(foreign)).toMatchObject({ memory: 'secret of other' })
    })

    it('a deleted memory is not found, nor its history', async () => {
      const memory = memoryFor(user())
      const { id } = await added(memory, 'gone')
      expect(await memory.history(id)).toHaveLength(1)
      await memory.delete(id)
      for (const call of [
        () => memory.get(id),
        () => memory.history(id),
        () => memory.update(id, 'x'),
        () => memory.delete(id),
      ]) {
        await expect(call()).rejects.toThrow(MemoryNotFoundError)
      }
    })

    it('a memory that another process deleted is not found, nor its history', async () => {
      const memory = memoryFor(user())
      const { id } = await added(memory, 'gone')
      await backend.client.delete(id)
      await expect(memory.history(id)).rejects.toThrow(MemoryNotFoundError)
    })

    it('batches prove every id before the first write', async () => {
      const [mine, other] = [memoryFor(user()), memoryFor(user())]
      const [a, b, foreign] = [await added(mine, 'a'), await added(mine, 'b'), await added(other, 'foreign')]
      for (const ids of [
        [a.id, b.id, foreign.id],
        [a.id, randomUUID()],
        [a.id, '.'],
      ]) {
        await expect(mine.batchDelete(ids)).rejects.toThrow(MemoryNotFoundError)
        await expect(
          mine.batchUpdate(ids.map((memoryId) => ({ memoryId, text: 'changed' }))),
        ).rejects.toThrow(MemoryNotFoundError)
      }
      expect(texts((await mine.getAll()).results)).toEqual(['a', 'b'])
      expect(texts((await other.getAll()).results)).toEqual(['foreign'])

      await mine.batchUpdate([
        { memoryId: a.id, text: 'A' },
        { memoryId: b.id, text: 'B' },
      ])
      expect(texts((await mine.getAll()).results)).toEqual(['A', 'B'])
      await mine.batchDelete([a.id, b.id, a.id])
      expect((await mine.getAll()).results).toEqual([])
    })

    it.each([
      [[]],
      [null],
      ['x'],
      [[{ memoryId: 'x' }]],
      [[{ text: 'x' }]],
      [[{ memoryId: 'x', text: 1 }]],
      [[{ memoryId: 'x', text: 'x', userId: 'u' }]],
    ])('a batch is not %j', async (changes) => {
      await expect(memoryFor(user()).batchUpdate(changes as never)).rejects.toThrow()
    })

    it('feedback', async () => {
      const [mine, other] = [memoryFor(user()), memoryFor(user())]
      const { id } = await added(mine, 'a')
      if (!hosted)
        return expect(mine.feedback({ memoryId: id })).rejects.toMatchObject({
          code: 'UNSUPPORTED',
          status: 501,
        })
      await mine.feedback({ memoryId: id, feedback: 'POSITIVE', feedbackReason: 'right' })
      await expect(other.feedback({ memoryId: id, feedback: 'NEGATIVE' })).rejects.toThrow(
        MemoryNotFoundError,
      )
      await expect(mine.feedback({ memoryId: id, feedback: 'GREAT' })).rejects.toThrow(InvalidArgumentError)
    })
  })

  describe('all of a user', () => {
    it('list goes over any number of pages, and stops when its reader does', async () => {
      const memory = memoryFor(user())
      await memory.add(
        Array.from({ length: 23 }, (_, index) => ({ role: 'user', content: `n${index}` })),
        VERBATIM,
      )
      const paged = hosted ? { pageSize: 5 } : {}
      expect(new Set((await collect(memory.list(paged))).map(({ id }) => id)).size).toBe(23)
      for await (const record of memory.list(paged)) {
        expect(record.memory).toMatch(/^n/)
        break
      }
      await expect(collect(memory.list({ user_id: 'x' } as never))).rejects.toThrow(ScopeEscapeError)
    })

    it('deleteAll deletes one user and touches nobody else', async () => {
      const [mine, other] = [memoryFor(user()), memoryFor(user())]
      await added(mine, 'a')
      await added(other, 'b')
      expect((await mine.deleteAll()).message).toEqual(expect.any(String))
      expect((await mine.getAll()).results).toEqual([])
      expect(texts((await other.getAll()).results)).toEqual(['b'])
    })

    it.each([{}, { userId: 'x' }, { runId: 'x' }, null, 'x'])(
      'deleteAll takes no options, not even %j',
      async (options) => {
        const memory = memoryFor(user())
        await added(memory, 'a')
        await expect(
          (memory.deleteAll as (options: unknown) => Promise<unknown>).call(memory, options),
        ).rejects.toThrow(ScopeEscapeError)
        expect((await memory.getAll()).results).toHaveLength(1)
      },
    )

    it('erase gives a receipt', async () => {
      const id = user()
      const [mine, other] = [memoryFor(id), memoryFor(user())]
      await added(mine, 'a')
      await added(mine, 'b', { expirationDate: '2001-01-01' })
      await added(other, 'c')
      const receipt = await mine.erase()
      expect(receipt).toEqual({
        userId: id,
        deleted: 2,
        verifiedAt: expect.any(String) as string,
        retained: expect.any(Array) as string[],
      })
      expect(Date.parse(receipt.verifiedAt)).toBeLessThanOrEqual(Date.now())
      // On Postgres the history goes with the memories.
      expect(receipt.retained.join()).toMatch(RETAINED[name]!)
      expect(await mine.erase()).toMatchObject({ deleted: 0 })
      expect((await other.getAll()).results).toHaveLength(1)
      await expect(mine.erase({ timeoutMs: 0 })).rejects.toThrow(InvalidArgumentError)
    })

    it('lists, and deletes what it lists, without leaving one out', async () => {
      const memory = memoryFor(user())
      await memory.add(
        Array.from({ length: 7 }, (_, index) => ({ role: 'user', content: `n${index}` })),
        VERBATIM,
      )
      let visited = 0
      for await (const { id } of memory.list(hosted ? { pageSize: 2 } : {})) {
        visited++
        await memory.delete(id)
      }
      expect(visited).toBe(7)
      expect((await memory.getAll()).results).toEqual([])
    })

    it('two erasures and deletions at once both end well', async () => {
      const memory = memoryFor(user())
      const fill = () =>
        memory.add(
          Array.from({ length: 6 }, (_, index) => ({ role: 'user', content: `n${index}` })),
          VERBATIM,
        )
      await fill()
      await Promise.all([memory.erase(), memory.erase()])
      await fill()
      await Promise.all([memory.deleteAll(), memory.deleteAll()])
      expect((await memory.getAll()).results).toEqual([])
    })

    it('a batch with a record that is gone writes nothing', async () => {
      const memory = memoryFor(user())
      const [kept, gone] = [await added(memory, 'kept'), await added(memory, 'gone')]
      await memory.getAll()
      await backend.client.delete(gone.id)
      await expect(
        memory.batchUpdate([
          { memoryId: kept.id, text: 'changed' },
          { memoryId: gone.id, text: 'x' },
        ]),
      ).rejects.toThrow(MemoryNotFoundError)
      await expect(memory.batchDelete([kept.id, gone.id])).rejects.toThrow(MemoryNotFoundError)
      expect(texts((await memory.getAll()).results)).toEqual(['kept'])
    })

    it('an id in capitals is the same id', async () => {
      const memory = memoryFor(user())
      const { id } = await added(memory, 'x')
      expect(await memory.history(id.toUpperCase())).toHaveLength(1)
      await memory.batchDelete([id, id.toUpperCase()])
      expect((await memory.getAll()).results).toEqual([])
    })

    it('exportAll yields every record with its history', async () => {
      const [mine, other] = [memoryFor(user()), memoryFor(user())]
      const { id } = await added(mine, 'a')
      await mine.update(id, 'b')
      await added(mine, 'old', { expirationDate: '2001-01-01' })
      await added(other, 'secret of other')
      const exported = await collect(mine.exportAll())
      expect(texts(exported.map(({ memory }) => memory))).toEqual(['b', 'old'])
      expect(exported.find(({ memory }) => memory.id === id)!.history).toHaveLength(2)
      expect(JSON.stringify(exported)).not.toContain('secret of other')
    })
  })

  describe('within', () => {
    it('sees, and deletes, a part only', async () => {
      const [id, otherId] = [user(), user()]
      const [mine, other] = [memoryFor(id), memoryFor(otherId)]
      const run = mine.within({ runId: 'shared-run' })
      await added(mine, 'outside')
      await added(run, 'inside')
      await added(other.within({ runId: 'shared-run' }), 'of other')
      expect(run.userId).toBe(id)
      expect(texts((await run.getAll()).results)).toEqual(['inside'])
      expect(texts((await run.search('inside outside', { threshold: 0 })).results)).toEqual(['inside'])
      expect(texts(await collect(run.list()))).toEqual(['inside'])
      await run.deleteAll()
      expect(texts((await mine.getAll()).results)).toEqual(['outside'])
      expect(texts((await other.getAll()).results)).toEqual(['of other'])
    })

    it('does not reach the rest of the user by id', async () => {
      const mine = memoryFor(user())
      const { id: outside } = await added(mine, 'outside')
      const { id: inside } = await added(mine.within({ runId: 'r1' }), 'inside')
      const run = mine.within({ runId: 'r1' })
      expect(await run.get(inside)).toMatchObject({ memory: 'inside', runId: 'r1' })
      for (const call of [
        () => run.get(outside),
        () => run.update(outside, 'x'),
        () => run.delete(outside),
        () => run.history(outside),
      ]) {
        await expect(call()).rejects.toThrow(MemoryNotFoundError)
      }
      expect(await mine.get(inside)).toMatchObject({ memory: 'inside' })
    })

    it.each([['runId'], ['appId'], ['agentId']] as const)(
      '%s cannot change or be dropped',
      async (dimension) => {
        const bound = memoryFor(user(), { [dimension]: 'one' })
        expect(bound.within({ [dimension]: 'one' }).userId).toBe(bound.userId)
        expect(() => bound.within({ [dimension]: 'two' })).toThrow(ScopeEscapeError)
        expect(() => bound.within({ [dimension]: '*' })).toThrow(InvalidArgumentError)
        expect(() => bound.within({ [dimension]: null })).toThrow(InvalidArgumentError)
        await expect(bound.add('x', { ...VERBATIM, [dimension]: 'two' })).rejects.toThrow(ScopeEscapeError)
        const record = await added(bound, 'x')
        expect(record[dimension]).toBe('one')
        const wire = dimension.replace('Id', '_id')
        await expect(bound.search('x', { filters: { [wire]: 'two' } })).rejects.toThrow(ScopeEscapeError)
        expect((await bound.getAll({ filters: { [wire]: 'one' } })).results).toHaveLength(1)
        expect((await bound.getAll({ filters: { AND: [{ [wire]: '*' }] } })).results).toHaveLength(1)
      },
    )

    it('combines dimensions', async () => {
      const mine = memoryFor(user())
      const narrow = mine.within({ appId: 'app' }).within({ runId: 'r1', agentId: 'bot' })
      await added(narrow, 'here')
      await added(mine.within({ appId: 'app' }), 'in the app')
      expect(texts((await narrow.getAll()).results)).toEqual(['here'])
      expect(texts((await mine.within({ appId: 'app' }).getAll()).results)).toEqual(['here', 'in the app'])
      expect(await narrow.erase()).toMatchObject({ deleted: 1 })
      expect((await mine.getAll()).results).toHaveLength(1)
    })

    it.each([
      { userId: 'x' },
      { user_id: 'x' },
      { run_id: 'x' },
      { tenant: 'x' },
      null,
      'r1',
      {},
      undefined,
      { runId: undefined },
    ])('does not take %j', (scope) => {
      expect(() => memoryFor(user()).within(scope as never)).toThrow(/within\(\)/)
    })
  })
})
