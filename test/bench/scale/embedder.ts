import { hashEmbedder } from '../../../packages/core/test/embedded/hash-embedder.ts'

/** The shortest that mem0's default embedding model is offered in. */
export const DIMENSIONS = 256

const { provider, config } = hashEmbedder(DIMENSIONS)
const { embedQuery } = config.model as { embedQuery(text: string): Promise<number[]> }
const known = new Map<string, Promise<number[]>>()

/** Equal words, equal vectors. What a model would take is not what is measured, so a text is embedded once. */
function embed(text: string): Promise<number[]> {
  let vector = known.get(text)
  if (vector === undefined) {
    if (known.size === MOST_KNOWN) known.clear()
    known.set(text, (vector = embedQuery(text)))
  }
  return vector
}
const MOST_KNOWN = 1000

export const embedder = {
  provider,
  config: {
    model: { embedQuery: embed, embedDocuments: (texts: string[]) => Promise.all(texts.map(embed)) },
    embeddingDims: DIMENSIONS,
  },
}
