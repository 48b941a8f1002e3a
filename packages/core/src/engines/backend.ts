import { InvalidUserIdError, UnsafeBackendError } from '../errors.ts'
import { OwnershipCache } from '../records/ownership-cache.ts'
import { isHostedClient, notAClient, vectorStoreOf, type Mem0Client } from './clients.ts'
import { DefaultClient, defaultClient } from './default-client.ts'
import { engineOf, type Engine } from './engine.ts'
import { hostedEngine } from './hosted.ts'
import { surviveDroppedConnections } from './pg-connection.ts'
import { selfHostedEngine } from './self-hosted.ts'
import { sha256 } from './sha256.ts'
import { admitStore, type StorageId } from './store-policy.ts'
import { vectorStore } from './vector-stores.ts'

/** What all handles of one client share: the engine that asks it, and whose records its ids are. */
export interface Backend {
  readonly engine: Engine
  readonly ownership: OwnershipCache
  /** The id a user is stored under. @throws InvalidUserIdError for an id the store cannot hold apart from others */
  storedUserId(userId: string): string
}

/** A client that has been given to a handle. */
interface KnownClient {
  readonly storageId: StorageId
  readonly engine: Engine
  readonly storedUserId: Backend['storedUserId']
  /** By `ownershipCacheSize`. */
  readonly backends: Map<number | undefined, Backend>
}

const knownClients = new WeakMap<object, KnownClient>()

/**
 * The back end of a client; without one, that of the default client as the environment describes it now.
 *
 * @throws InvalidArgumentError for what is not a client
 * @throws UnsafeBackendError when it cannot keep users apart, and for a second `storageId` on one client
 * @throws ScopedMemoryError `MISSING_API_KEY` without a client and without a key
 */
export function backendOf(
  client: Mem0Client | undefined,
  storageId: StorageId,
  ownershipCacheSize: number | undefined,
): Backend {
  // Undefined only: a null is a client that somebody failed to look up.
  const owner: unknown = client === undefined ? defaultClient() : client
  if (typeof owner !== 'object' || owner === null) throw notAClient()
  let known = knownClients.get(owner)
  if (known === undefined)
    knownClients.set(owner, (known = inspect(owner as Mem0Client | DefaultClient, storageId)))
  // A user stored under a hash would be the plain user whose id is that hash.
  if (known.storageId !== storageId) {
    throw new UnsafeBackendError(
      `This client stores users ${known.storageId === undefined ? 'under their ids' : 'under the SHA-256 of their ids'} already. ` +
        'Give every handle and factory of one client the same storageId, or make another client for another store.',
    )
  }
  const { engine, storedUserId, backends } = known
  let backend = backends.get(ownershipCacheSize)
  if (backend === undefined) {
    backend = { engine, storedUserId, ownership: new OwnershipCache(ownershipCacheSize) }
    backends.set(ownershipCacheSize, backend)
  }
  return backend
}

function inspect(client: Mem0Client | DefaultClient, storageId: StorageId): KnownClient {
  const backends = new Map<number | undefined, Backend>()
  if (client instanceof DefaultClient || isHostedClient(client)) {
    return { storageId, engine: hostedEngine(client), storedUserId: storedUserIds(storageId), backends }
  }
  const ownEngine = engineOf(client)
  if (ownEngine !== undefined) {
    return { storageId, engine: ownEngine, storedUserId: storedUserIds(storageId), backends }
  }
  const provider = vectorStoreOf(client)
  const store = vectorStore(provider)
  admitStore(store, provider, storageId)
  if (provider === 'pgvector') surviveDroppedConnections(client)
  return {
    storageId,
    engine: selfHostedEngine(client, store),
    storedUserId: storedUserIds(storageId, store.ambiguous),
    backends,
  }
}

function storedUserIds(storageId: StorageId, ambiguous?: RegExp): Backend['storedUserId'] {
  // No store splits, folds or cuts hex digits of one length.
  if (storageId === 'sha256') return sha256
  return (userId) => {
    if (ambiguous?.test(userId) === true) {
      throw new InvalidUserIdError(
        'The user id contains a character that this vector store may confuse with another id. ' +
          "Pass storageId: 'sha256' for all handles of this store.",
      )
    }
    return userId
  }
}
