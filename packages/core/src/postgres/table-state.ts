import type { Query } from './row-level-security.ts'
import { versionIn } from './schema.ts'
import { inSchema, tableList, type TableNames } from './table-names.ts'

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
