import type { ClientDescription } from '../client-description.ts'
import { chroma } from './chroma.ts'
import { pinecone } from './pinecone.ts'
import { qdrant } from './qdrant.ts'
import { supermemory } from './supermemory.ts'
import { turbopuffer } from './turbopuffer.ts'
import { upstashVector } from './upstash-vector.ts'
import { weaviate } from './weaviate.ts'
import { zep } from './zep.ts'

/** The clients that come with the plugin, beside those of mem0, by the name a configuration may give. */
export const knownClients = {
  chroma,
  pinecone,
  qdrant,
  supermemory,
  turbopuffer,
  upstashVector,
  weaviate,
  zep,
} as const satisfies Readonly<Record<string, ClientDescription>>

export type KnownClient = keyof typeof knownClients
