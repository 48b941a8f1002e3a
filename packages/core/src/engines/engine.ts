import type { FilterClause } from '../input/filters.ts'
import type { Scope } from '../input/scope.ts'
import type { PlainObject } from '../input/snapshot.ts'
import type { EngineName } from '../types.ts'
import type { Send } from './request.ts'

/**
 * What a back end must be able to do. An engine asks and returns what was answered, unchecked: what may be asked is
 * decided before it, and whose answer it is after it. Ids, options and filters arrive checked and as plain data.
 */
export interface Engine {
  readonly name: EngineName
  /** Whether a record in a list always names its owner. Where it does, a record without one is foreign. */
  readonly recordsNameOwner: boolean
  /** Whether a call about one memory names the user to the back end, so that the call itself is the proof. */
  readonly idsNameUser: boolean
  /** What the back end itself deletes exactly, in one request: a user, any scope, or nothing but single records. */
  readonly deletesExactly: 'user' | 'scope' | 'record'
  /** Why a list may leave out what is stored, in words for an error; undefined where an empty list is proof. */
  readonly incompleteLists: string | undefined
  /** Whether a batch is written whole or not at all. */
  readonly batchesAtOnce: boolean
  /** How many single deletes may run at once. */
  readonly parallelDeletes: number
  /** What stays behind after an erase, in words for its receipt. */
  retained(scope: Scope): readonly string[]

  add(
    scope: Scope,
    messages: readonly PlainObject[],
    options: PlainObject,
    signal: AbortSignal,
  ): Promise<unknown>
  search(
    scope: Scope,
    query: string,
    options: PlainObject,
    filter: readonly FilterClause[],
    signal: AbortSignal,
  ): Promise<unknown>
  getAll(
    scope: Scope,
    options: PlainObject,
    filter: readonly FilterClause[],
    signal: AbortSignal,
  ): Promise<unknown>
  /** Every record of the scope, page by page. */
  pages(
    send: Send,
    scope: Scope,
    options: PlainObject,
    filter: readonly FilterClause[],
  ): AsyncGenerator<unknown, void, undefined>
  /** The record, or null when the back end has none with this id. */
  get(scope: Scope, id: string, signal: AbortSignal): Promise<unknown>
  /** Whether an error of `update`, `delete`, … says that there is no such record. */
  isNoSuchRecord(error: unknown): boolean
  update(scope: Scope, id: string, patch: PlainObject, signal: AbortSignal): Promise<unknown>
  delete(scope: Scope, id: string, options: PlainObject, signal: AbortSignal): Promise<unknown>
  deleteAll(scope: Scope, signal: AbortSignal): Promise<unknown>
  /** Deletes every record of the scope and all that is kept of them, and resolves how many. Absent where it cannot. */
  erase?(scope: Scope, signal: AbortSignal): Promise<number>
  history(scope: Scope, id: string, signal: AbortSignal): Promise<unknown>
  /** The history of many records as one list. Absent where it is asked for one by one. */
  historyOfMany?(scope: Scope, ids: readonly string[], signal: AbortSignal): Promise<unknown>
  /** What became of an add that was pending when it was answered. Absent where that cannot be asked. */
  readEvent?(eventId: string): Promise<unknown>
  /** Absent where the back end has no feedback. */
  feedback?(feedback: PlainObject): Promise<unknown>
  batchUpdate(
    send: Send,
    scope: Scope,
    patches: readonly (PlainObject & { readonly memoryId: string })[],
  ): Promise<unknown>
  batchDelete(send: Send, scope: Scope, ids: readonly string[]): Promise<unknown>
}

/**
 * Where a client that is not only mem0's own carries the engine that asks it. A registered symbol: the client and the
 * handle may come from two copies of this package.
 */
export const ENGINE = Symbol.for('@scoped-memory/core:engine')

/** The engine that a client carries, if it does. */
export function engineOf(client: object): Engine | undefined {
  return (client as { readonly [ENGINE]?: Engine })[ENGINE]
}
