import type { MemoryConfig } from 'mem0ai/oss'
import type { Pool } from 'pg'
import { InvalidArgumentError, ScopedMemoryError } from '../errors.ts'
import { queryOf, type Query } from './database.ts'
import { importMem0 } from './import-mem0.ts'
import { loadPeerPackages } from './peer-packages.ts'
import { poolDatabase } from './pool-database.ts'
import { requireRowLevelSecurity } from './row-level-security.ts'
import { Statements } from './statements.ts'
import { createStoredMemory, type ClosableMemory } from './stored-memory.ts'
import { quoted, tableList, tableNames, type TableNames } from './table-names.ts'
import { requireTables } from './table-state.ts'
import { requireVectorLength, vectorLength } from './vector-length.ts'

/** Options of {@link openPostgresMemory}. Of `connectionString` and `pool` exactly one is needed. */
export interface PostgresMemoryOptions {
  /** Of the database, as the role of the application. */
  readonly connectionString?: string | undefined
  /** A pool of `pg` that the application has already. It is not ended with the memory. */
  readonly pool?: Pool | undefined
  /** mem0's `embedder` setting, such as `{ provider: 'openai', config: { model: 'text-embedding-3-small' } }`. */
  readonly embedder: MemoryConfig['embedder']
  /**
   * mem0's `llm` setting, such as `{ provider: 'openai', config: { model: 'gpt-5-mini' } }`, for mem0 to infer facts from
   * messages. Default: none. Then every message except system messages is stored word for word, and an `add` with
   * `infer: true` or an image is refused.
   */
  readonly llm?: MemoryConfig['llm'] | undefined
  /** The table that `setUpPostgres` made. Default: `scoped_memories`. */
  readonly table?: string | undefined
  /**
   * Have the database itself keep users apart. The policies have to be there, and the role must not be able to pass over
   * them; the client itself, asked past a handle, then reads nothing and writes nothing. Default: false.
   */
  readonly rowLevelSecurity?: boolean | undefined
  /** How many connections the pool has at most, with `connectionString`. Default: 8. */
  readonly poolSize?: number | undefined
  /**
   * Whether statements that come again are prepared on the server. Default: true. Write `false` behind a PgBouncer in
   * transaction mode that does not know them (before 1.21, or with `max_prepared_statements = 0`): there a statement may
   * have to be sent twice until it is prepared on every connection to the server.
   */
  readonly preparedStatements?: boolean | undefined
}

const POOL_SIZE = 8

const POOL_BEHAVIOUR = {
  // Before a load balancer forgets a silent connection, and so that a server which is gone is noticed.
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
  // For a host that does not answer at all, and for a free connection of the pool: a clear error long before a handle's
  // own timeout.
  connectionTimeoutMillis: 10_000,
  // What is prepared outlives a quiet moment.
  idleTimeoutMillis: 60_000,
  // A script that forgets close() ends all the same.
  allowExitOnIdle: true,
} as const

/**
 * Opens a `Memory` of `mem0ai/oss` whose memories, entities and history are in the tables that `setUpPostgres` made.
 * mem0 embeds, infers facts, links entities and ranks; the user is named in every statement of a handle.
 *
 * ```ts
 * await using client = await openPostgresMemory({ connectionString, embedder })
 * const memoryFor = createMemoryFactory({ client })
 * ```
 *
 * The raw messages that mem0 can keep as context for its model are not kept, and nothing is reported to mem0:
 * `MEM0_TELEMETRY` is set to `false` while `mem0ai/oss` is first imported.
 *
 * A connection that breaks is replaced. A call that it ends rejects with `UNAVAILABLE` (503), or with `OUTCOME_UNKNOWN`
 * (503) where something may have been written; nothing is sent twice. A call that is given up, by its `signal` or its
 * `timeoutMs`, is ended on the server too.
 *
 * @throws {InvalidArgumentError} for wrong options, and for an embedder whose vectors are not as long as the table's
 * @throws {ScopedMemoryError} `SCHEMA_MISMATCH` where `setUpPostgres` has to be run first; `MISSING_PACKAGE` with the command
 *   that installs what is missing; `UNAVAILABLE` (503) where the server cannot be reached
 * @throws {UnsafeBackendError} with `rowLevelSecurity`, where the policies do not hold, with the SQL that mends it
 */
export async function openPostgresMemory(options: PostgresMemoryOptions): Promise<ClosableMemory> {
  const { connectionString, pool: given, embedder, llm, table } = options
  const { rowLevelSecurity = false, poolSize = POOL_SIZE, preparedStatements = true } = options
  requireOptions(options, poolSize)
  const names = tableNames(table)
  const { mem0, pg } = await loadPeerPackages('openPostgresMemory()', {
    mem0: importMem0,
    pg: () => import('pg'),
  })
  const dimensions = await vectorLength(mem0, embedder)
  const pool =
    given ??
    new pg.default.Pool({
      connectionString,
      max: poolSize,
      fallback_application_name: 'scoped-memory',
      ...POOL_BEHAVIOUR,
    })
  const database = poolDatabase(pool, { ownsPool: given === undefined, rowLevelSecurity, preparedStatements })
  try {
    const query = queryOf(database)
    const stored = await requireTables(query, names, dimensions)
    requireVectorLength(stored.dimensions, dimensions, `The table ${names.memories} has`)
    const { tables } = stored
    await requirePrivileges(query, tables)
    if (rowLevelSecurity) await requireRowLevelSecurity(query, tables)
    return await createStoredMemory(mem0.Memory, {
      embedder,
      llm,
      dimensions,
      database,
      statements: new Statements(tables),
      rowLevelSecurity,
      name: 'This memory on Postgres',
      opener: 'openPostgresMemory',
      shutDown: () => database.close(),
    })
  } catch (error) {
    await database.close()
    throw error
  }
}

function requireOptions({ connectionString, pool, embedder }: PostgresMemoryOptions, poolSize: number): void {
  if ((connectionString === undefined) === (pool === undefined)) {
    throw new InvalidArgumentError(
      'openPostgresMemory() needs a connectionString or a pool, and not both: openPostgresMemory({ connectionString: process.env.DATABASE_URL, embedder }).',
    )
  }
  if (connectionString !== undefined && (typeof connectionString !== 'string' || connectionString === '')) {
    throw new InvalidArgumentError(
      'connectionString must be a text such as "postgres://app:…@db.example.com/app".',
    )
  }
  if (pool !== undefined && typeof (pool as Partial<Pool> | null)?.connect !== 'function') {
    throw new InvalidArgumentError('pool must be a Pool of pg: new pg.Pool({ connectionString }).')
  }
  if (typeof (embedder as MemoryConfig['embedder'] | undefined)?.provider !== 'string') {
    throw new InvalidArgumentError(
      "embedder must be mem0's setting: { provider: 'openai', config: { model: 'text-embedding-3-small' } }.",
    )
  }
  if (!Number.isSafeInteger(poolSize) || poolSize < 1) {
    throw new InvalidArgumentError('poolSize must be a whole number of at least 1.')
  }
}

/** @throws ScopedMemoryError `SCHEMA_MISMATCH` where the role may not read and write the tables */
async function requirePrivileges(query: Query, tables: TableNames): Promise<void> {
  const [lacking] = await query(LACKING_PRIVILEGES, [tableList(tables)])
  if (lacking === undefined) return
  const role = quoted(lacking['role'] as string)
  throw new ScopedMemoryError(
    `The role ${role} may not read and write the tables. As their owner, run: ` +
      `GRANT SELECT, INSERT, UPDATE, DELETE ON ${tableList(tables).join(', ')} TO ${role};`,
    { code: 'SCHEMA_MISMATCH' },
  )
}

const LACKING_PRIVILEGES = `
  SELECT current_user::text AS role FROM unnest($1::text[]) AS tables (name), unnest('{SELECT,INSERT,UPDATE,DELETE}'::text[]) AS needed
  WHERE NOT has_table_privilege(name, needed) LIMIT 1`
