import { ScopedMemoryError } from '../errors.ts'
import type { Query } from './database.ts'
import { SCHEMA_STEPS, versionIn } from './schema.ts'
import { DEFAULT_TABLE, inSchema, tableList, type TableNames } from './table-names.ts'

/** The tables as they are. */
export interface TableState {
  /** By their full names, so that they stay these whatever a connection's search path or temporary tables are. */
  readonly tables: TableNames
  /** Undefined where they are not of this package, or not all there. */
  readonly version: number | undefined
  /** The length of the vectors. */
  readonly dimensions: number
  /** Into how many they are split; 0 where they are not. */
  readonly partitions: number
}

/** How the tables are; undefined where there are none. */
export async function readTableState(query: Query, tables: TableNames): Promise<TableState | undefined> {
  const found = (await query(STATE, [tableList(tables)])) as unknown as FoundTable[]
  const schema = found.find((table) => table.schema !== null)?.schema
  if (schema === undefined || schema === null) return undefined
  const isWhole = found.every((table) => table.schema === schema && table.isTable)
  const { comment, dimensions, partitions } = found[0]!
  return {
    tables: inSchema(tables, schema),
    version: isWhole ? versionIn(comment) : undefined,
    dimensions,
    partitions,
  }
}

/**
 * How the tables are, of the version that this package reads and writes.
 *
 * @param dimensions for the line that makes them, where they are known
 * @throws ScopedMemoryError `SCHEMA_MISMATCH` where they are not of it
 */
export async function requireTables(
  query: Query,
  names: TableNames,
  dimensions?: number,
): Promise<TableState> {
  const found = await readTableState(query, names)
  if (found?.version === SCHEMA_STEPS.length) return found
  const problem =
    found === undefined
      ? 'is not there, or not on the search path of this role'
      : found.version === undefined
        ? 'was not made by this package, or not to the end'
        : `has version ${found.version} of the schema, not ${SCHEMA_STEPS.length}`
  const table = names.memories.replaceAll('"', '')
  const options = [
    'connectionString',
    dimensions === undefined ? 'dimensions' : `dimensions: ${dimensions}`,
    ...(table === DEFAULT_TABLE ? [] : [`table: '${table}'`]),
  ]
  throw new ScopedMemoryError(
    `The table ${names.memories} ${problem}. As the owner of the database, run: await setUpPostgres({ ${options.join(', ')} })`,
    { code: 'SCHEMA_MISMATCH' },
  )
}

interface FoundTable {
  /** Null where it is not there. */
  readonly schema: string | null
  /** And not a view or a foreign table, which have no policies. */
  readonly isTable: boolean
  readonly comment: string | null
  readonly dimensions: number
  readonly partitions: number
}

const STATE = `
  SELECT nspname::text AS schema, to_json(relkind IN ('r', 'p')) AS "isTable", obj_description(c.oid, 'pg_class') AS comment,
    coalesce((SELECT atttypmod FROM pg_attribute WHERE attrelid = c.oid AND attname = 'vector'), 0) AS dimensions,
    (SELECT count(*) FROM pg_inherits WHERE inhparent = c.oid)::int AS partitions
  FROM unnest($1::text[]) WITH ORDINALITY AS named (name, position)
  LEFT JOIN pg_class c ON c.oid = to_regclass(name)
  LEFT JOIN pg_namespace n ON n.oid = relnamespace
  ORDER BY position`
