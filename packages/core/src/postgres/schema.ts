import { InvalidArgumentError } from '../errors.ts'
import { securityOf } from './row-level-security.ts'
import { quoted, schemaOf, tableList, tableNames, withSuffix, type TableNames } from './table-names.ts'

/** What the tables are like. */
export interface PostgresSchemaOptions {
  /** The length of the embedder's vectors, 1 to 16,000. */
  readonly dimensions: number
  /** The role that the application connects as; it must exist. It is granted what it needs and nothing else. Default: none. */
  readonly role?: string | undefined
  /** The table of memories, in lower case, with its schema if it is not on the search path. Default: `scoped_memories`. */
  readonly table?: string | undefined
  /**
   * Splits each table into so many, 1 to 1,024, by a hash of the user. It is decided once, when the tables are made.
   * Default: not split.
   */
  readonly partitions?: number | undefined
  /** Has the database itself keep users apart, by policies. Default: false. */
  readonly rowLevelSecurity?: boolean | undefined
  /**
   * `citus` also spreads the tables over the nodes of a Citus cluster (11.2 and later), by user. Written after its
   * documentation, and not run by this package's tests. Default: not.
   */
  readonly distribute?: 'citus' | undefined
}

type Schema = ReturnType<typeof readSchemaOptions>

/** What brings the tables from one version to the next. Each statement may be run again. */
export type SchemaStep = (names: TableNames, schema: Schema) => string[]

/** From nothing to the version that this package reads and writes, which is the number of steps. */
export const SCHEMA_STEPS: readonly SchemaStep[] = [createTables]

const VERSION_COMMENT = /^scoped-memory schema (\d+)\b/
const MAX_DIMENSIONS = 16_000
const MAX_PARTITIONS = 1024

/** The version that a comment tells; undefined where it tells none. */
export function versionIn(comment: unknown): number | undefined {
  const [, version] = VERSION_COMMENT.exec(typeof comment === 'string' ? comment : '') ?? []
  return version === undefined ? undefined : Number(version)
}

/**
 * The SQL that makes the tables, for migrations of your own: the same statements that `setUpPostgres` runs. Run them in
 * one transaction, as the role that will own the tables. Run again, they change nothing.
 *
 * @throws InvalidArgumentError for options that make no tables
 */
export function postgresSchema(options: PostgresSchemaOptions): string {
  const schema = readSchemaOptions(options)
  return [
    ...stepStatements(schema, SCHEMA_STEPS, SCHEMA_STEPS.length),
    ...(schema.rowLevelSecurity === true ? securityStatements(schema) : []),
    ...grantStatements(schema),
  ]
    .map((statement) => `${statement};\n`)
    .join('\n')
}

/** The statements of some steps, and of the version that the tables have afterwards. */
export function stepStatements(schema: Schema, steps: readonly SchemaStep[], version: number): string[] {
  const names = tableNames(schema.table)
  if (steps.length === 0) return []
  return [
    ...steps.flatMap((step) => step(names, schema)),
    // Where it is kept needs no table of its own.
    `COMMENT ON TABLE ${names.memories} IS 'scoped-memory schema ${version}'`,
  ]
}

/** The statements that turn row-level security on, for each partition too. */
function securityStatements({ table, partitions }: Schema): string[] {
  return tableList(tableNames(table))
    .flatMap((name) => [name, ...partitionNames(name, partitions)])
    .flatMap(securityOf)
}

/** The statements that let the role of the application do its work. */
export function grantStatements({ table, role }: Schema): string[] {
  if (role === undefined) return []
  const schema = schemaOf(table)
  return [
    ...(schema === undefined ? [] : [`GRANT USAGE ON SCHEMA ${quoted(schema)} TO ${quoted(role)}`]),
    `GRANT SELECT, INSERT, UPDATE, DELETE ON ${tableList(tableNames(table)).join(', ')} TO ${quoted(role)}`,
  ]
}

/** The options, checked. @throws InvalidArgumentError */
export function readSchemaOptions(
  options: PostgresSchemaOptions,
): PostgresSchemaOptions & { readonly partitions: number } {
  const { dimensions, partitions = 0, role, distribute, rowLevelSecurity } = options
  if (!isWhole(dimensions, 1, MAX_DIMENSIONS)) {
    throw new InvalidArgumentError(
      `dimensions must be the length of the embedder's vectors, a whole number from 1 to ${MAX_DIMENSIONS}: for example 1536 for text-embedding-3-small.`,
    )
  }
  if (options.partitions !== undefined && !isWhole(partitions, 1, MAX_PARTITIONS)) {
    throw new InvalidArgumentError(`partitions must be a whole number from 1 to ${MAX_PARTITIONS}.`)
  }
  if (role !== undefined && (typeof role !== 'string' || role === '' || role.includes('\0'))) {
    throw new InvalidArgumentError('role must be the name of a role of the database, for example "app".')
  }
  if (rowLevelSecurity !== undefined && typeof rowLevelSecurity !== 'boolean') {
    throw new InvalidArgumentError('rowLevelSecurity must be true or false.')
  }
  if (distribute !== undefined && (distribute !== 'citus' || partitions > 0)) {
    throw new InvalidArgumentError(
      'distribute must be "citus", without partitions: Citus splits the tables by itself.',
    )
  }
  if (distribute !== undefined && rowLevelSecurity === true) {
    throw new InvalidArgumentError(
      'distribute: "citus" cannot be had with rowLevelSecurity: Citus does not tell its nodes which user a transaction is for, so their policies would let nothing through. Leave out one of the two.',
    )
  }
  return { ...options, partitions }
}

function isWhole(value: unknown, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most
}

function createTables(names: TableNames, { dimensions, partitions, distribute }: Schema): string[] {
  const user = `user_id text COLLATE "C" NOT NULL CHECK (user_id <> '')`
  const table = (name: string, columns: readonly string[]): string[] => [
    `CREATE TABLE IF NOT EXISTS ${name} (\n  ${[user, ...columns].join(',\n  ')}\n)${partitions > 0 ? ' PARTITION BY HASH (user_id)' : ''}`,
    ...partitionNames(name, partitions).map(
      (partition, remainder) =>
        `CREATE TABLE IF NOT EXISTS ${partition} PARTITION OF ${name} FOR VALUES WITH (MODULUS ${partitions}, REMAINDER ${remainder})`,
    ),
  ]
  return [
    // Extensions that are made after Citus are made on its nodes too.
    ...(distribute === 'citus' ? ['CREATE EXTENSION IF NOT EXISTS citus'] : []),
    'CREATE EXTENSION IF NOT EXISTS vector',
    ...table(names.memories, [
      'id uuid NOT NULL',
      'seq bigint GENERATED BY DEFAULT AS IDENTITY',
      `vector vector(${dimensions}) NOT NULL`,
      'words tsvector NOT NULL',
      'payload jsonb NOT NULL',
      'PRIMARY KEY (user_id, id)',
    ]),
    `CREATE INDEX IF NOT EXISTS ${indexName(names.memories, '_seq_idx')} ON ${names.memories} (user_id, seq)`,
    ...table(names.entities, [
      'id uuid NOT NULL',
      `vector vector(${dimensions}) NOT NULL`,
      'links uuid[] NOT NULL',
      'payload jsonb NOT NULL',
      'PRIMARY KEY (user_id, id)',
    ]),
    ...table(names.history, [
      'memory_id uuid NOT NULL',
      'id bigint GENERATED BY DEFAULT AS IDENTITY',
      'previous_value text',
      'new_value text',
      'action text NOT NULL',
      'created_at text',
      'updated_at text',
      'is_deleted int NOT NULL DEFAULT 0',
      'PRIMARY KEY (user_id, memory_id, id)',
    ]),
    ...(distribute === 'citus' ? distribution(names) : []),
  ]
}

/** Of the same name with a number, in the schema of the table. */
function partitionNames(table: string, partitions: number): string[] {
  return Array.from({ length: partitions }, (_, remainder) => withSuffix(table, `_p${remainder}`))
}

/** An index is in the schema of its table, and named without it. */
function indexName(table: string, suffix: string): string {
  return withSuffix(table.slice(table.lastIndexOf('.') + 1), suffix)
}

function distribution({ memories, entities, history }: TableNames): string[] {
  const distribute = (table: string, colocate?: string): string => {
    const name = `'${table.replaceAll("'", "''")}'`
    const beside = colocate === undefined ? '' : `, colocate_with => '${colocate.replaceAll("'", "''")}'`
    return `SELECT create_distributed_table(${name}, 'user_id'${beside}) WHERE NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = ${name}::regclass)`
  }
  return [distribute(memories), distribute(entities, memories), distribute(history, memories)]
}
