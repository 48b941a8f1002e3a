import { InvalidArgumentError, ScopedMemoryError } from '../errors.ts'
import { sha256 } from './sha256.ts'
import { vectorStore } from './vector-stores.ts'

/** What {@link ensureUserIndex} found and did. */
export interface UserIndexReport {
  /** mem0's name of the vector store: `pgvector`, `qdrant`, … */
  provider: string
  /**
   * - `created`: at least one table had no usable index on the user, and has one now.
   * - `exists`: every table had one already.
   * - `building`: another session is building one at this moment; call again later to have it checked.
   * - `built-in`: the store indexes the user without being asked, by itself or because mem0 asks it to.
   * - `missing`: the store has none and this function cannot make it. `advice` says what to do.
   * - `unknown`: nothing is known about this store.
   */
  status: 'created' | 'exists' | 'building' | 'built-in' | 'missing' | 'unknown'
  /** One entry for each table of a store in which this function makes the index; else empty. */
  tables: UserIndexOfTable[]
  /** What makes a user's searches slow or incomplete although there is an index on the user. */
  warnings: string[]
  /** What to do, where `status` is `missing` or `unknown`. */
  advice?: string
}

/** The index on the user of one table. */
export interface UserIndexOfTable {
  table: string
  /** The index on the user, as Postgres names it. */
  index: string
  status: 'created' | 'exists' | 'building'
}

/**
 * Makes the index on the user where mem0 leaves it out, so that a search reads that user's memories and not
 * everybody's. Safe to run at every start and from several processes at once.
 *
 * With `pgvector` it is an index on `payload->>'user_id'` of the memory table and of the entity table, which mem0
 * makes first where they are missing. It is built concurrently, so other connections go on reading and writing; an
 * unfinished one that an interrupted build left behind is replaced. The build uses mem0's own connection: calls on
 * this very `memory` wait until it is done (under a second for a million memories).
 *
 * For any other store it changes nothing and reports whether there is an index. A memory of `openPostgresMemory` or
 * `openEmbeddedMemory` needs none: the user is first in every key. Choose those unless something else reads mem0's table.
 *
 * @param memory a `Memory` of `mem0ai/oss`.
 * @returns what was found and done, as plain data.
 * @throws {InvalidArgumentError} when `memory` is not a `Memory` of `mem0ai/oss`.
 * Errors of the database, such as a role that may not create an index, are passed on as they are.
 */
export async function ensureUserIndex(memory: object): Promise<UserIndexReport> {
  const { provider, open } = inspect(memory)
  const { userIndex } = vectorStore(provider)
  if (userIndex === 'on-request') return ensurePostgresIndex(provider, await open())

  const unchanged = { provider, tables: [], warnings: [] }
  if (userIndex === 'built-in') return { ...unchanged, status: 'built-in' }
  if (userIndex !== undefined) return { ...unchanged, status: 'missing', advice: userIndex.advice }
  const advice = `Make sure that the store has an index on \`user_id\`: nothing is known about "${provider}".`
  return { ...unchanged, status: 'unknown', advice }
}

interface PostgresClient {
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller says what the query selects
  query<Row>(sql: string, values?: unknown[]): Promise<{ rows: Row[] }>
}

interface PostgresStore {
  client: PostgresClient
  collectionName: string
  close(): Promise<void>
}

interface SelfHosted {
  config: { vectorStore: { provider: string } }
  vectorStore: PostgresStore
  _ensureInitialized(): Promise<void>
  _entityStore: PostgresStore | undefined
  getEntityStore(): Promise<PostgresStore>
}

/** The store behind a `Memory`; `open` waits until mem0 has made both tables. */
function inspect(memory: object): { provider: string; open: () => Promise<[PostgresStore, PostgresStore]> } {
  const candidate = memory as Partial<SelfHosted> | null
  const provider = candidate?.config?.vectorStore?.provider
  if (typeof provider !== 'string' || typeof candidate?._ensureInitialized !== 'function') {
    throw new InvalidArgumentError(
      'ensureUserIndex() takes a Memory of mem0ai/oss: await ensureUserIndex(memory). The hosted platform needs no index.',
    )
  }
  const selfHosted = candidate as SelfHosted
  return {
    provider,
    async open() {
      await unlessMadeMeanwhile(() => selfHosted._ensureInitialized())
      const entities = await unlessMadeMeanwhile(() => openEntityStore(selfHosted))
      return [selfHosted.vectorStore, entities]
    },
  }
}

/** mem0 keeps an entity store that could not be opened, and never opens it again. */
async function openEntityStore(memory: SelfHosted): Promise<PostgresStore> {
  try {
    return await memory.getEntityStore()
  } catch (error) {
    await memory._entityStore?.close()
    memory._entityStore = undefined
    throw error
  }
}

/** What Postgres answers where another process made the same thing at the same moment. */
const ALREADY_EXISTS = new Set(['42P07', '42710', '23505'])
const ATTEMPTS = 6

/**
 * mem0 makes its tables without a lock: of processes that first start at once, some are refused what another has just
 * made. There are four such things, so a few attempts are enough.
 */
async function unlessMadeMeanwhile<T>(open: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await open()
    } catch (error) {
      if (attempt === ATTEMPTS || !alreadyExists(error)) throw error
    }
  }
}

function alreadyExists(error: unknown): boolean {
  return ALREADY_EXISTS.has((error as { code?: string }).code ?? '')
}

async function ensurePostgresIndex(
  provider: string,
  [memories, entities]: [PostgresStore, PostgresStore],
): Promise<UserIndexReport> {
  const tables: UserIndexOfTable[] = []
  const warnings: string[] = []
  for (const { collectionName: table } of [memories, entities]) {
    tables.push(await ensureTableIndex(memories.client, table))
    warnings.push(...(await starvingIndexes(memories.client, table)))
  }
  const statuses = tables.map(({ status }) => status)
  const status = statuses.includes('building')
    ? 'building'
    : statuses.includes('created')
      ? 'created'
      : 'exists'
  return { provider, status, tables, warnings }
}

/** Any index that serves `payload->>'user_id' = $1` for every row will do, whoever made it. */
const USER_INDEXES = `
  SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS qualified, c.relname AS name, i.indisvalid AS valid,
         EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = i.indexrelid) AS building
  FROM pg_index i
  JOIN pg_class c ON c.oid = i.indexrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_am am ON am.oid = c.relam
  WHERE i.indrelid = to_regclass($1) AND i.indpred IS NULL AND am.amname IN ('btree', 'hash')
    AND pg_get_indexdef(i.indexrelid, 1, true) = '(payload ->> ''user_id''::text)'
  ORDER BY i.indisvalid DESC, c.relname`

interface UserIndexRow {
  qualified: string
  name: string
  valid: boolean
  building: boolean
}

async function ensureTableIndex(client: PostgresClient, table: string): Promise<UserIndexOfTable> {
  const usable = await usableIndex(client, table)
  if (usable) return usable

  // Two that build on one table wait for each other until Postgres ends one of them; waiting for a lock would be the
  // same wait, so it is taken or left.
  const taken = await client.query<{ taken: boolean }>(`SELECT pg_try_advisory_lock(${LOCK}) AS taken`, [
    identifier(table),
  ])
  if (taken.rows[0]?.taken !== true) return { table, index: indexName(table), status: 'building' }
  try {
    return (await usableIndex(client, table)) ?? (await makeIndex(client, table))
  } finally {
    await client.query(`SELECT pg_advisory_unlock(${LOCK})`, [identifier(table)])
  }
}

const LOCK = `hashtextextended('ensureUserIndex ' || to_regclass($1)::oid, 0)`

async function usableIndex(client: PostgresClient, table: string): Promise<UserIndexOfTable | undefined> {
  const usable = (await userIndexes(client, table)).find(({ valid, building }) => valid || building)
  return usable && { table, index: usable.name, status: usable.valid ? 'exists' : 'building' }
}

async function makeIndex(client: PostgresClient, table: string): Promise<UserIndexOfTable> {
  for (const { qualified } of await userIndexes(client, table))
    await client.query(`DROP INDEX CONCURRENTLY IF EXISTS ${qualified}`)
  const index = indexName(table)
  try {
    await client.query(
      `CREATE INDEX CONCURRENTLY ${identifier(index)} ON ${identifier(table)} ((payload->>'user_id'))`,
    )
    // Until the values of an index are counted, Postgres takes a user for half a percent of all rows, and plans for that.
    await client.query(`ANALYZE ${identifier(table)}`)
    return { table, index, status: 'created' }
  } catch (error) {
    if (!alreadyExists(error)) throw error
    return madeMeanwhile(client, table, index, error)
  }
}

async function userIndexes(client: PostgresClient, table: string): Promise<UserIndexRow[]> {
  return (await client.query<UserIndexRow>(USER_INDEXES, [identifier(table)])).rows
}

/** The name is taken: by the same index, which another process began in between, or by something else. */
async function madeMeanwhile(
  client: PostgresClient,
  table: string,
  index: string,
  cause: unknown,
): Promise<UserIndexOfTable> {
  const made = (await userIndexes(client, table)).find(({ name }) => name === index)
  if (made) return { table, index, status: made.valid ? 'exists' : 'building' }
  throw new ScopedMemoryError(
    `The index on the user of "${table}" cannot be made: the name "${index}" belongs to something else. Rename that.`,
    { code: 'UNSUPPORTED', cause },
  )
}

/** An approximate index finds the nearest rows of all users first and drops the others' rows afterwards. */
async function starvingIndexes(client: PostgresClient, table: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string; method: string }>(
    `SELECT c.relname AS name, am.amname AS method
     FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am am ON am.oid = c.relam
     WHERE i.indrelid = to_regclass($1) AND am.amname IN ('hnsw', 'ivfflat') ORDER BY c.relname`,
    [identifier(table)],
  )
  return rows.map(
    ({ name, method }) =>
      `The ${method} index "${name}" on "${table}" is searched before the user filter: whenever Postgres picks it, a ` +
      'user with few memories among many users gets too few results, or none. The index on the user makes it unnecessary: ' +
      `leave \`hnsw\` out of the vector store's config and run DROP INDEX CONCURRENTLY ${identifier(name)}.`,
  )
}

const MAX_IDENTIFIER_LENGTH = 63
const SUFFIX = '_user_id_idx'

/** Postgres cuts a long name at its end, which would make it the name of the table, or of the other table's index. */
function indexName(table: string): string {
  if (table.length + SUFFIX.length <= MAX_IDENTIFIER_LENGTH) return table + SUFFIX
  const digest = sha256(table).slice(0, 8)
  return `${table.slice(0, MAX_IDENTIFIER_LENGTH - SUFFIX.length - digest.length - 1)}_${digest}${SUFFIX}`
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
