import { randomUUID } from 'node:crypto'
import { openPostgresMemory, setUpPostgres, type PostgresSchemaOptions } from '@scoped-memory/core/postgres'
import pg from 'pg'
import { afterAll, beforeAll, describe } from 'vitest'
import { storeSuite, type OpenedStore } from '../../packages/core/test/postgres/store-suite.ts'
import { DIMENSIONS, watchedEmbedder } from '../../packages/core/test/postgres/watched-embedder.ts'
import { startFactModel } from '../../packages/core/test/support/fact-model.ts'
import { modelAt } from '../../packages/core/test/support/pglite-store.ts'
import { openPostgres } from './postgres-server.ts'

const ROLE = `app_${randomUUID().slice(0, 8)}`
const postgres = await openPostgres()
const url = 'url' in postgres ? postgres.url : ''
if ('unavailable' in postgres) console.warn(`Skipped, the engine on PostgreSQL: ${postgres.unavailable}`)
afterAll(() => ('close' in postgres ? postgres.close() : undefined))

/** A memory of its own schema of the database, as the role of an application. */
async function open(
  schema: string,
  options: Pick<PostgresSchemaOptions, 'partitions' | 'rowLevelSecurity'>,
): Promise<OpenedStore> {
  const table = `${schema}.scoped_memories`
  const owner = new pg.Pool({ connectionString: url, max: 2, options: `-c search_path=${schema},public` })
  await owner.query(`CREATE SCHEMA ${schema}`)
  await owner.query(`GRANT USAGE ON SCHEMA ${schema} TO ${ROLE}`)
  await setUpPostgres({ connectionString: url, dimensions: DIMENSIONS, role: ROLE, table, ...options })
  const asRole = new URL(url)
  asRole.username = ROLE
  asRole.password = 'app'
  const model = await startFactModel()
  const { embedder, during } = watchedEmbedder()
  const client = await openPostgresMemory({
    connectionString: asRole.href,
    embedder,
    llm: modelAt(model.url),
    table,
    rowLevelSecurity: options.rowLevelSecurity,
  })
  return {
    client,
    during,
    sql: async (text, values = []) => (await owner.query<Record<string, unknown>>(text, [...values])).rows,
    async close() {
      await client.close()
      await owner.end()
      await model.close()
    },
  }
}

describe.skipIf(url === '')('on a PostgreSQL server', () => {
  beforeAll(() => query(`CREATE ROLE ${ROLE} LOGIN PASSWORD 'app'`))
  afterAll(() => query(`DROP OWNED BY ${ROLE}; DROP ROLE ${ROLE}`))
  storeSuite('without row-level security', () => open('plain', {}))
  storeSuite('with row-level security, in partitions', () =>
    open('secured', { rowLevelSecurity: true, partitions: 4 }),
  )
})

async function query(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(sql)
  await client.end()
}
