import { createHash } from 'node:crypto'
import type { MemoryConfig } from 'mem0ai/oss'

/** An embedder that gives equal vectors for equal words, for tests where meaning does not matter. */
export function hashEmbedder(dimensions: number): MemoryConfig['embedder'] {
  const embedQuery = async (text: string): Promise<number[]> => {
    const vector = Array.from({ length: dimensions }, () => 0.01)
    for (const word of text.toLowerCase().split(/\W+/)) {
      const slot = createHash('sha256').update(word).digest().readUInt32BE() % dimensions
      vector[slot] = vector[slot]! + 1
    }
    return vector
  }
  return {
    provider: 'langchain',
    config: {
      model: { embedQuery, embedDocuments: (texts: string[]) => Promise.all(texts.map(embedQuery)) },
    },
  }
}
