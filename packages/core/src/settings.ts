import { backendOf, type Backend } from './engines/backend.ts'
import type { Mem0Client } from './engines/clients.ts'
import { DEFAULT_TIMEOUT_MILLIS } from './engines/request.ts'
import { InvalidArgumentError, ScopeEscapeError } from './errors.ts'
import { namesUser, readScope, type NarrowScope } from './input/scope.ts'
import { kindOf } from './input/snapshot.ts'

/** Options of {@link ScopedMemory} and {@link createMemoryFactory}. */
export interface ScopedMemoryOptions {
  /**
   * mem0's `MemoryClient` or `Memory` (`mem0ai/oss`). One client serves any number of handles. Default: a shared
   * `MemoryClient` with the key in `MEM0_API_KEY` (and the host in `MEM0_HOST`) when the handle is made.
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
   * changes where memories are stored: all handles of a store need the same setting, from the first write on, and a client
   * takes one setting only.
   */
  readonly storageId?: 'sha256' | undefined
  /** How long one request to the back end may take, in milliseconds. Default 120,000. */
  readonly timeoutMs?: number | undefined
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

/** Options, read once and checked. Handles that are made from one another share one. */
export class Settings {
  readonly dropsForeignRecords: boolean
  readonly strictOwnership: boolean
  readonly timeoutMs: number
  readonly scope: NarrowScope
  /** The back end of a handle that is made now. @throws ScopedMemoryError `MISSING_API_KEY` */
  readonly backend: () => Backend

  /** @throws InvalidArgumentError, ScopeEscapeError, UnsafeBackendError */
  constructor(options: ScopedMemoryOptions = {}) {
    if (typeof options !== 'object' || options === null) {
      throw new InvalidArgumentError(
        `The second argument must be options such as { client }, not ${kindOf(options)}.`,
      )
    }
    for (const key of Object.keys(options)) if (!OPTION_NAMES.has(key)) throw unknownOption(key, options)
    const {
      client,
      scope,
      onForeignRecord = 'throw',
      strictOwnership = false,
      ownershipCacheSize,
      storageId,
      timeoutMs = DEFAULT_TIMEOUT_MILLIS,
      // A copy without a prototype: what every object inherits is not an option.
    } = Object.assign(Object.create(null) as ScopedMemoryOptions, options)
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
    this.scope = readScope(scope, 'scope')
    this.dropsForeignRecords = onForeignRecord === 'drop'
    this.strictOwnership = strictOwnership
    this.timeoutMs = timeoutMs
    if (client === undefined) {
      // Looked up for each handle: by then the environment may have another key, and until then none is needed.
      this.backend = () => backendOf(undefined, storageId, ownershipCacheSize)
    } else {
      const backend = backendOf(client, storageId, ownershipCacheSize)
      this.backend = () => backend
    }
  }
}

function unknownOption(key: string, options: object): Error {
  if ('search' in options && 'getAll' in options) {
    return new InvalidArgumentError(
      'A client is an option. Write new ScopedMemory(userId, { client }), or createMemoryFactory({ client }).',
    )
  }
  const shown = JSON.stringify(key.slice(0, 64))
  if (namesUser(key)) {
    return new ScopeEscapeError(
      `${shown} is not an option: the user id is the first argument, new ScopedMemory(userId, { client }).`,
    )
  }
  return new InvalidArgumentError(
    `${shown} is not an option. The options are ${[...OPTION_NAMES].join(', ')}.`,
  )
}
