import { LRUCache } from 'lru-cache'
import { readMemoryId } from '../input/memory-id.ts'
import type { Scope } from '../input/scope.ts'
import { standingOf, type Identity } from './identity.ts'

const DEFAULT_CACHE_SIZE = 10_000

/**
 * Whose record an id is, as far as the back end has shown it. Only owners are kept, never that an id is
 * free: an owner does not change, whereas a free id may be somebody's in a moment. Limited in size; shared by all handles of
 * a client.
 */
export class OwnershipCache {
  readonly #owners: LRUCache<string, Identity>

  /** @param size how many ids are kept, at least 1; default 10,000 (about 2 MB) */
  constructor(size: number = DEFAULT_CACHE_SIZE) {
    this.#owners = new LRUCache({ max: size })
  }

  /** Whether the id is known to be the scope's. False means that it is not known. */
  isProven(id: string, scope: Scope): boolean {
    const owner = this.#owners.get(id)
    return owner !== undefined && standingOf(scope, owner, 'proof') === 'own'
  }

  /** Keeps whose record an id is, if its row named an owner. */
  learn(id: unknown, identity: Identity): void {
    const known = readMemoryId(id)
    if (typeof identity.userId === 'string' && known !== undefined) this.#owners.set(known, identity)
  }

  /** Forgets a record that was deleted. */
  forget(id: string): void {
    this.#owners.delete(id)
  }
}
