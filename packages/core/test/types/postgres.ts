// Compiled, never run: types.test.ts holds that this compiles under every configuration it names.
import { createMemoryFactory, type MemoryFactory } from '@scoped-memory/core'
import { openEmbeddedMemory, type EmbeddedMemory } from '@scoped-memory/core/embedded'
import {
  openPostgresMemory,
  postgresSchema,
  setUpPostgres,
  type ClosableMemory,
  type PostgresMemoryOptions,
  type PostgresSetUp,
} from '@scoped-memory/core/postgres'
import type { Memory } from 'mem0ai/oss'
import type { Pool } from 'pg'

declare const pool: Pool
declare const connectionString: string

const embedder = { provider: 'openai', config: { model: 'text-embedding-3-small' } }
export const schema: string = postgresSchema({ dimensions: 1536, partitions: 8, rowLevelSecurity: true })

/** What is opened is mem0's Memory, can be closed, and serves handles. */
export async function open(): Promise<MemoryFactory> {
  const { version, versionBefore }: PostgresSetUp = await setUpPostgres({
    connectionString,
    dimensions: 1536,
    role: 'app',
  })
  console.log(version, versionBefore)
  const client: ClosableMemory = await openPostgresMemory({ connectionString, embedder, poolSize: 4 })
  const memory: Memory = client
  await memory.getAll({ filters: { user_id: 'u_alice' } })
  await client.close()
  return createMemoryFactory({ client: await openPostgresMemory({ pool, embedder, rowLevelSecurity: true }) })
}

/** Where one is closed, so is the other. */
export async function embedded(): Promise<EmbeddedMemory> {
  const client: ClosableMemory = await openEmbeddedMemory({ dataDir: './memories' })
  return client
}

// @ts-expect-error an embedder is needed: it says what the vectors are
export const withoutEmbedder: PostgresMemoryOptions = { connectionString }
// @ts-expect-error the store is this package's own
export const withStore: PostgresMemoryOptions = { connectionString, embedder, vectorStore: {} }
// @ts-expect-error the length of the vectors is needed
postgresSchema({})
