import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { createMemoryFactory, type ScopedMemory } from '../../src/index.ts'
import { collect } from '../support/collect.ts'
import { startFactModel } from '../support/fact-model.ts'
import { openPgliteStore, type PgliteStore } from '../support/pglite-store.ts'
import { DIMENSIONS, watchedEmbedder } from './watched-embedder.ts'

let model: Awaited<ReturnType<typeof startFactModel>>
let store: PgliteStore
let alice: ScopedMemory
let ids: string[]

beforeAll(async () => {
  model = await startFactModel()
  store = await openPgliteStore({
    embedder: watchedEmbedder().embedder,
    dimensions: DIMENSIONS,
    modelUrl: model.url,
  })
})
afterAll(async () => {
  await store.close()
  await model.close()
})
beforeEach(async () => {
  alice = createMemoryFactory({ client: store.client })('u_alice')
  await alice.deleteAll()
  const messages = ['one', 'two', 'three'].map((content) => ({ role: 'user', content }))
  ids = (await alice.add(messages, { infer: false })).results.map(({ id }) => id)
  store.sent.length = 0
})

const ROUND_TRIPS: readonly [string, number, (memory: ScopedMemory) => Promise<unknown>][] = [
  ['get', 1, (memory) => memory.get(ids[0]!)],
  ['getAll', 1, (memory) => memory.getAll()],
  ['list', 1, (memory) => collect(memory.list())],
  ['history', 1, (memory) => memory.history(ids[0]!)],
  ['exportAll: a page and its history', 2, (memory) => collect(memory.exportAll())],
  ['search: by meaning and by words', 1, (memory) => memory.search('one')],
  ['search that names an entity, where there is none', 1, (memory) => memory.search('Who is Marie Curie')],
  ['add of one message, word for word', 1, (memory) => memory.add('tea', { infer: false })],
  [
    'add of many messages, word for word',
    1,
    (memory) =>
      memory.add(
        ['a', 'b', 'c', 'd'].map((content) => ({ role: 'user', content })),
        { infer: false },
      ),
  ],
  ['add that infers: what is similar, and the write', 2, (memory) => memory.add('tea')],
  ['update: the memory and the write', 2, (memory) => memory.update(ids[0]!, 'tea')],
  ['update of metadata', 2, (memory) => memory.update(ids[0]!, { metadata: { a: 1 } })],
  ['delete', 1, (memory) => memory.delete(ids[0]!)],
  ['batchUpdate', 2, (memory) => memory.batchUpdate(ids.map((memoryId) => ({ memoryId, text: 'tea' })))],
  ['batchDelete', 1, (memory) => memory.batchDelete(ids)],
  ['deleteAll', 1, (memory) => memory.deleteAll()],
  ['deleteAll of a run', 1, (memory) => memory.within({ runId: 'r' }).deleteAll()],
  ['erase, and a look at what is left', 2, (memory) => memory.erase()],
]

it.each(ROUND_TRIPS)('%s takes %i', async (_, count, operation) => {
  await operation(alice)
  expect(store.sent.map((statements) => statements.map(({ text }) => text))).toHaveLength(count)
})

it('search that names an entity takes 2 where there are any', async () => {
  await alice.update(ids[0]!, 'Marie Curie lives in Paris')
  store.sent.length = 0
  const { results } = await alice.search('Who is Marie Curie', { explain: true })
  expect(store.sent).toHaveLength(2)
  expect(results[0]).toMatchObject({ memory: 'Marie Curie lives in Paris' })
})

it.each(ROUND_TRIPS)('%s names the user in every statement', async (_title, _count, operation) => {
  await operation(alice)
  for (const { text, values } of store.sent.flat()) {
    expect(values[0], text).toBe('u_alice')
    if (!text.includes('pg_advisory_xact_lock'))
      expect(text).toMatch(/user_id = \$1\b|\(user_id, .*SELECT \$1/s)
  }
})

it('exports 2,500 memories by a few statements', async () => {
  await store.sql(
    `INSERT INTO scoped_memories (user_id, id, vector, words, payload)
     SELECT 'u_alice', gen_random_uuid(), array_fill(1, ARRAY[${DIMENSIONS}])::vector, '', '{"data":"x"}'
     FROM generate_series(1, 2497)`,
  )
  expect(await collect(alice.exportAll())).toHaveLength(2500)
  expect(store.sent).toHaveLength(6)
})

it('unlinks what is deleted past a handle', async () => {
  const [record] = (await alice.add('I met Marie Curie')).results
  expect(await store.sql('SELECT FROM scoped_memories_entities')).toHaveLength(1)
  await store.client.delete(record!.id)
  expect(await store.sql('SELECT FROM scoped_memories_entities')).toEqual([])
})

it('erases again what was added before it looked', async () => {
  store.beforeRun = async (statements) => {
    if (!statements[0]!.text.startsWith('SELECT id, user_id, payload')) return
    store.beforeRun = () => {}
    await alice.add('meanwhile', { infer: false })
  }
  expect(await alice.erase()).toMatchObject({ deleted: 4 })
  expect(await store.sql('SELECT FROM scoped_memories_history')).toEqual([])
})

it('writes nothing where the commit fails: memories, entities and history stay as they are', async () => {
  const [{ id } = { id: '' }] = (await alice.add('I met Marie Curie')).results
  const WRITES: readonly [string, () => Promise<unknown>][] = [
    ['add', () => alice.add('I saw Niels Bohr')],
    ['update', () => alice.update(id, 'I saw Niels Bohr')],
    ['batchUpdate', () => alice.batchUpdate([{ memoryId: id, text: 'I saw Niels Bohr' }])],
    ['delete', () => alice.delete(id)],
    ['batchDelete', () => alice.batchDelete([...ids, id])],
    ['deleteAll', () => alice.deleteAll()],
    ['erase', () => alice.erase()],
  ]
  const tables = ['scoped_memories', 'scoped_memories_entities', 'scoped_memories_history']
  const rows = () =>
    Promise.all(tables.map((table) => store.sql(`SELECT to_jsonb(row) AS row FROM ${table} row ORDER BY 1`)))
  const before = await rows()
  await store.sql(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'refused at the commit'; END $$`)
  for (const table of tables) {
    await store.sql(`CREATE CONSTRAINT TRIGGER refuse AFTER INSERT OR UPDATE OR DELETE ON ${table}
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()`)
    for (const [title, write] of WRITES) {
      await expect(write(), `${title}, ${table}`).rejects.toThrow('refused at the commit')
      expect(await rows(), `${title}, ${table}`).toEqual(before)
    }
    await store.sql(`DROP TRIGGER refuse ON ${table}`)
  }
})
