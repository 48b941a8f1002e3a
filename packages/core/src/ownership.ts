import { LRUCache } from 'lru-cache'
import { ownValue, standingOf, type Identity, type Row } from './records.ts'
import type { Scope } from './scope.ts'

const DEFAULT_CACHE_SIZE = 10_000
// No ".", "/" or "%": such ids become other routes of the hosted API.
const MEMORY_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/**
 * A memory's id as mem0 spells it, or undefined for what can be none, which is sent nowhere. A UUID is in lower case:
 * Postgres finds it in any, and what mem0 keeps beside it is found in that one only.
 */
export function readMemoryId(value: unknown): string | undefined {
  if (typeof value !== 'string' || !MEMORY_ID.test(value)) return undefined
  return isUuid(value) ? value.toLowerCase() : value
}

/** Whether an id is a UUID. mem0 makes no other. */
export function isUuid(id: string): boolean {
  return UUID.test(id)
}

/**
 * Whose record an id is, as far as the back end has shown it. Only positive knowledge is kept: an owner never
 * changes, whereas an id that is free now may be somebody's in a moment. Bounded; shared by all handles of a client.
 */
export class Ownership {
  readonly #owners: LRUCache<string, Identity>

  /** @param size how many ids are kept, at least 1; default 10,000 (about 2 MB) */
  constructor(size: number = DEFAULT_CACHE_SIZE) {
    this.#owners = new LRUCache({ max: size })
  }

  /** Whether the id is known to be the scope's. False says nothing. */
  isProven(id: string, scope: Scope): boolean {
    const owner = this.#owners.get(id)
    return owner !== undefined && standingOf(scope, owner, 'proof') === 'own'
  }

  /** Keeps whose record an id is, where its row named an owner. */
  learn(id: unknown, identity: Identity): void {
    const known = readMemoryId(id)
    if (typeof identity.userId === 'string' && known !== undefined) this.#owners.set(known, identity)
  }

  /** Forgets a record that was deleted. */
  forget(id: string): void {
    this.#owners.delete(id)
  }
}

/** Whether a row that a back end returned for an id, as {@link readMemoryId} reads it, is that record. */
export function isRecordOf(row: Row, id: string): boolean {
  const named = ownValue(row, 'id')
  return named === undefined || readMemoryId(named) === id
}
