import { LRUCache } from 'lru-cache'
import { InvalidArgumentError } from './errors.ts'
import { belongsTo, type Identity, type Row } from './records.ts'
import type { Scope } from './scope.ts'

const DEFAULT_CACHE_SIZE = 10_000
// No ".", "/" or "%": such ids become other routes of the hosted API.
const MEMORY_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/

/** Whether a value can be a memory's id. What cannot is not sent anywhere. */
export function isMemoryId(value: unknown): value is string {
  return typeof value === 'string' && MEMORY_ID.test(value)
}

/**
 * Whose record an id is, as far as the back end has shown it. Only positive knowledge is kept: an owner never
 * changes, whereas an id that is free now may be somebody's in a moment. Bounded; shared by all handles of a client.
 */
export class Ownership {
  readonly #owners: LRUCache<string, Identity>

  /** @param size how many ids are kept, at least 1; default 10,000 (about 2 MB). @throws InvalidArgumentError */
  constructor(size: number = DEFAULT_CACHE_SIZE) {
    if (!Number.isSafeInteger(size) || size < 1) {
      throw new InvalidArgumentError('ownershipCacheSize must be a whole number of at least 1.')
    }
    this.#owners = new LRUCache({ max: size })
  }

  /** Whether the id is known to be the scope's. False says nothing. */
  isProven(id: string, scope: Scope): boolean {
    const owner = this.#owners.get(id)
    return owner !== undefined && belongsTo(scope, owner, 'proof')
  }

  /** Keeps whose record an id is, where its row named an owner. */
  learn(id: unknown, identity: Identity): void {
    if (typeof identity.userId === 'string' && isMemoryId(id)) this.#owners.set(id, identity)
  }

  /** Forgets a record that was deleted. */
  forget(id: string): void {
    this.#owners.delete(id)
  }
}

/** Whether a row that a back end returned for an id is that record. */
export function isRecordOf(row: Row, id: string): boolean {
  const named = row['id']
  return named === undefined || (typeof named === 'string' && named.toLowerCase() === id.toLowerCase())
}
