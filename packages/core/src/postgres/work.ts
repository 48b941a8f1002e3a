import { InvalidArgumentError } from '../errors.ts'
import type { Database, ResultRow, Statement } from './database.ts'
import { codeOf } from './database-errors.ts'
import type {
  ChangedMemory,
  LinkedEntity,
  NewEntity,
  NewMemory,
  Reach,
  Statements,
  UserReach,
} from './statements.ts'
import { reachOf } from './wire-filter.ts'

/** The message with which mem0 itself says that there is no such memory. */
export class NoSuchMemoryError extends Error {
  constructor(id: string) {
    super(`Memory with ID ${id} not found`)
  }
}

/**
 * What one call of mem0's reads and writes. What it reads is read at once, within the reach; what it writes is kept back
 * until {@link commit} writes all of it in one transaction, so that a call that fails, or is given up, has written nothing.
 * History is written with the memories.
 */
export class Work {
  readonly added: NewMemory[] = []
  readonly changed = new Map<string, ChangedMemory>()
  readonly deleted = new Set<string>()
  readonly unlinked = new Set<string>()
  readonly addedEntities: NewEntity[] = []
  readonly linkedEntities = new Map<string, LinkedEntity>()
  /** Whether the user is known to have no entities, which spares a search the question. */
  hasNoEntities = false

  readonly #database: Database
  readonly statements: Statements
  readonly #bound: Reach
  readonly #signal: AbortSignal | undefined
  #userId: string | undefined

  /**
   * @param reach what the work is bound to, by a handle; a call past a handle is bound to nothing, and is the user's that
   *   it names first
   */
  constructor(database: Database, statements: Statements, reach: Reach, signal: AbortSignal | undefined) {
    this.#database = database
    this.statements = statements
    this.#bound = reach
    this.#signal = signal
    this.#userId = reach.userId
  }

  /** What a filter of mem0's reaches within the bounds of this work. */
  reach(filters: object | undefined): UserReach {
    const { userId, agentId, runId, filter = [] } = reachOf(filters)
    if (userId !== undefined) this.belongsTo(userId)
    if (this.#userId === undefined) throw withoutUser()
    return {
      ...(agentId !== undefined && { agentId }),
      ...(runId !== undefined && { runId }),
      ...this.#bound,
      userId: this.#userId,
      filter: [...filter, ...(this.#bound.filter ?? [])],
    }
  }

  /** The same for entities, which know no app, and none of the metadata of the memories that speak of them. */
  reachOfEntities(filters: object | undefined): Reach {
    const { userId, agentId, runId } = this.reach(filters)
    return { userId, agentId, runId }
  }

  /** What a call by id reaches: everybody's, where it goes past a handle. */
  get reachById(): Reach {
    return this.#userId === undefined ? this.#bound : { ...this.#bound, userId: this.#userId }
  }

  /** @throws Error where one work would touch a second user */
  belongsTo(userId: unknown): void {
    if (typeof userId !== 'string' || userId === '') throw withoutUser()
    this.#userId ??= userId
    if (this.#userId !== userId) {
      throw new Error('mem0 asked its store for another user than the one of this call.')
    }
  }

  async read(statement: Statement): Promise<ResultRow[]> {
    return (await this.readAll([statement]))[0]!
  }

  /** Reads by several statements in one round trip. */
  async readAll(statements: readonly Statement[]): Promise<ResultRow[][]> {
    this.#signal?.throwIfAborted()
    return this.#run(statements, false)
  }

  /** Writes what was kept back. @throws NoSuchMemoryError when a memory to be changed or deleted is not there any more */
  async commit(): Promise<void> {
    this.#signal?.throwIfAborted()
    const userId = this.#userId
    if (userId === undefined) return
    const { statements, added, changed, deleted, unlinked, addedEntities, linkedEntities } = this
    const reach = { ...this.#bound, userId }
    const ids = { changed: [...changed.keys()], deleted: [...deleted], unlinked: [...unlinked] }
    const writes: Statement[] = []
    const loosens = deleted.size + unlinked.size > 0
    if (loosens || changed.size + linkedEntities.size > 0) writes.push(statements.takeTurns(userId))
    const deletion = deleted.size > 0 ? writes.push(statements.deleteMemories(reach, ids.deleted)) - 1 : -1
    if (added.length > 0) writes.push(statements.addMemories(userId, added))
    if (changed.size > 0) writes.push(statements.changeMemories(reach, [...changed.values()]))
    if (deleted.size > 0) writes.push(statements.unlinkDeletedMemories(userId, ids.deleted))
    if (unlinked.size > 0) writes.push(statements.unlinkMemories(userId, ids.unlinked))
    if (linkedEntities.size > 0) writes.push(statements.linkEntities(userId, [...linkedEntities.values()]))
    if (addedEntities.length > 0) writes.push(statements.addEntities(userId, addedEntities))
    if (loosens) writes.push(statements.deleteUnlinkedEntities(userId))
    if (writes.length === 0) return
    let results: ResultRow[][]
    try {
      results = await this.#run(writes, true)
    } catch (error) {
      throw isDivisionByZero(error) ? new NoSuchMemoryError(ids.changed.join(', ')) : error
    }
    if (deletion >= 0 && results[deletion]!.length < deleted.size) {
      throw new NoSuchMemoryError(ids.deleted.join(', '))
    }
  }

  #run(statements: readonly Statement[], writes: boolean): Promise<ResultRow[][]> {
    return this.#database.run(statements, { userId: this.#bound.userId, writes, signal: this.#signal })
  }
}

/** With which a change of a memory that is not there ends its transaction. */
function isDivisionByZero(error: unknown): boolean {
  return codeOf(error) === '22012'
}

function withoutUser(): InvalidArgumentError {
  return new InvalidArgumentError(
    'This memory keeps every row under a user. Name one: add(messages, { userId }), search(query, { filters: { user_id } }). ' +
      'A handle does that by itself: new ScopedMemory(userId, { client }).',
  )
}
