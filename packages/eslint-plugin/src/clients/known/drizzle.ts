import type { ClientDescription, Method } from '../client-description.ts'

const drivers = [
  'aws-data-api/pg',
  'better-sqlite3',
  'bun-sql',
  'bun-sqlite',
  'd1',
  'durable-sqlite',
  'expo-sqlite',
  'libsql',
  'libsql/http',
  'libsql/node',
  'libsql/web',
  'mysql2',
  'neon-http',
  'neon-serverless',
  'node-postgres',
  'op-sqlite',
  'pglite',
  'planetscale-serverless',
  'postgres-js',
  'singlestore',
  'sql-js',
  'tidb-serverless',
  'vercel-postgres',
  'xata-http',
]
/** What the drivers call the type of their databases. */
const databases = [
  'AwsDataApiPgDatabase',
  'BetterSQLite3Database',
  'BunSQLDatabase',
  'BunSQLiteDatabase',
  'DrizzleD1Database',
  'DrizzleSqliteDODatabase',
  'ExpoSQLiteDatabase',
  'LibSQLDatabase',
  'MySql2Database',
  'NeonDatabase',
  'NeonHttpDatabase',
  'NodePgDatabase',
  'OPSQLiteDatabase',
  'PgliteDatabase',
  'PlanetScaleDatabase',
  'PostgresJsDatabase',
  'SQLJsDatabase',
  'SingleStoreDriverDatabase',
  'TiDBServerlessDatabase',
  'VercelPgDatabase',
  'XataHttpDatabase',
]
const selected: Method = { kind: 'chained', table: 'from' }
const changed: Method = { kind: 'chained', table: { argument: 0, at: '' } }
const where: Method = { kind: 'scoped', argument: 0, at: ['where'] }

/** Drizzle: the tables that have the user's column. */
export const drizzle: ClientDescription = {
  modules: ['drizzle-orm', ...drivers.map((driver) => `drizzle-orm/${driver}`)],
  classes: ['PgDatabase', 'MySqlDatabase', 'BaseSQLiteDatabase', 'SingleStoreDatabase', ...databases],
  factories: ['drizzle'],
  userKeys: ['userId', 'user_id'],
  filter: 'expressions',
  tables: 'byColumn',
  columnsAt: ['$inferSelect', 'columns'],
  idKeys: ['id'],
  methods: {
    select: selected,
    selectDistinct: selected,
    selectDistinctOn: selected,
    update: changed,
    delete: changed,
    insert: { ...changed, rows: 'values' },
  },
  properties: { query: 'Queries' },
  parts: {
    Queries: { methods: {}, tableProperties: 'Query' },
    Query: { classes: ['RelationalQueryBuilder'], methods: { findMany: where, findFirst: where } },
  },
}
