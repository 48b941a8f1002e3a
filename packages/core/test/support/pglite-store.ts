import { PGlite } from '@electric-sql/pglite'
import { vector } from '@electric-sql/pglite-pgvector'
import type { MemoryConfig } from 'mem0ai/oss'
import type { Database, ResultRow, Statement } from '../../src/postgres/database.ts'
import type { Mem0Class } from '../../src/postgres/mem0-internals.ts'
import { queryOf } from '../../src/postgres/database.ts'
import { pgliteDatabase } from '../../src/postgres/pglite-database.ts'
import { applySchema } from '../../src/postgres/set-up.ts'
import { Statements } from '../../src/postgres/statements.ts'
import { createStoredMemory, type ClosableMemory } from '../../src/postgres/stored-memory.ts'
import { tableNames } from '../../src/postgres/table-names.ts'
import { NEWEST } from './mem0.ts'

/** A memory of ours on a database in this process, and the means to look beneath it. */
export interface PgliteStore {
  readonly client: ClosableMemory
  readonly db: PGlite
  /** Runs SQL past the memory. */
  sql(text: string, values?: readonly unknown[]): Promise<ResultRow[]>
  /** What the memory sent, one entry a round trip. Emptied by whoever counts. */
  readonly sent: (readonly Statement[])[]
  /** Called with the statements of a round trip before they run; what it throws ends the round trip. */
  beforeRun: (statements: readonly Statement[]) => void | Promise<void>
  close(): Promise<void>
}

export interface PgliteStoreOptions {
  readonly embedder: MemoryConfig['embedder']
  readonly dimensions: number
  /** An API like OpenAI's. Default: no model. */
  readonly modelUrl?: string
  readonly Memory?: Mem0Class
  /** Default: a new one. */
  readonly db?: PGlite
}

export async function openPgliteStore(options: PgliteStoreOptions): Promise<PgliteStore> {
  const { embedder, dimensions, modelUrl, Memory = NEWEST.Memory } = options
  const db = options.db ?? (await PGlite.create({ extensions: { vector } }))
  const beneath = pgliteDatabase(db)
  await applySchema(queryOf(beneath), { dimensions })
  const sent: (readonly Statement[])[] = []
  const store = { beforeRun: () => {} } as unknown as PgliteStore
  const database: Database = {
    async run(statements, runOptions) {
      sent.push(statements)
      await store.beforeRun(statements)
      return beneath.run(statements, runOptions)
    },
  }
  const client = await createStoredMemory(Memory, {
    embedder,
    llm: modelUrl === undefined ? undefined : modelAt(modelUrl),
    dimensions,
    database,
    statements: new Statements(tableNames()),
    rowLevelSecurity: false,
    name: 'This memory',
    opener: 'openPgliteStore',
    shutDown: () => Promise.resolve(),
  })
  return Object.assign(store, {
    client,
    db,
    sent,
    sql: async (text: string, values: readonly unknown[] = []) =>
      (await db.query<ResultRow>(text, [...values])).rows,
    async close() {
      await client.close()
      if (options.db === undefined) await db.close()
    },
  })
}

/** mem0's setting of a model behind an API like OpenAI's. */
export function modelAt(url: string): MemoryConfig['llm'] {
  return { provider: 'openai', config: { apiKey: 'unused', baseURL: `${url}/v1` } }
}
