import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { vector } from '@electric-sql/pglite-pgvector'
import { Memory } from 'mem0ai/oss'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ScopedMemory } from '../../src/index.ts'
import { bringEarlierTables } from '../../src/embedded/earlier-tables.ts'
import { openEmbeddedMemory } from '../../src/embedded/index.ts'
import { pgliteDatabase } from '../../src/postgres/pglite-database.ts'
import { applySchema } from '../../src/postgres/set-up.ts'
import { tableNames } from '../../src/postgres/table-names.ts'
import { startFactModel } from '../support/fact-model.ts'
import { servePostgres } from '../support/postgres-socket.ts'
import { hashEmbedder } from './hash-embedder.ts'

const DIMENSIONS = 16
// More words than Postgres keeps with a row.
const LONG = Array.from({ length: 90_000 }, (_, index) => `q${index}`).join(' ')
const HISTORY = `CREATE TABLE IF NOT EXISTS memory_history (id SERIAL PRIMARY KEY, memory_id TEXT NOT NULL, previous_value TEXT,
  new_value TEXT, action TEXT NOT NULL, created_at TEXT, updated_at TEXT, is_deleted INTEGER NOT NULL DEFAULT 0)`

describe('a dataDir of an earlier version', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'earlier-'))
  const embedder = hashEmbedder(DIMENSIONS)
  const openDatabase = () => PGlite.create({ dataDir: join(dataDir, 'postgres'), extensions: { vector } })
  const rowsOf = async (db: PGlite, sql: string) => (await db.query<Record<string, unknown>>(sql)).rows
  const tablesOf = async (db: PGlite) =>
    (
      await rowsOf(
        db,
        `SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1`,
      )
    ).map(({ relname }) => relname)
  let kept: string
  let changed: string
  let deleted: string
  let stray: string

  // mem0's own provider over PGlite behind a socket, with the history in the same database.
  beforeAll(async () => {
    mkdirSync(join(dataDir, 'postgres'), { recursive: true })
    const db = await openDatabase()
    const model = await startFactModel()
    const socket = await servePostgres(db, { host: '127.0.0.1', port: 0 })
    const mem0 = new Memory({
      embedder,
      vectorStore: {
        provider: 'pgvector',
        config: {
          ...{
            user: 'postgres',
            password: 'unused',
            dbname: 'postgres',
            host: '127.0.0.1',
            port: socket.port,
            ssl: false,
          },
          collectionName: 'memories',
          dimension: DIMENSIONS,
          embeddingModelDims: DIMENSIONS,
        },
      },
      llm: { provider: 'openai', config: { apiKey: 'unused', baseURL: `${model.url}/v1` } },
      historyStore: { provider: 'memory', config: {} },
    })
    await db.exec(HISTORY)
    const record = async (...values: unknown[]): Promise<void> =>
      void (await db.query(
        `INSERT INTO memory_history (memory_id, previous_value, new_value, action, created_at, updated_at, is_deleted)
         VALUES ($1, $2, $3, $4, $5, $6, $7)`,
        Array.from({ length: 7 }, (_, index) => values[index] ?? (index === 6 ? 0 : null)),
      ))
    Object.assign(mem0, {
      db: {
        addHistory: record,
        getHistory: async () => [],
        saveMessages: async () => {},
        getLastMessages: async () => [],
      },
    })
    const { results } = await mem0.add(
      ['I met Maria Lopez in Porto', 'I live in Lisbon', 'I like tea'].map((content) => ({
        role: 'user',
        content,
      })),
      { userId: 'u_alice', runId: 'r1' },
    )
    ;[kept, changed, deleted] = results.map(({ id }) => id) as [string, string, string]
    await mem0.update(changed, 'I live in Faro')
    await mem0.delete(deleted)
    const [alone] = (await mem0.add('Nobody in particular', { agentId: 'guide', infer: false })).results
    stray = alone!.id
    await mem0.add(LONG, { userId: 'u_bob', infer: false })
    const { vectorStore, _entityStore } = mem0 as unknown as Record<
      string,
      { close(): Promise<void> } | undefined
    >
    await vectorStore?.close()
    await _entityStore?.close()
    await socket.close()
    await model.close()
    expect(await tablesOf(db)).toEqual([
      'memories',
      'memories_entities',
      'memory_history',
      'memory_migrations',
    ])
    await db.close()
  })
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

  it('refuses an embedder of another length before it changes anything', async () => {
    const opening = openEmbeddedMemory({ dataDir, embedder: hashEmbedder(3) })
    await expect(opening).rejects.toThrow(/vectors of length 16.*vectors of length 3/)
    const db = await openDatabase()
    expect(await tablesOf(db)).toEqual([
      'memories',
      'memories_entities',
      'memory_history',
      'memory_migrations',
    ])
    await db.close()
  })

  it('is brought over whole or not at all', async () => {
    const db = await openDatabase()
    const database = pgliteDatabase(db)
    const query = async (sql: string, values: readonly unknown[]) =>
      (await db.query<Record<string, unknown>>(sql, [...values])).rows
    await applySchema(query, { dimensions: DIMENSIONS })
    // The last of its statements fails.
    await db.exec('CREATE VIEW in_use AS SELECT * FROM memory_migrations')
    await expect(bringEarlierTables(database, tableNames())).rejects.toThrow(/depend/)
    expect(await rowsOf(db, 'SELECT * FROM scoped_memories')).toEqual([])
    expect(await rowsOf(db, 'SELECT * FROM memories')).toHaveLength(4)
    await db.exec('DROP VIEW in_use')
    await db.close()
  })

  it('is brought over when it is opened, with its history and its entities', async () => {
    const memory = await openEmbeddedMemory({ dataDir, embedder })
    const alice = new ScopedMemory('u_alice', { client: memory })
    const bob = new ScopedMemory('u_bob', { client: memory })
    // In no order: the two may be of one millisecond.
    const listed = (await alice.getAll()).results.map(({ id, memory, runId }) => [id, memory, runId])
    expect(new Set(listed)).toEqual(
      new Set([
        [kept, 'I met Maria Lopez in Porto', 'r1'],
        [changed, 'I live in Faro', 'r1'],
      ]),
    )
    expect(await alice.history(changed)).toMatchObject([
      { action: 'UPDATE', previous_value: 'I live in Lisbon', new_value: 'I live in Faro' },
      { action: 'ADD', previous_value: null, new_value: 'I live in Lisbon' },
    ])
    expect((await alice.search('Maria Lopez')).results[0]).toMatchObject({ id: kept })
    await expect(alice.get(deleted)).rejects.toMatchObject({ code: 'MEMORY_NOT_FOUND' })
    await expect(alice.get(stray)).rejects.toMatchObject({ code: 'MEMORY_NOT_FOUND' })
    expect((await bob.getAll()).results).toMatchObject([{ memory: LONG }])
    await memory.close()

    const db = await openDatabase()
    expect(await tablesOf(db)).toEqual([
      'memories_without_user',
      'scoped_memories',
      'scoped_memories_entities',
      'scoped_memories_history',
    ])
    expect(await rowsOf(db, 'SELECT id FROM memories_without_user')).toEqual([{ id: stray }])
    expect(
      await rowsOf(
        db,
        `SELECT user_id, links FROM scoped_memories_entities WHERE payload ->> 'data' ILIKE '%maria%'`,
      ),
    ).toEqual([{ user_id: 'u_alice', links: [kept] }])
    expect(
      await rowsOf(
        db,
        'SELECT memory_id FROM scoped_memories_history GROUP BY 1 HAVING count(*) > 0 ORDER BY min(id)',
      ),
    ).toHaveLength(3)
    await db.close()
  })

  it('is opened as any other from then on', async () => {
    const memory = await openEmbeddedMemory({ dataDir, embedder })
    const alice = new ScopedMemory('u_alice', { client: memory })
    await alice.add('I like tea again')
    expect((await alice.getAll()).results).toHaveLength(3)
    await memory.close()
  })
})
