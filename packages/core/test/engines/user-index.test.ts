import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { vector } from '@electric-sql/pglite-pgvector'
import { Memory } from 'mem0ai/oss'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { servePostgres, type PostgresSocket } from '../support/postgres-socket.ts'
import { ensureUserIndex } from '../../src/engines/user-index.ts'
import { hashEmbedder } from '../embedded/hash-embedder.ts'

const llm = { provider: 'openai', config: { apiKey: 'unused', baseURL: 'http://127.0.0.1:9' } }

describe("ensureUserIndex on mem0's pgvector store", () => {
  const directory = mkdtempSync(join(tmpdir(), 'user-index-test-'))
  const memories: Memory[] = []
  let db: PGlite
  let socket: PostgresSocket

  beforeAll(async () => {
    db = await PGlite.create({ extensions: { vector } })
    socket = await servePostgres(db, { path: join(directory, '.s.PGSQL.5432') })
  })
  afterAll(async () => {
    for (const memory of memories) {
      const { vectorStore, _entityStore } = memory as unknown as Record<
        string,
        { close(): Promise<void> } | undefined
      >
      await Promise.all([vectorStore?.close(), _entityStore?.close()])
    }
    await socket.close()
    await db.close()
    rmSync(directory, { recursive: true, force: true })
  })

  function memoryIn(collectionName: string, settings: object = {}): Memory {
    const memory = new Memory({
      embedder: hashEmbedder(8),
      llm,
      vectorStore: {
        provider: 'pgvector',
        config: {
          ...{ collectionName, dimension: 8, embeddingModelDims: 8, ssl: false },
          ...{ host: directory, port: 5432, user: 'postgres', password: 'x', dbname: 'postgres' },
          ...settings,
        },
      },
      disableHistory: true,
    })
    memories.push(memory)
    return memory
  }
  const indexesOf = async (table: string) =>
    (
      await db.query<{ name: string; valid: boolean; definition: string }>(
        `SELECT c.relname AS name, i.indisvalid AS valid, pg_get_indexdef(i.indexrelid) AS definition
         FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
         WHERE i.indrelid = to_regclass($1) AND NOT i.indisprimary ORDER BY 1`,
        [`"${table}"`],
      )
    ).rows

  it('makes it on both tables, once', async () => {
    const memory = memoryIn('plain')
    expect(await ensureUserIndex(memory)).toEqual({
      provider: 'pgvector',
      status: 'created',
      tables: [
        { table: 'plain', index: 'plain_user_id_idx', status: 'created' },
        { table: 'plain_entities', index: 'plain_entities_user_id_idx', status: 'created' },
      ],
      warnings: [],
    })
    expect(await ensureUserIndex(memory)).toMatchObject({
      status: 'exists',
      tables: [{ status: 'exists' }, { status: 'exists' }],
    })
    expect(await indexesOf('plain')).toHaveLength(1)
    expect(await indexesOf('plain_entities')).toHaveLength(1)
  })

  it("makes the one that mem0's own queries use", async () => {
    const memory = memoryIn('used')
    await memory.add('I am vegetarian', { userId: 'u_alice', infer: false })
    await db.query(
      `INSERT INTO used SELECT gen_random_uuid(), array_fill(0.1, ARRAY[8])::vector,
              jsonb_build_object('user_id', 'u_' || n / 10, 'data', 'x') FROM generate_series(1, 20000) n`,
    )
    await ensureUserIndex(memory)
    await db.exec('ANALYZE used')

    const plans: string[] = []
    const { client } = (memory as unknown as { vectorStore: { client: { query: Query } } }).vectorStore
    const query = client.query.bind(client)
    client.query = async (sql, values) => {
      const { rows } = await query(`EXPLAIN ${sql}`, values)
      plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'))
      return query(sql, values)
    }
    await memory.search('food', { filters: { user_id: 'u_alice' } })
    await memory.getAll({ filters: { user_id: 'u_alice' } })
    expect(plans.length).toBeGreaterThanOrEqual(4)
    for (const plan of plans) expect(plan).toContain('used_user_id_idx')
  })

  it('replaces one that an interrupted build left unusable', async () => {
    const memory = memoryIn('broken')
    await ensureUserIndex(memory)
    await db.exec(`UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'broken_user_id_idx'::regclass`)
    expect((await ensureUserIndex(memory)).tables.map(({ status }) => status)).toEqual(['created', 'exists'])
    expect(await indexesOf('broken')).toMatchObject([{ name: 'broken_user_id_idx', valid: true }])
  })

  it('is content with one of another name, but not with a partial one or one on another field', async () => {
    const memory = memoryIn('handmade')
    await ensureUserIndex(memory)
    await db.exec(`
      DROP INDEX handmade_user_id_idx, handmade_entities_user_id_idx;
      CREATE INDEX by_user ON handmade USING hash ((payload->>'user_id'));
      CREATE INDEX by_agent ON handmade_entities ((payload->>'agent_id'));
      CREATE INDEX some_users ON handmade_entities ((payload->>'user_id')) WHERE payload->>'user_id' < 'm'`)
    expect((await ensureUserIndex(memory)).tables).toEqual([
      { table: 'handmade', index: 'by_user', status: 'exists' },
      { table: 'handmade_entities', index: 'handmade_entities_user_id_idx', status: 'created' },
    ])
  })

  it('makes one when several processes start at once', async () => {
    const reports = await Promise.all([
      ensureUserIndex(memoryIn('raced')),
      ensureUserIndex(memoryIn('raced')),
    ])
    for (const { tables } of reports)
      expect(tables.map(({ index }) => index)).toEqual(['raced_user_id_idx', 'raced_entities_user_id_idx'])
    expect(await indexesOf('raced')).toHaveLength(1)
    expect(await indexesOf('raced_entities')).toHaveLength(1)
  })

  it('names what holds the name of the index', async () => {
    await db.exec('CREATE TABLE taken_user_id_idx (v int)')
    await expect(ensureUserIndex(memoryIn('taken'))).rejects.toThrow(
      /"taken_user_id_idx" belongs to something else/,
    )
  })

  it('takes names with capitals, and names near the length that Postgres cuts at', async () => {
    const long = `Mixed_${'x'.repeat(49)}`
    const { tables } = await ensureUserIndex(memoryIn(long))
    expect(tables.map(({ status }) => status)).toEqual(['created', 'created'])
    expect(new Set(tables.map(({ index }) => index)).size).toBe(2)
    for (const { table, index } of tables) {
      expect(await indexesOf(table)).toMatchObject([{ name: index, valid: true }])
    }
  })

  it('warns of an approximate index, which finds nothing for a user among many', async () => {
    const { status, warnings } = await ensureUserIndex(memoryIn('approximate', { hnsw: true }))
    expect(status).toBe('created')
    expect(warnings).toHaveLength(2)
    expect(warnings[0]).toMatch(
      /hnsw index "approximate_hnsw_idx".*DROP INDEX CONCURRENTLY "approximate_hnsw_idx"/,
    )
  })
})

describe('ensureUserIndex on other stores', () => {
  const storeOf = (provider: string) => ({
    config: { vectorStore: { provider } },
    _ensureInitialized: () => Promise.reject(new Error('a store that needs nothing is left alone')),
  })

  it('says that the SQLite store has none, and what to use', async () => {
    const memory = new Memory({
      embedder: hashEmbedder(8),
      llm,
      vectorStore: { provider: 'memory', config: { collectionName: 'm', dimension: 8, dbPath: ':memory:' } },
      disableHistory: true,
    })
    expect(await ensureUserIndex(memory)).toEqual({
      provider: 'memory',
      status: 'missing',
      tables: [],
      warnings: [],
      advice: expect.stringContaining('openPostgresMemory()'),
    })
  })

  it.each([
    ['qdrant', 'built-in', undefined],
    ['mongodb', 'missing', /after MongoDB's vector search/],
    ['vectorize', 'missing', /--property-name=user_id/],
    ['langchain', 'missing', /not kept apart at all/],
    ['toString', 'unknown', /"toString"/],
  ] as const)('%s: %s', async (provider, status, advice) => {
    const report = await ensureUserIndex(storeOf(provider))
    expect(report.status).toBe(status)
    if (advice) expect(report.advice).toMatch(advice)
    else expect(report).not.toHaveProperty('advice')
  })

  it.each([null, undefined, {}, { apiKey: 'm0-k', host: 'https://api.mem0.ai' }])(
    'refuses %j',
    async (value) => {
      await expect(ensureUserIndex(value as object)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    },
  )
})

type Query = (sql: string, values?: unknown[]) => Promise<{ rows: Record<string, string>[] }>
