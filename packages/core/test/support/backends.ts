import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startMem0Platform, type Mem0Platform } from '@scoped-memory/mem0-platform'
import type { MemoryClient } from 'mem0ai'
import type { Memory } from 'mem0ai/oss'
import { openEmbeddedMemory } from '../../src/embedded/index.ts'
import { hashEmbedder } from '../embedded/hash-embedder.ts'
import { NEWEST, type Mem0 } from './mem0.ts'

/** A real mem0 client with its back end. */
export interface Backend<Client = MemoryClient | Memory> {
  readonly client: Client
  close(): Promise<void>
}

/** The real `MemoryClient` over HTTP to the stand-in for the hosted API. */
export async function openHosted(
  mem0: Mem0 = NEWEST,
): Promise<Backend<MemoryClient> & { platform: Mem0Platform }> {
  const platform = await startMem0Platform()
  const client = new mem0.MemoryClient({ apiKey: 'm0-test-key', host: platform.url })
  return { client, platform, close: () => platform.close() }
}

/** The real `Memory` on mem0's own SQLite store. */
export async function openSqlite(mem0: Mem0 = NEWEST): Promise<Backend<Memory> & { directory: string }> {
  const directory = mkdtempSync(join(tmpdir(), 'sqlite-'))
  const client = sqliteMemory(directory, 'memories', mem0)
  return { client, directory, close: async () => rmSync(directory, { recursive: true, force: true }) }
}

/**
 * A `Memory` that keeps its rows and history in files of `directory`.
 *
 * @param llmUrl an API like OpenAI's; without one, the model finds no facts
 */
export function sqliteMemory(
  directory: string,
  collectionName = 'memories',
  mem0: Mem0 = NEWEST,
  llmUrl?: string,
): Memory {
  const memory = new mem0.Memory({
    embedder: hashEmbedder(64),
    vectorStore: {
      provider: 'memory',
      config: { collectionName, dimension: 64, dbPath: join(directory, 'vectors.db') },
    },
    llm: { provider: 'openai', config: { apiKey: 'unused', baseURL: llmUrl ?? 'http://127.0.0.1:9' } },
    historyDbPath: join(directory, 'history.db'),
  })
  if (llmUrl !== undefined) return memory
  return Object.assign(memory, { llm: { generateResponse: async () => '{"memory":[]}' } })
}

/** The real `Memory` on Postgres, in this process. */
export async function openPglite(): Promise<Backend<Memory>> {
  const client = await openEmbeddedMemory({ embedder: hashEmbedder(64) })
  return { client, close: () => client.close() }
}
