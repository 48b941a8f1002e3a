import { InvalidArgumentError, ScopedMemoryError } from '../errors.ts'
import { loadPeerPackages } from './peer-packages.ts'
import { isProtected, type Query } from './row-level-security.ts'
import {
  readSchemaOptions,
  SCHEMA_STEPS,
  securityStatements,
  grantStatements,
  stepStatements,
  type PostgresSchemaOptions,
  type SchemaStep,
} from './schema.ts'
import { tableNames } from './table-names.ts'
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

// A lock that has to be waited for would make every later call wait too.
const LOCK_TIMEOUT_MILLIS = 2000
const ATTEMPTS = 10
const LOCK_NOT_AVAILABLE = '55P03'

/**
 * Makes the tables of a memory, or brings them up to the version of this package. To be run by their owner before the
 * application starts, at every deployment: it changes nothing where nothing is missing, several may run at once, and a
 * service that uses the tables goes on. For migrations of your own see {@link postgresSchema}.
 *
 * @throws InvalidArgumentError for wrong options, and where the tables are there with other dimensions or partitions
 * @throws ScopedMemoryError `SCHEMA_MISMATCH` where a table of that name is not of this package, or of a later version.
 * Errors of the database, such as a role that may not create a table, are passed on as they are.
 */
export async function setUpPostgres(options: SetUpPostgresOptions): Promise<PostgresSetUp> {
  const { connectionString, ...schema } = options
  const { pg } = await loadPeerPackages('setUpPostgres()', { pg: () => import('pg') })
  const client = new pg.default.Client({ connectionString })
  client.on('error', () => {})
  await client.connect()
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
      await query('ROLLBACK', [])
      if ((error as { code?: unknown }).code !== LOCK_NOT_AVAILABLE || attempt === ATTEMPTS) throw error
    }
  }
}

async function applyOnce(
  query: Query,
  schema: ReturnType<typeof readSchemaOptions>,
  steps: readonly SchemaStep[],
): Promise<PostgresSetUp> {
  const names = tableNames(schema.table)
  await query("SELECT pg_advisory_xact_lock(hashtextextended('setUpPostgres ' || $1, 0))", [names.memories])
  const found = await readTableState(query, names)
  if (found !== undefined) {
    const { version, dimensions, partitions } = found
    if (version === undefined) {
      throw new ScopedMemoryError(
        `The table ${names.memories} is there and was not made by this package. Name another one: setUpPostgres({ …, table: 'agent_memories' }).`,
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
  if (schema.rowLevelSecurity === true && !(await isProtected(query, names))) {
    for (const statement of securityStatements(schema)) await query(statement, [])
  }
  for (const statement of grantStatements(schema)) await query(statement, [])
  return { version: steps.length, versionBefore: found?.version ?? null }
}
