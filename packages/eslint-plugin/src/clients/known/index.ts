import type { ClientDescription } from '../client-description.ts'
import { pinecone } from './pinecone.ts'

/** The clients that come with the plugin, beside those of mem0, by the name a configuration may give. */
export const knownClients = { pinecone } as const satisfies Readonly<Record<string, ClientDescription>>

export type KnownClient = keyof typeof knownClients
