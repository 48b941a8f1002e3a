import { PGlite } from '@electric-sql/pglite'
import { vector } from '@electric-sql/pglite-pgvector'
import { Memory } from 'mem0ai/oss'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMemoryFactory, type ScopedMemory } from '../../src/index.ts'
import { hashEmbedder } from '../embedded/hash-embedder.ts'
import { startFactModel } from '../support/fact-model.ts'
import { modelAt, openPgliteStore, type PgliteStore } from '../support/pglite-store.ts'
import { servePostgres, type PostgresSocket } from '../support/postgres-socket.ts'

const DIMENSIONS = 64

describe("beside mem0's own pgvector provider", () => {
  let model: Awaited<ReturnType<typeof startFactModel>>
  let ours: PgliteStore
  let theirs: { client: Memory; db: PGlite; socket: PostgresSocket }

  beforeAll(async () => {
    model = await startFactModel()
    ours = await openPgliteStore({
      embedder: hashEmbedder(DIMENSIONS),
      dimensions: DIMENSIONS,
      modelUrl: model.url,
    })
    const db = await PGlite.create({ extensions: { vector } })
    const socket = await servePostgres(db, { host: '127.0.0.1', port: 0 })
    const client = new Memory({
      embedder: hashEmbedder(DIMENSIONS),
      llm: modelAt(model.url),
      vectorStore: {
        provider: 'pgvector',
        config: {
          collectionName: 'memories',
          connectionString: `postgres://postgres@127.0.0.1:${socket.port}/postgres`,
          dimension: DIMENSIONS,
          embeddingModelDims: DIMENSIONS,
        },
      },
      historyStore: { provider: 'sqlite', config: { historyDbPath: ':memory:' } },
    })
    theirs = { client, db, socket }
  })
  afterAll(async () => {
    await ours.close()
    await (theirs.client as unknown as { vectorStore: { close(): Promise<void> } }).vectorStore.close()
    await (theirs.client as unknown as { _entityStore: { close(): Promise<void> } })._entityStore.close()
    await theirs.socket.close()
    await theirs.db.close()
    await model.close()
  })

  /** The same work on both; what it resolves is the same. */
  async function same<T>(userId: string, work: (memory: ScopedMemory) => Promise<T>): Promise<T> {
    const [one, other] = [
      await work(createMemoryFactory({ client: ours.client })(userId)),
      await work(createMemoryFactory({ client: theirs.client })(userId)),
    ]
    expect(one).toEqual(other)
    return one
  }
  const idOf = async (memory: ScopedMemory, text: string): Promise<string> =>
    (await memory.getAll({ topK: 100 })).results.find((record) => record.memory === text)!.id
  const found = async (memory: ScopedMemory, query: string, options: object = {}) =>
    (await memory.search(query, { explain: true, topK: 50, threshold: 0, ...options })).results
      .map(({ memory: text, score, score_details, metadata, runId }) => ({
        text,
        score,
        score_details,
        metadata,
        runId,
      }))
      // Their order is not fixed where scores are equal.
      .sort((a, b) => (b.score as number) - (a.score as number) || (a.text! < b.text! ? -1 : 1))

  /** By name: the texts of the memories that an entity is linked to. */
  async function entityLinks(): Promise<[unknown, unknown]> {
    const [one] = await ours.sql(`SELECT jsonb_object_agg(key, texts) AS links FROM (
      SELECT concat_ws(' ', e.user_id, e.payload ->> 'run_id', e.payload ->> 'data', e.payload ->> 'entityType') AS key,
        jsonb_agg(m.payload ->> 'data' ORDER BY m.payload ->> 'data') AS texts
      FROM scoped_memories_entities e, unnest(e.links) link
      LEFT JOIN scoped_memories m ON m.id = link GROUP BY e.user_id, e.id) entity`)
    const { rows } = await theirs.db.query<{
      links: unknown
    }>(`SELECT jsonb_object_agg(key, texts) AS links FROM (
      SELECT concat_ws(' ', e.payload ->> 'user_id', e.payload ->> 'run_id', e.payload ->> 'data', e.payload ->> 'entityType') AS key,
        jsonb_agg(m.payload ->> 'data' ORDER BY m.payload ->> 'data') AS texts
      FROM memories_entities e, jsonb_array_elements_text(e.payload -> 'linkedMemoryIds') link
      LEFT JOIN memories m ON m.id = link::uuid GROUP BY e.id) entity`)
    return [one!['links'], rows[0]!.links]
  }

  it('links the same entities and finds the same, with the same scores', async () => {
    const QUERIES = [
      'Marie Curie',
      'What did Niels Bohr write to Albert Einstein in Berlin?',
      'letters',
      'tea',
    ]
    const compare = async (): Promise<void> => {
      const [one, other] = await entityLinks()
      expect(one).toEqual(other)
      for (const user of ['u_alice', 'u_bob']) {
        for (const query of QUERIES) {
          await same(user, (memory) => found(memory, query))
          await same(user, (memory) => found(memory, query, { threshold: 0.4 }))
          await same(user, (memory) => found(memory, query, { filters: { kind: 'letter' } }))
          await same(user, (memory) => found(memory.within({ appId: 'post' }), query))
          await same(user, (memory) => found(memory.within({ runId: 'r' }), query))
        }
      }
    }
    const said = (...texts: string[]) => texts.map((content) => ({ role: 'user', content }))
    await same('u_alice', async (memory) => {
      await memory.add(said('I met Marie Curie', 'Marie Curie wrote letters to Albert Einstein'))
      await memory.add('Niels Bohr wrote letters from Berlin', { metadata: { kind: 'letter' } })
      await memory.within({ appId: 'post' }).add('Albert Einstein wrote to Niels Bohr', {
        metadata: { kind: 'letter' },
      })
      await memory.within({ runId: 'r' }).add('Albert Einstein plays "La Campanella" in Berlin')
      await memory.add('I drink green tea', { infer: false })
    })
    await same('u_bob', (memory) => memory.add('I met Marie Curie in Berlin').then(() => undefined))
    await compare()
    await same('u_alice', async (memory) => {
      await memory.update(await idOf(memory, 'I met Marie Curie'), 'I met Niels Bohr and drank tea')
      await memory.update(await idOf(memory, 'I drink green tea'), { metadata: { kind: 'letter' } })
    })
    await compare()
    await same('u_alice', async (memory) => {
      await memory.delete(await idOf(memory, 'Marie Curie wrote letters to Albert Einstein'))
      await memory.add('Lise Meitner met Marie Curie')
    })
    await compare()
    await same('u_alice', async (memory) => {
      await memory.within({ runId: 'r' }).deleteAll()
    })
    await compare()
  })

  describe('filters', () => {
    const PAYLOADS = [
      { n: 5, t: 'tea', b: true },
      { n: 50, t: 'Tea 100%', b: false, d: '2024-05-01' },
      { n: -0.5, t: 'a_b', d: '2024-06-01' },
      { n: '5', t: "'; --" },
      { t: 'green tea' },
    ]
    beforeAll(async () => {
      await same('u_filters', async (memory) => {
        for (const [index, metadata] of PAYLOADS.entries())
          await memory.add(`n${index}`, { infer: false, metadata })
      })
    })
    const listed = async (memory: ScopedMemory, filters: object) =>
      (await memory.getAll({ filters, topK: 100 })).results.map((record) => record.memory).sort()

    it.each<object>([
      { n: 5 },
      { n: '5' },
      { b: true },
      { t: 'tea' },
      { t: ['tea', 'a_b'] },
      { n: { gt: 4 } },
      { n: { gte: -1, lt: 50 } },
      { n: { in: [5, 50] } },
      { t: { contains: '100%' } },
      { t: { contains: '_' } },
      { t: { icontains: 'TEA' } },
      { t: { contains: "'; --" } },
      { d: '*' },
      { OR: [{ n: 50 }, { t: 'tea' }] },
      { NOT: [{ t: 'tea' }] },
      { n: { gt: 0 }, NOT: { t: { contains: 'tea' } } },
      { t: { ne: 'tea' } },
      { t: { nin: ['tea', 'a_b'] } },
    ])('%j is answered alike', async (filters) => {
      expect(await same('u_filters', (memory) => listed(memory, filters))).not.toEqual([])
    })

    // Where mem0's provider answers as SQL happens to, or with an error of the database.
    it.each<[string, object, string[], string[] | RegExp]>([
      ['a missing field is not "ne"', { d: { ne: '2024-05-01' } }, ['n0', 'n2', 'n3', 'n4'], ['n2']],
      ['nor outside a list', { b: { nin: [true] } }, ['n1', 'n2', 'n3', 'n4'], ['n1']],
      ['nor outside NOT', { NOT: [{ b: true }] }, ['n1', 'n2', 'n3', 'n4'], ['n1']],
      ['null is the text "null"', { b: null }, ['n2', 'n3', 'n4'], []],
      ['dates have no order', { d: { gte: '2024-05-15' } }, ['n2'], /numeric/],
      ['nor have other texts', { t: { gt: 5 } }, [], /numeric/],
    ])("where mem0's provider differs: %s", async (_title, filters, expected, ofProvider) => {
      const [mine, other] = [ours.client, theirs.client].map((client) =>
        createMemoryFactory({ client })('u_filters'),
      ) as [ScopedMemory, ScopedMemory]
      expect(await listed(mine, filters)).toEqual(expected)
      if (ofProvider instanceof RegExp) await expect(listed(other, filters)).rejects.toThrow(ofProvider)
      else expect(await listed(other, filters)).toEqual(ofProvider)
    })
  })
})
