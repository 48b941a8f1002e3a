import { InvalidArgumentError, ScopedMemoryError } from '../errors.ts'
import { validateUserId } from '../input/user-id.ts'
import type { Query, ResultRow, Statement } from './database.ts'
import { versionIn } from './schema.ts'
import { MAX_STORED_WORDS } from './statements.ts'
import { quoted, type TableNames } from './table-names.ts'

/** The tables that mem0's own `pgvector` provider keeps memories in, each as an identifier of SQL. */
export interface Mem0Tables {
  readonly memories: string
  readonly entities: string
}

const NAME = /^(?:([A-Za-z_][A-Za-z0-9_]*)\.)?([A-Za-z_][A-Za-z0-9_]*)$/

/**
 * The tables of a `collectionName` of mem0's, which may have the name of a schema before it.
 *
 * @throws InvalidArgumentError for what mem0 itself would refuse
 */
export function mem0Tables(collectionName: string): Mem0Tables {
  const [, schema, name] = NAME.exec(typeof collectionName === 'string' ? collectionName : '') ?? []
  if (name === undefined) {
    throw new InvalidArgumentError(
      'from must be the collectionName of mem0\'s vectorStore config, such as "memories" or "app.memories".',
    )
  }
  const table = (suffix: string): string =>
    (schema === undefined ? '' : `${quoted(schema)}.`) + quoted(name + suffix)
  return { memories: table(''), entities: table('_entities') }
}

/** Which of the tables are there, and the length of their vectors. */
export interface Mem0TablesState {
  readonly dimensions: number
  /** mem0 makes the table of entities with the first one. */
  readonly hasEntities: boolean
  /** The role of the connection, and whether it may read them. */
  readonly role: string
  readonly isReadable: boolean
}

/**
 * How mem0's tables are; undefined where there are none.
 *
 * @throws ScopedMemoryError `SCHEMA_MISMATCH` where a table of that name is not mem0's
 */
export async function readMem0Tables(
  query: Query,
  { memories, entities }: Mem0Tables,
): Promise<Mem0TablesState | undefined> {
  const [found] = await query(STATE, [memories, entities])
  if (found === undefined) return undefined
  const { columns, comment, dimensions, entities: others, role, isReadable } = found
  if (columns !== COLUMNS || versionIn(comment) !== undefined) {
    throw new ScopedMemoryError(
      `The table ${memories} is not one of mem0's pgvector provider, which has the columns ${COLUMNS}. ` +
        "Name the collectionName of mem0's vectorStore config: importMem0Table({ from: 'memories', … }).",
      { code: 'SCHEMA_MISMATCH' },
    )
  }
  return {
    dimensions: Number(dimensions),
    hasEntities: others !== null,
    role: role as string,
    isReadable: isReadable as boolean,
  }
}

const COLUMNS = 'id uuid, payload jsonb, vector vector'
const STATE = `
  SELECT obj_description(c.oid, 'pg_class') AS comment, to_regclass($2)::text AS entities,
    current_user::text AS role, to_json(has_table_privilege(c.oid, 'SELECT')
      AND coalesce(has_table_privilege(to_regclass($2), 'SELECT'), true)) AS "isReadable",
    (SELECT string_agg(attname || ' ' || typname, ', ' ORDER BY attname)
     FROM pg_attribute JOIN pg_type t ON t.oid = atttypid
     WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped) AS columns,
    (SELECT atttypmod FROM pg_attribute WHERE attrelid = c.oid AND attname = 'vector') AS dimensions
  FROM pg_class c WHERE c.oid = to_regclass($1)`

const OWNER = `source.payload ->> 'user_id'`

/** The statements that bring what mem0 stored into tables of ours. The originals stay as they are. */
export class Mem0TableStatements {
  readonly #from: Mem0Tables
  readonly #to: TableNames

  constructor(from: Mem0Tables, to: TableNames) {
    this.#from = from
    this.#to = to
  }

  /**
   * Rows in the order of their ids: `id`, `user` (null where none is named), `has_vector`.
   *
   * @param after the id of the last one that was read before; null at the start
   */
  rows(of: keyof Mem0Tables, after: string | null, limit: number | null): Statement {
    return statement(
      `SELECT id, CASE jsonb_typeof(payload -> 'user_id') WHEN 'string' THEN payload ->> 'user_id' END AS "user",
        (vector IS NOT NULL)::int AS has_vector
      FROM ${this.#from[of]} ${after === null ? '' : 'WHERE id > $2'} ORDER BY id LIMIT $1::int`,
      after === null ? [limit] : [limit, after],
    )
  }

  /**
   * Brings memories that are not there yet: how many were `imported`. One that was brought before and has been deleted
   * since has left its history, and is not brought again.
   */
  bringMemories(ids: readonly string[]): Statement {
    return statement(
      `WITH brought AS (INSERT INTO ${this.#to.memories} (user_id, id, vector, words, payload)
      SELECT ${OWNER}, id, vector, to_tsvector('simple', left(coalesce(payload ->> 'textLemmatized', ''), ${MAX_STORED_WORDS})),
        payload - '{user_id,textLemmatized}'::text[]
      FROM ${this.#from.memories} source
      WHERE id = ANY($1::uuid[]) AND NOT EXISTS (
        SELECT FROM ${this.#to.history} WHERE user_id = ${OWNER} AND memory_id = source.id)
      ORDER BY payload ->> 'createdAt', id
      ON CONFLICT DO NOTHING RETURNING id)
      SELECT count(*) AS imported FROM brought`,
      [ids],
    )
  }

  /** Gives memories that have no history an entry of when they were added. */
  recordAdding(ids: readonly string[]): Statement {
    return statement(
      `INSERT INTO ${this.#to.history} (user_id, memory_id, new_value, action, created_at)
      SELECT memory.user_id, memory.id, memory.payload ->> 'data', 'ADD', memory.payload ->> 'createdAt'
      FROM ${this.#from.memories} source
      JOIN ${this.#to.memories} memory ON memory.user_id = ${OWNER} AND memory.id = source.id
      WHERE source.id = ANY($1::uuid[]) AND NOT EXISTS (
        SELECT FROM ${this.#to.history} history
        WHERE history.user_id = memory.user_id AND history.memory_id = memory.id)`,
      [ids],
    )
  }

  /**
   * Brings entities that are not there yet, linked to the memories of the same user that are there: how many were
   * `imported`. An entity that none of them speaks of is left out.
   */
  bringEntities(ids: readonly string[]): Statement {
    // A memory that is deleted meanwhile is either gone before, or waits, and is then taken out of the links.
    const links = `ARRAY(
      SELECT memory.id FROM ${this.#to.memories} memory
      WHERE memory.user_id = ${OWNER} AND memory.id IN (
        SELECT CASE WHEN link ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN link::uuid END
        FROM jsonb_array_elements_text(CASE jsonb_typeof(source.payload -> 'linkedMemoryIds')
          WHEN 'array' THEN source.payload -> 'linkedMemoryIds' ELSE '[]' END) link)
      ORDER BY memory.id FOR KEY SHARE)`
    return statement(
      `WITH brought AS (INSERT INTO ${this.#to.entities} (user_id, id, vector, links, payload)
      SELECT * FROM (
        SELECT ${OWNER}, id, vector, ${links} AS links, payload - '{user_id,linkedMemoryIds}'::text[]
        FROM ${this.#from.entities} source WHERE id = ANY($1::uuid[])) linked
      WHERE links <> '{}'
      ON CONFLICT DO NOTHING RETURNING id)
      SELECT count(*) AS imported FROM brought`,
      [ids],
    )
  }

  /** How many of these entities are `there`. */
  countEntities(ids: readonly string[]): Statement {
    return statement(
      `SELECT count(*) AS there FROM ${this.#from.entities} source
      JOIN ${this.#to.entities} entity ON entity.user_id = ${OWNER} AND entity.id = source.id
      WHERE source.id = ANY($1::uuid[])`,
      [ids],
    )
  }
}

/** Rows of a source, by what can be done with them. */
export interface SortedRows {
  /** The ids of the rows that can be brought, by user. */
  readonly byUser: ReadonlyMap<string, readonly string[]>
  readonly withoutUser: readonly string[]
  readonly withoutVector: readonly string[]
}

/** Rows as {@link Mem0TableStatements.rows} reads them, sorted. */
export function sortRows(rows: readonly ResultRow[]): SortedRows {
  const byUser = new Map<string, string[]>()
  const withoutUser: string[] = []
  const withoutVector: string[] = []
  for (const { id, user, has_vector } of rows as { id: string; user: unknown; has_vector: number }[]) {
    if (!isUserId(user)) withoutUser.push(id)
    else if (has_vector === 0) withoutVector.push(id)
    else if (byUser.has(user)) byUser.get(user)!.push(id)
    else byUser.set(user, [id])
  }
  return { byUser, withoutUser, withoutVector }
}

// What no handle can read, none could delete or erase either.
function isUserId(value: unknown): value is string {
  try {
    validateUserId(value)
    return true
  } catch {
    return false
  }
}

function statement(text: string, values: readonly unknown[]): Statement {
  return { text, values, prepared: true }
}
