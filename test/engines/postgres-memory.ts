import { Memory, type MemoryConfig } from 'mem0ai/oss'

export interface PostgresMemoryOptions {
  readonly url: string
  readonly embedder: MemoryConfig['embedder']
  /** The length of the embedder's vectors. */
  readonly dimensions: number
  /** Default: mem0 keeps no history. */
  readonly historyDbPath?: string
  /** Where a language model answers. Default: nowhere. */
  readonly modelUrl?: string
  readonly collectionName?: string
}

/** mem0's `Memory` on a PostgreSQL server. */
export function postgresMemory(options: PostgresMemoryOptions): Memory {
  const { url, embedder, dimensions, historyDbPath, modelUrl = 'http://127.0.0.1:9' } = options
  return new Memory({
    embedder,
    vectorStore: {
      provider: 'pgvector',
      config: {
        collectionName: options.collectionName ?? 'memories',
        connectionString: url,
        dimension: dimensions,
        embeddingModelDims: dimensions,
      },
    },
    llm: { provider: 'openai', config: { apiKey: 'unused', baseURL: `${modelUrl}/v1` } },
    ...(historyDbPath === undefined ? { disableHistory: true } : { historyDbPath }),
  })
}

/** Ends the connections of a `Memory` on Postgres, which mem0 itself never does. */
export async function disconnect(memory: Memory): Promise<void> {
  const { vectorStore, _entityStore } = memory as unknown as {
    vectorStore?: { close(): Promise<void> }
    _entityStore?: { close(): Promise<void> }
  }
  await Promise.all([vectorStore?.close(), _entityStore?.close()])
}
