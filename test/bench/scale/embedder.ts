import { hashEmbedder } from '../../../packages/core/test/embedded/hash-embedder.ts'

/** The shortest that mem0's default embedding model is offered in. */
export const DIMENSIONS = 256

const { provider, config } = hashEmbedder(DIMENSIONS)
/** Equal words, equal vectors: what a model would take is not what is measured. */
export const embedder = { provider, config: { ...config, embeddingDims: DIMENSIONS } }
