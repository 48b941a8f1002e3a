import { InvalidArgumentError } from '../errors.ts'

/** The tables of one memory, each as an identifier of SQL, with its schema where one was named. */
export interface TableNames {
  readonly memories: string
  readonly entities: string
  readonly history: string
}

export const DEFAULT_TABLE = 'scoped_memories'
// Postgres cuts a name off after 63 bytes: this leaves room for what is appended.
const TABLE = /^(?:([a-z_][a-z0-9_]{0,62})\.)?([a-z_][a-z0-9_]{0,39})$/

/**
 * The tables that belong to the one of the memories.
 *
 * @param table in lower case, with or without its schema: `memories`, `app.memories`
 * @throws InvalidArgumentError for what is not a name
 */
export function tableNames(table: string = DEFAULT_TABLE): TableNames {
  const [, schema, name] = TABLE.exec(typeof table === 'string' ? table : '') ?? []
  if (name === undefined) {
    throw new InvalidArgumentError(
      'table must be a name of up to 40 lower-case letters, digits and "_", such as "memories" or "app.memories".',
    )
  }
  const qualified = (suffix: string): string =>
    (schema === undefined ? '' : `${quoted(schema)}.`) + quoted(name + suffix)
  return { memories: qualified(''), entities: qualified('_entities'), history: qualified('_history') }
}

/** The schema that a table is named with, if it is. */
export function schemaOf(table: string = DEFAULT_TABLE): string | undefined {
  return TABLE.exec(table)?.[1]
}

/** The names as a list: memories, entities, history. */
export function tableList({ memories, entities, history }: TableNames): string[] {
  return [memories, entities, history]
}

/** The same tables by their full names. */
export function inSchema(tables: TableNames, schema: string): TableNames {
  const full = (name: string): string => `${quoted(schema)}.${name.slice(name.lastIndexOf('.') + 1)}`
  return {
    memories: full(tables.memories),
    entities: full(tables.entities),
    history: full(tables.history),
  }
}

/** The identifier with something appended to its name. */
export function withSuffix(identifier: string, suffix: string): string {
  return `${identifier.slice(0, -1)}${suffix}"`
}

/** A name as an identifier of SQL. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
