import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMemoryFactory, MemoryNotFoundError, ScopedMemory } from '../../src/index.ts'
import type { ClosableMemory } from '../../src/postgres/stored-memory.ts'
import { isolationContract } from '../../src/testing/index.ts'
import { collect } from '../support/collect.ts'
import { holds } from '../support/evaluate-filter.ts'
import { filter, payload } from '../support/filter-arbitraries.ts'
import { SHORT_VECTOR, type WatchedEmbedder } from './watched-embedder.ts'

/** A memory with a model that infers each new message as one fact, and the means to look beneath it. */
export interface OpenedStore {
  readonly client: ClosableMemory
  readonly during: WatchedEmbedder['during']
  /** Runs SQL past the memory, and past row-level security. */
  sql(text: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>
  close(): Promise<void>
}

const TABLES = ['scoped_memories', 'scoped_memories_entities', 'scoped_memories_history'] as const

/** What a store of ours keeps to, whichever database it is on. */
export function storeSuite(name: string, open: () => Promise<OpenedStore>): void {
  describe(name, () => {
    let store: OpenedStore
    let memoryFor: (userId: string, scope?: object) => ScopedMemory
    beforeAll(async () => {
      store = await open()
      memoryFor = createMemoryFactory({ client: store.client })
    })
    afterAll(() => store.close())

    const user = (): string => `u-${randomUUID().slice(0, 8)}`
    const texts = (records: readonly { memory?: string | null | undefined }[]) =>
      records.map(({ memory }) => memory)
    const add = async (memory: ScopedMemory, text: string, options: object = {}): Promise<string> =>
      (await memory.add(text, { infer: false, ...options })).results[0]!.id
    /** Everything that the tables hold of a user, but for the times of it. */
    const rowsOf = async (userId: string) =>
      Promise.all(
        TABLES.map(async (table) =>
          store.sql(`SELECT to_jsonb(row) - 'words' AS row FROM ${table} row WHERE user_id = $1 ORDER BY 1`, [
            userId,
          ]),
        ),
      )
    const danglingLinks = async () =>
      store.sql(`SELECT e.id FROM scoped_memories_entities e, unnest(e.links) link
        WHERE links = '{}' OR NOT EXISTS (
          SELECT FROM scoped_memories m WHERE m.user_id = e.user_id AND m.id = link)`)

    describe('the isolation contract', () => {
      isolationContract({
        describe,
        it,
        createMemory: (userId) => new ScopedMemory(userId, { client: store.client }),
      })
    })

    it('does what a handle asks', async () => {
      const alice = memoryFor(user())
      const id = await add(alice, 'green tea', { metadata: { kind: 'drink' }, runId: 'r1' })
      const other = await add(alice, 'red wine', { metadata: { kind: 'drink' }, appId: 'cellar' })
      expect(await alice.get(id)).toMatchObject({
        id,
        memory: 'green tea',
        userId: alice.userId,
        runId: 'r1',
        metadata: { kind: 'drink' },
      })
      expect(texts((await alice.search('green tea')).results)[0]).toBe('green tea')
      expect(texts((await alice.getAll({ filters: { kind: 'drink' } })).results)).toEqual([
        'green tea',
        'red wine',
      ])
      expect(texts((await alice.getAll({ topK: 1 })).results)).toEqual(['green tea'])
      expect(texts((await alice.within({ appId: 'cellar' }).getAll()).results)).toEqual(['red wine'])
      await alice.update(id, { text: 'black tea', metadata: { warm: true } })
      expect(await alice.get(id)).toMatchObject({
        memory: 'black tea',
        metadata: { kind: 'drink', warm: true },
      })
      expect(texts((await alice.search('black')).results)[0]).toBe('black tea')
      expect(await alice.history(id)).toMatchObject([
        { action: 'UPDATE', previous_value: 'green tea', new_value: 'black tea' },
        { action: 'ADD', previous_value: null, new_value: 'green tea' },
      ])
      await alice.update(id, { expirationDate: '2001-01-01' })
      expect(texts((await alice.getAll()).results)).toEqual(['red wine'])
      expect(texts((await alice.search('black tea', { threshold: 0 })).results)).toEqual(['red wine'])
      expect((await alice.getAll({ showExpired: true })).results).toHaveLength(2)
      const exported = await collect(alice.exportAll())
      expect(exported.map(({ memory, history }) => [memory.id, history.length])).toEqual([
        [id, 3],
        [other, 1],
      ])
      await alice.delete(id)
      await expect(alice.get(id)).rejects.toThrow(MemoryNotFoundError)
      await expect(alice.history(id)).rejects.toThrow(MemoryNotFoundError)
      await alice.deleteAll()
      expect((await alice.getAll({ showExpired: true })).results).toEqual([])
    })

    it('keeps whatever metadata is plain data, whichever way it is named', async () => {
      const alice = memoryFor(user())
      const metadata = {
        'a.b': { c: [1, 'two', null, { d: false }] },
        quoted: `'; DROP TABLE scoped_memories; -- "\\`,
        $1: '$2',
        ünïcode: '🎉 İß\u2028',
        big: 1e21,
        small: -0.5e-7,
        empty: {},
      }
      const id = await add(alice, '$1 \\ "x" {a,b} NULL', { metadata })
      expect(await alice.get(id)).toMatchObject({ memory: '$1 \\ "x" {a,b} NULL', metadata })
      for (const text of ['\0', 'cut \ud83c']) {
        for (const refused of [
          alice.add(text, { infer: false }),
          alice.add('x', { infer: false, metadata: { key: text } }),
          alice.add('x', { infer: false, metadata: { [text]: 1 } }),
          alice.update(id, text),
          alice.batchUpdate([{ memoryId: id, text }]),
          alice.search(text),
          alice.getAll({ filters: { key: text } }),
          alice.getAll({ filters: { key: { contains: text } } }),
        ]) {
          await expect(refused).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
        }
      }
      expect((await alice.getAll()).results).toHaveLength(1)
    })

    it('answers a filter as its plain evaluation does, listed and searched', async () => {
      const alice = memoryFor(user())
      // The same on every database.
      const payloads = fc.sample(payload, { numRuns: 25, seed: 11 })
      for (const [index, metadata] of payloads.entries()) await add(alice, `n${index}`, { metadata })
      for (const filters of fc.sample(filter, { numRuns: 60, seed: 12 })) {
        const expected = payloads.flatMap((row, index) => (holds(filters, row) ? [`n${index}`] : [])).sort()
        for (const { results } of [
          await alice.getAll({ filters, topK: 100 }),
          await alice.search('n1', { filters, topK: 100, threshold: 0 }),
          { results: await collect(alice.list({ filters })) },
        ]) {
          expect(texts(results).sort(), JSON.stringify(filters)).toEqual(expected)
        }
      }
    })

    it('refuses a filter of more values than a statement can have', async () => {
      const filters = { n: Array.from({ length: 66_000 }, (_, index) => index) }
      await expect(memoryFor(user()).getAll({ filters })).rejects.toThrow(/more values than Postgres takes/)
    })

    it('keeps a text of any length, and searches for one', async () => {
      const alice = memoryFor(user())
      const long = Array.from({ length: 90_000 }, (_, index) => `q${index}`).join(' ')
      const id = await add(alice, long)
      await alice.update(id, `w ${long}`)
      expect((await alice.get(id)).memory).toBe(`w ${long}`)
      for (const query of [long, 'w '.repeat(30_000), 'w,'.repeat(30_000)]) {
        expect(texts((await alice.search(query, { threshold: 0 })).results)).toEqual([`w ${long}`])
      }
    })

    it('changes nothing of another user, whose id it is given, and says no more than of an id of nobody', async () => {
      const [alice, bob] = [memoryFor(user()), memoryFor(user())]
      const [first, second] = [await add(alice, 'Alice knows Marie Curie'), await add(alice, 'plum')]
      const own = await add(bob, 'pear')
      const before = [await rowsOf(alice.userId), await rowsOf(bob.userId)]
      const nobody = randomUUID()
      const calls = (id: string): Promise<unknown>[] => [
        bob.get(id),
        bob.update(id, 'stolen'),
        bob.update(id, { metadata: { stolen: true } }),
        bob.delete(id),
        bob.history(id),
        bob.batchUpdate([
          { memoryId: own, text: 'apple' },
          { memoryId: id, text: 'stolen' },
        ]),
        bob.batchDelete([own, id]),
        bob.batchDelete([id, own]),
      ]
      const errorsOf = async (id: string) =>
        (await Promise.allSettled(calls(id))).map((outcome) => {
          if (outcome.status === 'fulfilled')
            throw new Error(`was answered: ${JSON.stringify(outcome.value)}`)
          expect(outcome.reason).toBeInstanceOf(MemoryNotFoundError)
          return String(outcome.reason)
        })
      const ofNobody = await errorsOf(nobody)
      for (const id of [first, second, first.toUpperCase()]) expect(await errorsOf(id)).toEqual(ofNobody)
      expect([await rowsOf(alice.userId), await rowsOf(bob.userId)]).toEqual(before)
    })

    it('keeps a narrowed handle to its run, app and agent, by id too', async () => {
      const alice = memoryFor(user())
      const scopes = [{ runId: 'r' }, { appId: 'p' }, { agentId: 'g' }] as const
      const outside = await add(alice, 'outside')
      for (const scope of scopes) {
        const narrow = alice.within(scope)
        const inside = await add(narrow, 'inside')
        const before = await rowsOf(alice.userId)
        for (const call of [
          () => narrow.get(outside),
          () => narrow.update(outside, 'x'),
          () => narrow.delete(outside),
          () => narrow.history(outside),
          () => narrow.batchDelete([inside, outside]),
          () =>
            narrow.batchUpdate([
              { memoryId: inside, text: 'x' },
              { memoryId: outside, text: 'x' },
            ]),
        ]) {
          await expect(call()).rejects.toThrow(MemoryNotFoundError)
        }
        expect(await rowsOf(alice.userId)).toEqual(before)
        await narrow.update(inside, 'still inside')
        expect(texts((await narrow.getAll()).results)).toEqual(['still inside'])
        await narrow.deleteAll()
        expect(texts((await alice.getAll()).results)).toEqual(['outside'])
      }
    })

    it('writes a batch whole or not at all', async () => {
      const alice = memoryFor(user())
      const ids = [await add(alice, 'one'), await add(alice, 'two'), await add(alice, 'three')] as const
      const before = await rowsOf(alice.userId)
      const patches = (last: string) => [
        { memoryId: ids[0], text: 'Marie Curie' },
        { memoryId: ids[1], text: last },
      ]
      await expect(alice.batchUpdate(patches(SHORT_VECTOR))).rejects.toThrow(/dimensions/)
      await expect(alice.update(ids[0], SHORT_VECTOR)).rejects.toThrow(/dimensions/)
      await expect(
        alice.add(
          ['x', SHORT_VECTOR].map((content) => ({ role: 'user', content })),
          { infer: false },
        ),
      ).rejects.toThrow(/dimensions/)
      expect(await rowsOf(alice.userId)).toEqual(before)

      // It goes away after it was read.
      store.during('while two goes', () => alice.delete(ids[1]))
      await expect(alice.batchUpdate(patches('while two goes'))).rejects.toThrow(MemoryNotFoundError)
      expect(texts((await alice.getAll()).results)).toEqual(['one', 'three'])
      expect(await alice.history(ids[0])).toHaveLength(1)
      await expect(alice.batchDelete(ids)).rejects.toThrow(MemoryNotFoundError)
      expect(texts((await alice.getAll()).results)).toEqual(['one', 'three'])

      await alice.batchUpdate([
        { memoryId: ids[0], text: 'uno' },
        { memoryId: ids[2], text: 'tre' },
      ])
      expect(texts((await alice.getAll()).results)).toEqual(['uno', 'tre'])
      await alice.batchDelete([ids[0], ids[2], ids[0]])
      expect((await alice.getAll()).results).toEqual([])
    })

    it('takes the last of two changes of one memory in a batch', async () => {
      const alice = memoryFor(user())
      const id = await add(alice, 'first')
      for (const last of ['third', 'first']) {
        await alice.batchUpdate([
          { memoryId: id, text: 'second' },
          { memoryId: id, text: last },
        ])
        expect(await alice.get(id)).toMatchObject({ memory: last })
        expect((await alice.search(last, { threshold: 0.9 })).results).toHaveLength(1)
      }
    })

    it('keeps what two calls change at the same time', async () => {
      const alice = memoryFor(user())
      const id = await add(alice, 'tea', { metadata: { a: 1 } })
      store.during('coffee', () => alice.update(id, { metadata: { b: 2 } }))
      await alice.update(id, 'coffee')
      expect(await alice.get(id)).toMatchObject({ memory: 'coffee', metadata: { a: 1, b: 2 } })
    })

    it('links what it infers, and unlinks what is changed, deleted or erased', async () => {
      const alice = memoryFor(user())
      const linksOf = async (): Promise<Record<string, number>> =>
        Object.fromEntries(
          (
            await store.sql(
              `SELECT payload ->> 'data' AS name, cardinality(links)::int AS links
               FROM scoped_memories_entities WHERE user_id = $1`,
              [alice.userId],
            )
          ).map(({ name, links }) => [name, links]),
        ) as Record<string, number>
      const { results } = await alice.add([
        { role: 'user', content: 'I met Marie Curie' },
        { role: 'user', content: 'She knew Marie Curie, Niels Bohr' },
      ])
      expect(results).toHaveLength(2)
      expect(await linksOf()).toMatchObject({ 'Marie Curie': 2, 'Niels Bohr': 1 })
      // An entity of a user is one, whichever app speaks of it.
      const letters = alice.within({ appId: 'letters' })
      await letters.add('I read of Marie Curie')
      expect(await linksOf()).toMatchObject({ 'Marie Curie': 3, 'Niels Bohr': 1 })
      await alice.update(results[0]!.id, 'I met Albert Einstein')
      expect(await linksOf()).toMatchObject({ 'Marie Curie': 2, 'Niels Bohr': 1, 'Albert Einstein': 1 })
      await alice.delete(results[1]!.id)
      expect(await linksOf()).toMatchObject({ 'Marie Curie': 1, 'Albert Einstein': 1 })
      expect(await linksOf()).not.toHaveProperty('Niels Bohr')
      await letters.deleteAll()
      expect(await linksOf()).toEqual({ 'Albert Einstein': 1 })
      expect(await danglingLinks()).toEqual([])
      await alice.deleteAll()
      expect(await linksOf()).toEqual({})
    })

    it('erases all of a user, or of a run, in every table', async () => {
      const [alice, bob] = [memoryFor(user()), memoryFor(user())]
      for (const memory of [alice, bob]) {
        const id = await add(memory, 'deleted before')
        await memory.add('Marie Curie lived in Paris')
        await memory.within({ runId: 'r' }).add('Albert Einstein lived in Bern')
        await memory.delete(id)
      }
      const bobs = await rowsOf(bob.userId)
      expect(await alice.within({ runId: 'r' }).erase()).toMatchObject({
        deleted: 1,
        retained: [expect.stringMatching(/^backups and logs/), expect.stringMatching(/deleted before/)],
      })
      expect(JSON.stringify(await rowsOf(alice.userId))).not.toMatch(/Bern|Einstein/)
      expect(texts((await alice.getAll()).results)).toEqual(['Marie Curie lived in Paris'])
      expect(await alice.erase()).toMatchObject({
        deleted: 1,
        retained: [expect.stringMatching(/^backups and logs/)],
      })
      expect(await rowsOf(alice.userId)).toEqual([[], [], []])
      expect(await rowsOf(bob.userId)).toEqual(bobs)
    })

    it('lists each memory once over several pages, while others come and go', async () => {
      const alice = memoryFor(user())
      const zero = `[${Array.from({ length: 64 }, () => 1).join(',')}]`
      await store.sql(
        `INSERT INTO scoped_memories (user_id, id, vector, words, payload)
         SELECT $1, gen_random_uuid(), $2::vector, '', jsonb_build_object('data', 'n' || n)
         FROM generate_series(1, 2500) n ORDER BY n`,
        [alice.userId, zero],
      )
      const listed: string[] = []
      let deleted: string | undefined
      for await (const record of alice.list()) {
        if (listed.push(record.memory!) === 700) {
          const [first] = (await alice.getAll({ topK: 1 })).results
          deleted = first!.memory!
          await alice.delete(first!.id)
          await add(alice, 'added meanwhile')
        }
      }
      expect(deleted).toBe('n1')
      expect(listed).toEqual([
        ...Array.from({ length: 2500 }, (_, index) => `n${index + 1}`),
        'added meanwhile',
      ])
      await alice.deleteAll()
    })

    it('lets one user do everything at once: no deadlock, no link to what is gone', async () => {
      const alice = memoryFor(user())
      const names = ['Marie Curie', 'Albert Einstein', 'Paris', 'Berlin', 'Niels Bohr']
      const text = (index: number): string =>
        `${names[index % 5]} wrote to ${names[(index * 3 + 1) % 5]}, letter ${index}`
      const work = async (start: number): Promise<void> => {
        for (let index = start; index < start + 6; index++) {
          await alice.add(text(index))
          const ids = (await alice.getAll()).results.map(({ id }) => id)
          const one = ids[index % ids.length]
          if (one === undefined) continue
          const calls = [
            () => alice.update(one, text(index + 1)),
            () => alice.delete(one),
            () => alice.batchDelete(ids.slice(0, 2)),
            () =>
              alice.batchUpdate(
                ids
                  .slice(0, 3)
                  .reverse()
                  .map((memoryId) => ({ memoryId, text: text(index) })),
              ),
            () => alice.deleteAll(),
            () => alice.within({ runId: 'r' }).erase(),
          ]
          await calls[(index + start) % calls.length]!().catch((error: unknown) => {
            // Another was quicker.
            if (!(error instanceof MemoryNotFoundError)) throw error
          })
        }
      }
      await Promise.all([0, 1, 2, 3, 4, 5].map((start) => work(start)))
      expect(await danglingLinks()).toEqual([])
    })
  })
}
