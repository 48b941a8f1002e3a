import type { ClientDescription } from '../client-description.ts'
import { chroma } from './chroma.ts'
import { drizzle } from './drizzle.ts'
import { pinecone } from './pinecone.ts'
import { prisma } from './prisma.ts'
import { qdrant } from './qdrant.ts'
import { redis } from './redis.ts'
import { supabase } from './supabase.ts'
import { supermemory } from './supermemory.ts'
import { turbopuffer } from './turbopuffer.ts'
import { upstashVector } from './upstash-vector.ts'
import { weaviate } from './weaviate.ts'
import { zep } from './zep.ts'

/** The names that a configuration may give to the clients that come with the plugin. */
export type KnownClient =
  | 'chroma'
  | 'drizzle'
  | 'pinecone'
  | 'prisma'
  | 'qdrant'
  | 'redis'
  | 'supabase'
  | 'supermemory'
  | 'turbopuffer'
  | 'upstashVector'
  | 'weaviate'
  | 'zep'

/** The clients that come with the plugin, beside those of mem0. */
export const knownClients: Readonly<Record<KnownClient, ClientDescription>> = {
  chroma,
  drizzle,
  pinecone,
  prisma,
  qdrant,
  redis,
  supabase,
  supermemory,
  turbopuffer,
  upstashVector,
  weaviate,
  zep,
}
