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
  /** Whether the back end itself deletes exactly one user's records; otherwise they are deleted one by one. */
  readonly deletesExactly: boolean
  /** Why a list may leave out what is stored, in words for an error; undefined where an empty list is proof. */
  readonly incompleteLists: string | undefined
  /** Whether a batch is written whole or not at all. */
  readonly batchesAtOnce: boolean
  /** How many single deletes may run at once. */
  readonly parallelDeletes: number
  /** What stays behind after an erase, in words for its receipt. */
  readonly retained: readonly string[]

  add(scope: Scope, messages: readonly PlainObject[], options: PlainObject): Promise<unknown>
  search(scope: Scope, query: string, options: PlainObject, filter: readonly FilterClause[]): Promise<unknown>
  getAll(scope: Scope, options: PlainObject, filter: readonly FilterClause[]): Promise<unknown>
  /** Every record of the scope, page by page. */
  pages(
    send: Send,
    scope: Scope,
    options: PlainObject,
    filter: readonly FilterClause[],
  ): AsyncGenerator<unknown, void, undefined>
  /** The record, or null when the back end has none with this id. */
  get(id: string): Promise<unknown>
  /** Whether an error of `update`, `delete`, … says that there is no such record. */
  isNoSuchRecord(error: unknown): boolean
  update(id: string, patch: PlainObject): Promise<unknown>
  delete(id: string, options: PlainObject): Promise<unknown>
  deleteAll(scope: Scope): Promise<unknown>
  history(id: string): Promise<unknown>
  /** What became of an add that was pending when it was answered. Absent where that cannot be asked. */
  readEvent?(eventId: string): Promise<unknown>
  /** Absent where the back end has no feedback. */
  feedback?(feedback: PlainObject): Promise<unknown>
  batchUpdate(send: Send, patches: readonly (PlainObject & { readonly memoryId: string })[]): Promise<unknown>
  batchDelete(send: Send, ids: readonly string[]): Promise<unknown>
}
