import { UnsafeBackendError } from '../errors.ts'
import type { VectorStore } from './vector-stores.ts'

/** How the users of a client are stored: under their ids, or under the SHA-256 of them. */
export type StorageId = 'sha256' | undefined

/**
 * Warns of what is dangerous or slow about a store.
 *
 * @throws UnsafeBackendError for a store that cannot keep users apart
 */
export function admitStore(store: VectorStore, provider: string | undefined, storageId: StorageId): void {
  const named = provider === undefined ? 'The vector store' : `The vector store "${provider}"`
  if (store.matching === 'never') {
    throw new UnsafeBackendError(
      `${named} cannot keep users apart: ${store.reason}. Use another vectorStore.provider, for example "pgvector" or "qdrant".`,
    )
  }
  if (store.matching === 'inexact' && storageId === undefined) {
    throw new UnsafeBackendError(
      `${named} does not match user ids exactly: ${store.reason}. Pass storageId: 'sha256', which stores each user under ` +
        'the SHA-256 of the id (memories stored before under plain ids are not found then), or use "pgvector" or "qdrant".',
    )
  }
  if (store.warning !== undefined) warn(`${named}: ${store.warning}`)
  if (typeof store.userIndex === 'object' && store.userIndex.readsEveryUser)
    warn(`${named}: ${store.userIndex.advice}`)
}

const warned = new Set<string>()

/** Once in a process: what to do about it is the same for every client of that store. */
function warn(message: string): void {
  if (warned.has(message)) return
  warned.add(message)
  process.emitWarning(message, { type: 'ScopedMemoryWarning', code: 'SCOPED_MEMORY_STORE' })
}
