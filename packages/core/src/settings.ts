import { isHostedClient, noClient, vectorStoreOf, type Mem0Client } from './clients.ts'
import { DEFAULT_TIMEOUT_MILLIS } from './bounded.ts'
import { defaultClient } from './default-client.ts'
import type { Engine } from './engines/engine.ts'
import { hostedEngine } from './engines/hosted.ts'
import { selfHostedEngine } from './engines/self-hosted.ts'
import { vectorStore } from './engines/vector-stores.ts'
import { InvalidArgumentError, InvalidUserIdError, ScopeEscapeError, UnsafeBackendError } from './errors.ts'
import { Ownership } from './ownership.ts'
import { namesUser, readScope, type NarrowScope } from './scope.ts'
import { kindOf } from './snapshot.ts'
import { sha256 } from './sha256.ts'

/** Options of {@link ScopedMemory} and {@link createMemoryFactory}. */
export interface ScopedMemoryOptions {
  /**
   * mem0's `MemoryClient` or `Memory` (`mem0ai/oss`). One client serves any number of handles. Default: one shared
   * `MemoryClient` with the key in `MEM0_API_KEY`.
   */
  readonly client?: Mem0Client | undefined
  /** Narrows every handle to a run, an app or an agent of its user. */
  readonly scope?: NarrowScope | undefined
  /**
   * What to do when the back end answers with a record that is not shown to be this user's: `throw` a
   * ForeignRecordError and hand out nothing (default), or `drop` that record. Either way `scoped-memory:violation` is
   * published.
   */
  readonly onForeignRecord?: 'throw' | 'drop' | undefined
  /**
   * Also treat a hosted search or list record that names no owner as foreign. Default false: the hosted API may leave
   * the owner out of records it filtered by owner.
   */
  readonly strictOwnership?: boolean | undefined
  /** How many records' owners are remembered per client, at least 1. Default 10,000. */
  readonly ownershipCacheSize?: number | undefined
  /**
   * Store each user under the SHA-256 of the id, which vector stores that match ids inexactly can hold apart. It
   * changes where memories are stored: all handles of a store need the same setting, from the first write on.
   */
  readonly storageId?: 'sha256' | undefined
  /** How long one request to the back end may take, in milliseconds. Default 120,000. */
  readonly timeoutMs?: number | undefined
}

/** What is shared by all handles of one client: how it is asked, and what is known of its records. */
interface Backend {
  readonly engine: Engine
  readonly ownership: Ownership
  readonly ambiguousIds: RegExp | undefined
}

const OPTION_NAMES = new Set([
  'client',
  'scope',
  'onForeignRecord',
  'strictOwnership',
  'ownershipCacheSize',
  'storageId',
  'timeoutMs',
])
const MAX_TIMEOUT_MILLIS = 2 ** 31 - 1
const DEFAULT_CLIENT = {}
const backends = new WeakMap<object, Map<string, Backend>>()

/** Options, read once and checked. Handles that are made from one another share them. */
export class Settings {
  readonly engine: Engine
  readonly ownership: Ownership
  readonly dropsForeignRecords: boolean
  readonly strictOwnership: boolean
  readonly timeoutMs: number
  readonly scope: NarrowScope
  readonly #storageId: 'sha256' | undefined
  readonly #ambiguousIds: RegExp | undefined

  /** @throws InvalidArgumentError, ScopeEscapeError, UnsafeBackendError, or ScopedMemoryError `MISSING_API_KEY` */
  constructor(options: ScopedMemoryOptions = {}) {
    if (typeof options !== 'object' || options === null) {
      throw new InvalidArgumentError(
        `The second argument must be options such as { client }, not ${kindOf(options)}.`,
      )
    }
    for (const key of Object.keys(options)) if (!OPTION_NAMES.has(key)) throw unknownOption(key)
    const {
      client,
      scope,
      onForeignRecord = 'throw',
      strictOwnership = false,
      ownershipCacheSize,
      storageId,
      timeoutMs = DEFAULT_TIMEOUT_MILLIS,
    } = options
    if (onForeignRecord !== 'throw' && onForeignRecord !== 'drop') {
      throw new InvalidArgumentError('onForeignRecord must be "throw" or "drop".')
    }
    if (typeof strictOwnership !== 'boolean')
      throw new InvalidArgumentError('strictOwnership must be true or false.')
    if (storageId !== undefined && storageId !== 'sha256')
      throw new InvalidArgumentError('storageId must be "sha256".')
    if (!Number.isSafeInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > MAX_TIMEOUT_MILLIS) {
      throw new InvalidArgumentError(
        `timeoutMs must be a whole number of milliseconds from 1 to ${MAX_TIMEOUT_MILLIS}.`,
      )
    }
    if (
      ownershipCacheSize !== undefined &&
      (!Number.isSafeInteger(ownershipCacheSize) || ownershipCacheSize < 1)
    ) {
      throw new InvalidArgumentError('ownershipCacheSize must be a whole number of at least 1.')
    }
    const narrowing = readScope(scope, 'scope')
    const backend = backendOf(client, storageId, ownershipCacheSize)
    this.engine = backend.engine
    this.ownership = backend.ownership
    this.#ambiguousIds = backend.ambiguousIds
    this.dropsForeignRecords = onForeignRecord === 'drop'
    this.strictOwnership = strictOwnership
    this.timeoutMs = timeoutMs
    this.scope = narrowing
    this.#storageId = storageId
  }

  /** The id a user is stored under. @throws InvalidUserIdError for an id the store cannot hold apart from others */
  storedUserId(userId: string): string {
    // Hex digits of one length are what no store splits, folds or cuts.
    if (this.#storageId === 'sha256') return sha256(userId)
    if (this.#ambiguousIds?.test(userId) === true) {
      throw new InvalidUserIdError(
        'The user id contains a character that this vector store may confuse with another id. ' +
          "Pass storageId: 'sha256' for all handles of this store.",
      )
    }
    return userId
  }
}

function backendOf(
  client: Mem0Client | undefined,
  storageId: string | undefined,
  cacheSize: number | undefined,
): Backend {
  // Undefined only: a null is a client that somebody failed to look up.
  const owner = client === undefined ? DEFAULT_CLIENT : client
  if (typeof owner !== 'object' || owner === null) throw noClient()
  let variants = backends.get(owner)
  if (variants === undefined) backends.set(owner, (variants = new Map<string, Backend>()))
  const variant = `${storageId ?? 'plain'} ${cacheSize ?? 'default'}`
  let backend = variants.get(variant)
  if (backend === undefined) variants.set(variant, (backend = createBackend(client, storageId, cacheSize)))
  return backend
}

function createBackend(
  client: Mem0Client | undefined,
  storageId: string | undefined,
  cacheSize: number | undefined,
): Backend {
  const ownership = new Ownership(cacheSize)
  if (client === undefined)
    return { engine: hostedEngine(defaultClient()), ownership, ambiguousIds: undefined }
  if (isHostedClient(client)) return { engine: hostedEngine(client), ownership, ambiguousIds: undefined }
  const provider = vectorStoreOf(client)
  const store = vectorStore(provider)
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
  return { engine: selfHostedEngine(client, store), ownership, ambiguousIds: store.ambiguous }
}

const warned = new Set<string>()

/** Once in a process: what to do about it is the same for every client of that store. */
function warn(message: string): void {
  if (warned.has(message)) return
  warned.add(message)
  process.emitWarning(message, { type: 'ScopedMemoryWarning', code: 'SCOPED_MEMORY_STORE' })
}

function unknownOption(key: string): Error {
  const shown = JSON.stringify(key.slice(0, 64))
  if (namesUser(key)) {
    return new ScopeEscapeError(
      `${shown} is no option: the user id is the first argument, new ScopedMemory(userId, { client }).`,
    )
  }
  return new InvalidArgumentError(`${shown} is no option. The options are ${[...OPTION_NAMES].join(', ')}.`)
}
