import type { MemoryConfig } from 'mem0ai/oss'
import { hashEmbedder } from '../embedded/hash-embedder.ts'

export const DIMENSIONS = 64

/** A text whose vector is too short for any table of these tests. */
export const SHORT_VECTOR = 'a text with a short vector'

/** An embedder that does something in between. */
export interface WatchedEmbedder {
  readonly embedder: MemoryConfig['embedder']
  /** Runs work once, while this text is embedded. */
  during(text: string, work: () => Promise<unknown>): void
}

export function watchedEmbedder(): WatchedEmbedder {
  const waiting = new Map<string, () => Promise<unknown>>()
  const { embedQuery } = hashEmbedder(DIMENSIONS).config.model as {
    embedQuery(text: string): Promise<number[]>
  }
  const embed = async (text: string): Promise<number[]> => {
    const work = waiting.get(text)
    waiting.delete(text)
    await work?.()
    const vector = await embedQuery(text)
    return text === SHORT_VECTOR ? vector.slice(0, 3) : vector
  }
  const model = {
    embedQuery: embed,
    embedDocuments: (texts: string[]) => Promise.all(texts.map(embed)),
  }
  return {
    embedder: { provider: 'langchain', config: { model } },
    during: (text, work) => void waiting.set(text, work),
  }
}
