import type { Memory as Mem0Memory } from 'mem0ai/oss'
import type { Engine } from '../engines/engine.ts'
import { isNoSuchRecord, toAddConfig, withAppId } from '../engines/self-hosted.ts'
import { isUuid } from '../input/memory-id.ts'
import { isNarrowed, type Scope } from '../input/scope.ts'
import { rowsOf } from '../records/rows.ts'
import type { Database, ResultRow, Statement } from './database.ts'
import { basicForms, withoutEmbedding } from './mem0-internals.ts'
import { toMem0Record } from './mem0-record.ts'
import type { Mem0Stores } from './mem0-stores.ts'
import type { Reach, Statements, UserReach } from './statements.ts'
import { NoSuchMemoryError } from './work.ts'

/** Runs calls of mem0's over the rows of a reach. */
export interface Calls {
  /**
   * @param reach whose rows; a call past a handle is bound to none
   * @param call with mem0's methods, whose reads and writes are within the reach
   */
  <T>(
    reach: Reach,
    signal: AbortSignal | undefined,
    call: (mem0: Mem0Memory, stores: Mem0Stores) => Promise<T>,
  ): Promise<T>
}

/** What `add` of mem0's is given. */
export type PrepareAdd = (...args: Parameters<Mem0Memory['add']>) => Parameters<Mem0Memory['add']>

const PAGE = 1000
// mem0's own default.
const TOP_K = 20

/** What the engine is made of: mem0's methods over the rows of a user, and the database itself. */
export interface PostgresEngineParts {
  readonly calls: Calls
  readonly prepareAdd: PrepareAdd
  readonly database: Database
  readonly statements: Statements
  /** Runs a call, unless the memory is closed. */
  readonly track: <T>(call: () => Promise<T>) => Promise<T>
}

/**
 * The engine of a memory whose rows are in a database of ours. What mem0 does with meaning goes through mem0: embedding,
 * facts, entities, ranking. All else is asked of the database, the user named in every statement.
 */
export function postgresEngine({
  calls,
  prepareAdd,
  database,
  statements,
  track,
}: PostgresEngineParts): Engine {
  type Ask = (reach: UserReach) => readonly Statement[]

  const run = (writes: boolean, reach: UserReach, signal: AbortSignal, ask: Ask) =>
    track(() => database.run(ask(reach), { userId: reach.userId, writes, signal }))
  const read = async (
    reach: UserReach,
    signal: AbortSignal,
    ask: (reach: UserReach) => Statement,
  ): Promise<ResultRow[]> => (await run(false, reach, signal, (within) => [ask(within)]))[0]!

  const deleteByIds = async (scope: Scope, ids: readonly string[], signal: AbortSignal): Promise<void> => {
    const uuids = ids.filter(isUuid)
    if (uuids.length < ids.length) throw new NoSuchMemoryError(ids.join(', '))
    const [, gone] = await run(true, scope, signal, (reach) => [
      statements.takeTurns(scope.userId),
      statements.deleteMemories(reach, uuids),
      statements.unlinkDeletedMemories(scope.userId, uuids),
      statements.deleteUnlinkedEntities(scope.userId),
    ])
    if (gone!.length < uuids.length) throw new NoSuchMemoryError(ids.join(', '))
  }
  const deleteOfScope = async (
    scope: Scope,
    signal: AbortSignal,
    ofWholeUser: Ask,
    ofPart: Ask,
  ): Promise<number> => {
    const results = await run(true, scope, signal, (reach) => [
      statements.takeTurns(scope.userId),
      ...(isNarrowed(scope) ? ofPart(reach) : ofWholeUser(reach)),
    ])
    return results[1]!.length
  }
  const looseEnds = ({ userId }: Pick<Scope, 'userId'>) => [
    statements.unlinkMissingMemories(userId),
    statements.deleteUnlinkedEntities(userId),
  ]
  const update = (scope: Scope, patches: readonly Patch[], signal: AbortSignal): Promise<void> =>
    calls(scope, signal, async (mem0, { memories }) => {
      await memories.readAhead(patches.map(({ memoryId }) => memoryId))
      for (const { memoryId, ...patch } of patches) {
        // mem0 embeds the text again whatever changes.
        const isText = typeof patch['text'] === 'string'
        await (isText ? mem0 : withoutEmbedding(mem0)).update(memoryId, patch)
      }
    })

  return {
    name: 'self-hosted',
    recordsNameOwner: true,
    idsNameUser: true,
    deletesExactly: 'scope',
    incompleteLists: undefined,
    batchesAtOnce: true,
    parallelDeletes: 1,
    retained: (scope) => [
      'backups and logs of the database, for as long as they are kept',
      ...(isNarrowed(scope) ? [HISTORY_OF_PART] : []),
    ],

    add: (scope, messages, options, signal) =>
      calls(scope, signal, async (mem0, { memories }) => {
        const [given, config] = prepareAdd(messages as never[], toAddConfig(scope, options))
        return memories.requireAdded(await mem0.add(given, config))
      }),
    search: (scope, query, options, filter, signal) =>
      calls({ ...scope, filter }, signal, async (mem0, { memories }) => {
        memories.searchAheadFor(await basicForms(mem0, query))
        const { userId: user_id, agentId: agent_id, runId: run_id } = scope
        // Entities are linked by these, so mem0 has to see them too.
        const filters = {
          user_id,
          ...(agent_id !== undefined && { agent_id }),
          ...(run_id !== undefined && { run_id }),
        }
        const answer = await mem0.search(query, { ...options, filters })
        return { results: rowsOf(answer, 'search').map(withAppId) }
      }),
    async getAll(scope, { topK = TOP_K, showExpired = false }, filter, signal) {
      const rows = await read({ ...scope, filter }, signal, (reach) =>
        statements.listMemories(reach, topK as number, { showExpired: showExpired === true }),
      )
      return { results: rows.map(toRecord) }
    },
    async *pages(send, scope, options, filter) {
      const showExpired = options['showExpired'] === true
      for (let after: number | null = null; ; ) {
        const rows: ResultRow[] = await send((signal) =>
          read({ ...scope, filter }, signal, (reach) =>
            statements.listMemories(reach, PAGE, { showExpired, after }),
          ),
        )
        yield { results: rows.map(toRecord) }
        if (rows.length < PAGE) return
        after = Number(rows.at(-1)!['seq'])
      }
    },
    async get(scope, id, signal) {
      if (!isUuid(id)) return null
      const rows = await read(scope, signal, (reach) => statements.memoriesById(reach, [id]))
      return rows[0] === undefined ? null : toRecord(rows[0])
    },
    isNoSuchRecord,
    async update(scope, id, patch, signal) {
      await update(scope, [{ ...patch, memoryId: id }], signal)
      return { message: 'Memory updated successfully!' }
    },
    async delete(scope, id, _options, signal) {
      await deleteByIds(scope, [id], signal)
      return { message: 'Memory deleted successfully!' }
    },
    async deleteAll(scope, signal) {
      const deleted = await deleteOfScope(
        scope,
        signal,
        (reach) => [statements.deleteEveryMemory(reach), statements.deleteEveryEntity(reach.userId)],
        (reach) => [statements.deleteEveryMemory(reach), ...looseEnds(reach)],
      )
      return { message: `Deleted ${deleted} memories` }
    },
    erase: (scope, signal) =>
      deleteOfScope(
        scope,
        signal,
        (reach) => [
          statements.eraseMemories(reach),
          statements.deleteHistory(reach.userId),
          statements.deleteEveryEntity(reach.userId),
        ],
        (reach) => [statements.eraseMemories(reach), ...looseEnds(reach)],
      ),
    async history(scope, id, signal) {
      const rows = isUuid(id) ? await read(scope, signal, (reach) => statements.history(reach, [id])) : []
      if (rows.length === 0) throw new NoSuchMemoryError(id)
      return historyEntries(rows)
    },
    async historyOfMany(scope, ids, signal) {
      const rows = await read(scope, signal, (reach) => statements.history(reach, ids))
      return historyEntries(rows)
    },
    async batchUpdate(send, scope, patches) {
      await send((signal) => update(scope, patches as readonly Patch[], signal))
      return { message: `Updated ${patches.length} memories` }
    },
    async batchDelete(send, scope, ids) {
      await send((signal) => deleteByIds(scope, ids, signal))
      return { message: `Deleted ${ids.length} memories` }
    },
  }
}

type Patch = Readonly<Record<string, unknown>> & { readonly memoryId: string }

// A history names its memory, and no run, app or agent.
const HISTORY_OF_PART =
  'the history of memories of this run, app or agent that were deleted before, until the whole user is erased'

function toRecord(row: ResultRow): Record<string, unknown> {
  return withAppId(toMem0Record(row))
}

function historyEntries(rows: readonly ResultRow[]): ResultRow[] {
  return rows.filter(({ id }) => id !== null)
}
