import { setTimeout } from 'node:timers/promises'
import { InvalidArgumentError, ScopedMemoryError } from '../errors.ts'
import type { Query } from './database.ts'
import { codeOf, toConnectError } from './database-errors.ts'
import { loadPeerPackages } from './peer-packages.ts'
import { securityOf, unprotectedTables } from './row-level-security.ts'
import {
  readSchemaOptions,
  SCHEMA_STEPS,
  grantStatements,
  stepStatements,
  type PostgresSchemaOptions,
  type SchemaStep,
} from './schema.ts'
import { quoted, schemaOf, tableNames } from './table-names.ts'
import { readTableState } from './table-state.ts'

/** Options of {@link setUpPostgres}. */
export interface SetUpPostgresOptions extends PostgresSchemaOptions {
  /** Of the database, as a role that may create tables in it, and the extension `vector` where it is not there yet. */
  readonly connectionString: string
}

/** What {@link setUpPostgres} found and did. */
export interface PostgresSetUp {
  /** The version of the tables now. */
  readonly version: number
  /** Their version before; null where there were none. */
  readonly versionBefore: number | null
}

// A lock that has to be waited for makes every later call on the table wait too: for so long, then they go first.
const LOCK_TIMEOUT_MILLIS = 2000
const PAUSE_MILLIS = 1000
const ATTEMPTS = 10
const LOCK_NOT_AVAILABLE = '55P03'

/**
 * Makes the tables of a memory, or brings them up to the version of this package. To be run by their owner before the
 * application starts, at every deployment: it changes nothing where nothing is missing, several may run at once, and a
 * service that uses the tables goes on. For migrations of your own see {@link postgresSchema}.
 *
 * @throws InvalidArgumentError for wrong options, and where the tables are there with other dimensions or partitions
 * @throws ScopedMemoryError `SCHEMA_MISMATCH` where a table of that name is not of this package, or of a later version, and
 *   where something is missing that the statements need, with the SQL that mends it; `UNAVAILABLE` (503) where the server
 *   cannot be reached, or a transaction keeps a table locked. Other errors of the database as they are.
 */
export async function setUpPostgres(options: SetUpPostgresOptions): Promise<PostgresSetUp> {
  const { connectionString, ...schema } = options
  const { pg } = await loadPeerPackages('setUpPostgres()', { pg: () => import('pg') })
  const client = new pg.default.Client({ connectionString })
  client.on('error', () => {})
  await client.connect().catch((error: unknown) => {
    throw toConnectError(error)
  })
  try {
    return await applySchema(async (sql, values) => {
      const { rows } = await client.query<Record<string, unknown>>(sql, [...values])
      return rows
    }, schema)
  } finally {
    await client.end()
  }
}

/**
 * Does what {@link setUpPostgres} does, over a connection.
 *
 * @param steps from each version to the next
 */
export async function applySchema(
  query: Query,
  options: PostgresSchemaOptions,
  steps: readonly SchemaStep[] = SCHEMA_STEPS,
): Promise<PostgresSetUp> {
  const schema = readSchemaOptions(options)
  for (let attempt = 1; ; attempt++) {
    await query('BEGIN', [])
    try {
      await query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MILLIS}`, [])
      const done = await applyOnce(query, schema, steps)
      await query('COMMIT', [])
      return done
    } catch (error) {
      // Where the connection broke, there is nothing to roll back.
      await query('ROLLBACK', []).catch(() => {})
      if (codeOf(error) !== LOCK_NOT_AVAILABLE) throw withFix(error, schema)
      if (attempt === ATTEMPTS) throw locked(error)
      await setTimeout(PAUSE_MILLIS)
    }
  }
}

async function applyOnce(
  query: Query,
  schema: ReturnType<typeof readSchemaOptions>,
  steps: readonly SchemaStep[],
): Promise<PostgresSetUp> {
  const names = tableNames(schema.table)
  await requireRole(query, schema.role)
  await query("SELECT pg_advisory_xact_lock(hashtextextended('setUpPostgres ' || $1, 0))", [names.memories])
  const found = await readTableState(query, names)
  if (found !== undefined) {
    const { version, dimensions, partitions } = found
    if (version === undefined) {
      throw new ScopedMemoryError(
        `A table of the name ${names.memories}, or of one beside it, is there and was not made by this package, or not ` +
          "to the end. Name another one: setUpPostgres({ …, table: 'agent_memories' }).",
        { code: 'SCHEMA_MISMATCH' },
      )
    }
    if (version > steps.length) {
      throw new ScopedMemoryError(
        `The table ${names.memories} was made by a later version of @scoped-memory/core. Run: npm install @scoped-memory/core@latest`,
        { code: 'SCHEMA_MISMATCH' },
      )
    }
    if (dimensions !== schema.dimensions || partitions !== schema.partitions) {
      throw new InvalidArgumentError(
        `The table ${names.memories} has ${dimensions} dimensions and ${partitions} partitions, which cannot be changed. Pass the same, or another table and bring the memories over.`,
      )
    }
  }
  const before = found?.version ?? 0
  for (const statement of stepStatements(schema, steps.slice(before), steps.length))
    await query(statement, [])
  if (schema.rowLevelSecurity === true) {
    for (const table of await unprotectedTables(query, names)) {
      for (const statement of securityOf(table)) await query(statement, [])
    }
  }
  for (const statement of grantStatements(schema)) await query(statement, [])
  return { version: steps.length, versionBefore: found?.version ?? null }
}

async function requireRole(query: Query, role: string | undefined): Promise<void> {
  if (role === undefined) return
  const found = await query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role])
  if (found.length > 0) return
  throw new InvalidArgumentError(
    `The database has no role ${quoted(role)}. Make it first: CREATE ROLE ${quoted(role)} LOGIN PASSWORD '…';`,
  )
}

/** An error of the database that something is missing, with what to run. */
function withFix(cause: unknown, { table }: PostgresSchemaOptions): unknown {
  const namespace = schemaOf(table) ?? 'public'
  const pgvector =
    'Install pgvector on the server (https://github.com/pgvector/pgvector), then run this again.'
  const fixes: Readonly<Record<string, string>> = {
    '0A000': pgvector,
    '58P01': pgvector,
    '3F000': `Make it first: CREATE SCHEMA ${quoted(namespace)};`,
    '42501':
      'Run this as the owner of the tables. To make them, a role needs, from an administrator: ' +
      `CREATE EXTENSION IF NOT EXISTS vector; GRANT USAGE, CREATE ON SCHEMA ${quoted(namespace)} TO the_role;`,
  }
  const fix = fixes[codeOf(cause)]
  if (fix === undefined || !(cause instanceof Error)) return cause
  return new ScopedMemoryError(`${cause.message}. ${fix}`, { code: 'SCHEMA_MISMATCH', cause })
}

function locked(cause: unknown): ScopedMemoryError {
  return new ScopedMemoryError(
    'Another transaction has kept a table locked for longer than setting up waits. Nothing was changed. Run it again later, or ' +
      "find the transaction: SELECT pid, xact_start, query FROM pg_stat_activity WHERE state <> 'idle' ORDER BY xact_start;",
    { code: 'UNAVAILABLE', status: 503, cause },
  )
}
