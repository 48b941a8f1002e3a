export {
  importMem0Table,
  type ImportedRows,
  type ImportMem0TableOptions,
  type Mem0TableImport,
} from './import-mem0-table.ts'
export { openPostgresMemory, type PostgresMemoryOptions } from './open.ts'
export { postgresSchema, type PostgresSchemaOptions } from './schema.ts'
export { setUpPostgres, type PostgresSetUp, type SetUpPostgresOptions } from './set-up.ts'
export type { ClosableMemory } from './stored-memory.ts'
