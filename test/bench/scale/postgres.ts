import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmbeddedMemory } from '@scoped-memory/core/embedded'
import { openPostgresMemory, setUpPostgres } from '@scoped-memory/core/postgres'
import type { Memory } from 'mem0ai/oss'
import { Client } from 'pg'
import { openPostgres } from '../../engines/postgres-server.ts'
import { DIMENSIONS, embedder } from './embedder.ts'
import type { ScaleEngine } from './scale-engine.ts'
import { ownText, SENTENCES, userId } from './texts.ts'

const TABLE = 'scoped_memories'
/** Rows of one statement: what is between two steps of the progress bar. */
const BATCH = 20_000

/** The engine of this project on a PostgreSQL server, or why there is none. */
export async function openPostgresEngine(): Promise<ScaleEngine | { readonly unavailable: string }> {
  const database = await openPostgres()
  if ('unavailable' in database) return database
  const connectionString = database.url
  await setUpPostgres({ connectionString, dimensions: DIMENSIONS })
  const client = await openPostgresMemory({ connectionString, embedder })
  return {
    client,
    fill: (users, memories, onRows) => fillPostgres(connectionString, client, users, memories, onRows),
    async close() {
      await client.close()
      await database.close()
    },
  }
}

/** Postgres compiled to WebAssembly, in this process, on a directory. Its users remember one by one: nobody else has its database. */
export async function openEmbeddedEngine(): Promise<ScaleEngine> {
  const directory = mkdtempSync(join(tmpdir(), 'scale-'))
  const client = await openEmbeddedMemory({ dataDir: join(directory, 'data'), embedder })
  return {
    client,
    async fill(users, memories, onRows) {
      await client.reset()
      for (let round = 0; round < memories; round++) {
        for (let user = 0; user < users; user++) {
          await client.add(ownText(round % SENTENCES.length, userId(user)), {
            userId: userId(user),
            infer: false,
          })
          onRows(1)
        }
      }
    },
    async close() {
      await client.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** Copies what the engine itself stores for one user, inside the database, in the words of texts.ts. */
export async function fillPostgres(
  connectionString: string,
  memory: Memory,
  users: number,
  memories: number,
  onRows: (rows: number) => void,
): Promise<void> {
  const sql = new Client({ connectionString })
  await sql.connect()
  await sql.query(`TRUNCATE ${TABLE}, ${TABLE}_entities, ${TABLE}_history`)
  for (const sentence of SENTENCES) await memory.add(sentence, { userId: 'template', infer: false })
  await sql.query(`
    CREATE TEMP TABLE template AS
    SELECT row_number() OVER (ORDER BY seq) - 1 AS n, vector, words, payload FROM ${TABLE} WHERE user_id = 'template'`)
  // Loaded without its indexes, and with the table emptied in the same transaction: that writes everything once.
  await sql.query('BEGIN')
  await sql.query(`TRUNCATE ${TABLE}, ${TABLE}_history`)
  await sql.query(`ALTER TABLE ${TABLE} DROP CONSTRAINT ${TABLE}_pkey`)
  await sql.query(`DROP INDEX ${TABLE}_seq_idx`)
  for (let round = 0; round < memories; round++) {
    for (let from = 0; from < users; from += BATCH) {
      const to = Math.min(users, from + BATCH)
      await sql.query(`
        WITH added AS (
          INSERT INTO ${TABLE} (user_id, id, vector, words, payload)
          SELECT 'u_' || u, gen_random_uuid(), template.vector, template.words, template.payload || jsonb_build_object(
            'data', (template.payload->>'data') || ' (u_' || u || ')')
          FROM template, generate_series(${from}, ${to - 1}) u WHERE template.n = ${round % SENTENCES.length}
          RETURNING user_id, id, payload)
        INSERT INTO ${TABLE}_history (user_id, memory_id, new_value, action, created_at)
        SELECT user_id, id, payload->>'data', 'ADD', payload->>'createdAt' FROM added`)
      onRows(to - from)
    }
  }
  await sql.query(`ALTER TABLE ${TABLE} ADD PRIMARY KEY (user_id, id)`)
  await sql.query(`CREATE INDEX ${TABLE}_seq_idx ON ${TABLE} (user_id, seq)`)
  await sql.query('COMMIT')
  for (const table of [TABLE, `${TABLE}_history`]) await sql.query(`VACUUM ANALYZE ${table}`)
  await sql.end()
}
