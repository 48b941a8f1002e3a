import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureUserIndex } from '@scoped-memory/core'
import type { Memory } from 'mem0ai/oss'
import { disconnect, postgresMemory } from '../../engines/postgres-memory.ts'
import { openPostgres } from '../../engines/postgres-server.ts'
import { DIMENSIONS, embedder } from './embedder.ts'
import type { ScaleEngine } from './scale-engine.ts'
import { SENTENCES } from './texts.ts'

const TABLE = 'memories'
/** Rows of one statement: what is between two steps of the progress bar. */
const BATCH = 20_000

/** mem0's own provider on a PostgreSQL server, or why there is none. */
export async function openPgvectorEngine(): Promise<ScaleEngine | { readonly unavailable: string }> {
  const database = await openPostgres()
  if ('unavailable' in database) return database
  const directory = mkdtempSync(join(tmpdir(), 'scale-'))
  const client = postgresMemory({
    url: database.url,
    embedder,
    dimensions: DIMENSIONS,
    collectionName: TABLE,
    historyDbPath: join(directory, 'history.db'),
  })
  return {
    client,
    fill: (users, memories, onRows) => fillPgvector(client, users, memories, onRows),
    async index() {
      const startedAt = performance.now()
      await ensureUserIndex(client)
      return { millis: performance.now() - startedAt }
    },
    async close() {
      await disconnect(client)
      await database.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** Copies what mem0 itself stores for one user, inside the database, in the words of texts.ts; without an index on the user. */
export async function fillPgvector(
  memory: Memory,
  users: number,
  memories: number,
  onRows: (rows: number) => void,
): Promise<void> {
  await memory.deleteAll({ userId: 'template' })
  for (const sentence of SENTENCES) await memory.add(sentence, { userId: 'template', infer: false })
  const { client } = (
    memory as unknown as { vectorStore: { client: { query(sql: string): Promise<unknown> } } }
  ).vectorStore
  await client.query(`
    CREATE TEMP TABLE template AS
    SELECT row_number() OVER (ORDER BY payload->>'createdAt') - 1 AS n, vector, payload
    FROM ${TABLE} WHERE payload->>'user_id' = 'template'`)
  // Loaded without its indexes, and with the table emptied in the same transaction: that writes everything once.
  await client.query(`DROP INDEX IF EXISTS ${TABLE}_user_id_idx`)
  await client.query('BEGIN')
  await client.query(`TRUNCATE ${TABLE}`)
  await client.query(`ALTER TABLE ${TABLE} DROP CONSTRAINT ${TABLE}_pkey`)
  for (let round = 0; round < memories; round++) {
    for (let from = 0; from < users; from += BATCH) {
      const to = Math.min(users, from + BATCH)
      await client.query(`
        INSERT INTO ${TABLE} (id, vector, payload)
        SELECT gen_random_uuid(), template.vector, template.payload || jsonb_build_object(
          'user_id', 'u_' || u, 'data', (template.payload->>'data') || ' (u_' || u || ')')
        FROM template, generate_series(${from}, ${to - 1}) u WHERE template.n = ${round % SENTENCES.length}`)
      onRows(to - from)
    }
  }
  await client.query(`ALTER TABLE ${TABLE} ADD PRIMARY KEY (id)`)
  await client.query('COMMIT')
  await client.query('DROP TABLE template')
  await client.query(`VACUUM ANALYZE ${TABLE}`)
}
