import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startMem0Platform, type Mem0Platform } from '@scoped-memory/mem0-platform'
import type { MemoryClient } from 'mem0ai'
import type { Memory } from 'mem0ai/oss'
import { openEmbeddedMemory } from '../../src/embedded/index.ts'
import { hashEmbedder } from '../embedded/hash-embedder.ts'
import { NEWEST, type Mem0 } from './mem0.ts'

/** A real client of mem0 with what is behind it. */
export interface BackEnd<Client = MemoryClient | Memory> {
  readonly client: Client
  close(): Promise<void>
}

/** The real `MemoryClient` over HTTP to the stand-in for the hosted API. */
export async function openHosted(
  mem0: Mem0 = NEWEST,
): Promise<BackEnd<MemoryClient> & { platform: Mem0Platform }> {
  const platform = await startMem0Platform()
  const client = new mem0.MemoryClient({ apiKey: 'm0-test-key', host: platform.url })
  return { client, platform, close: () => platform.close() }
}

/** The real `Memory` on mem0's own SQLite store. */
export async function openSqlite(mem0: Mem0 = NEWEST): Promise<BackEnd<Memory> & { directory: string }> {
  const directory = mkdtempSync(join(tmpdir(), 'sqlite-'))
  const client = sqliteMemory(directory, 'memories', mem0)
  return { client, directory, close: async () => rmSync(directory, { recursive: true, force: true }) }
}

/** A `Memory` whose rows and history are files of `directory`. */
export function sqliteMemory(directory: string, collectionName = 'memories', mem0: Mem0 = NEWEST): Memory {
  const memory = new mem0.Memory({
    embedder: hashEmbedder(64),
    vectorStore: {
      provider: 'memory',
      config: { collectionName, dimension: 64, dbPath: join(directory, 'vectors.db') },
    },
    llm: { provider: 'openai', config: { apiKey: 'unused', baseURL: 'http://127.0.0.1:9' } },
    historyDbPath: join(directory, 'history.db'),
  })
  // A model that finds no facts: no test of this store is about extraction.
  return Object.assign(memory, { llm: { generateResponse: async () => '{"memory":[]}' } })
}

/** The real `Memory` on Postgres, in the process. */
export async function openPglite(): Promise<BackEnd<Memory>> {
  const client = await openEmbeddedMemory({ embedder: hashEmbedder(64) })
  return { client, close: () => client.close() }
}
