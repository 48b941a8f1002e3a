import type { Query } from './row-level-security.ts'
import { versionIn } from './schema.ts'
import type { TableNames } from './table-names.ts'

/** The tables as they are. */
export interface TableState {
  /** Undefined where they are not of this package. */
  readonly version: number | undefined
  /** The length of the vectors. */
  readonly dimensions: number
  /** Into how many they are split; 0 where they are not. */
  readonly partitions: number
}

/** How the tables are; undefined where there are none. */
export async function readTableState(
  query: Query,
  { memories }: TableNames,
): Promise<TableState | undefined> {
  const [found] = await query(STATE, [memories])
  if (found === undefined) return undefined
  const { comment, dimensions, partitions } = found
  return { version: versionIn(comment), dimensions: Number(dimensions), partitions: Number(partitions) }
}

const STATE = `
  SELECT obj_description(c.oid, 'pg_class') AS comment,
    coalesce((SELECT atttypmod FROM pg_attribute WHERE attrelid = c.oid AND attname = 'vector'), 0) AS dimensions,
    (SELECT count(*) FROM pg_inherits WHERE inhparent = c.oid)::int AS partitions
  FROM pg_class c WHERE c.oid = to_regclass($1)`
