import type { MemoryConfig } from 'mem0ai/oss'
import { InvalidArgumentError } from '../errors.ts'
import type { Mem0 } from './import-mem0.ts'

/** The length of the vectors that an embedder makes, found by embedding a word where its config does not tell. */
export async function vectorLength(
  { EmbedderFactory }: Mem0,
  embedder: MemoryConfig['embedder'],
): Promise<number> {
  const { embeddingDims } = embedder.config
  if (embeddingDims !== undefined) return embeddingDims
  return (await EmbedderFactory.create(embedder.provider, embedder.config).embed('length')).length
}

/** @throws InvalidArgumentError where the stored vectors are of another length than those of the embedder */
export function requireVectorLength(stored: number, dimensions: number, where: string): void {
  if (stored === dimensions) return
  throw new InvalidArgumentError(
    `${where} vectors of length ${stored}, but the embedder makes vectors of length ${dimensions}. ` +
      'Open it with the embedder that it was made with, or make a new one.',
  )
}
