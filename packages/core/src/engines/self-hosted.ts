import { InvalidArgumentError } from '../errors.ts'
import type { FilterClause } from '../input/filters.ts'
import { isUuid } from '../input/memory-id.ts'
import { DIMENSIONS, type Scope } from '../input/scope.ts'
import { isList, isObject, type Plain, type PlainObject } from '../input/snapshot.ts'
import { isRow, ownValue, rowsOf, type Row } from '../records/rows.ts'
import type { SelfHostedClient } from './clients.ts'
import type { Engine } from './engine.ts'
import type { VectorStore } from './vector-stores.ts'

const FIRST_WINDOW = 1000
const WINDOW_GROWTH = 10
// mem0ai/oss has no class for it.
const NO_SUCH_RECORD = /^Memory with ID .* not found$/

/** The engine of mem0's self-hosted `Memory`. */
export function selfHostedEngine(client: SelfHostedClient, store: VectorStore): Engine {
  const getAll = async (config: object): Promise<Row> => {
    const answer = await client.getAll(config)
    return { results: rowsOf(answer, 'getAll').map(withAppId) }
  }

  return {
    name: 'self-hosted',
    recordsNameOwner: true,
    idsNameUser: false,
    deletesExactly: store.matching === 'exact' ? 'user' : 'record',
    incompleteLists: store.incompleteLists,
    batchesAtOnce: false,
    // mem0 rewrites shared entity rows on a delete: two at once would lose an update.
    parallelDeletes: 1,
    retained: () => [
      "history rows of the deleted memories, with their text, in mem0's history store",
      'the last raw messages of each session that mem0 keeps for extraction, in the same store',
    ],

    async add(scope, messages, options) {
      return client.add([...messages] as never[], toAddConfig(scope, options))
    },
    async search(scope, query, options, filter) {
      const answer = await client.search(query, {
        ...options,
        filters: flatFilter(scope, filter, store, { OR: 'OR', NOT: 'NOT' }),
      })
      return { results: rowsOf(answer, 'search').map(withAppId) }
    },
    getAll: (scope, options, filter) =>
      getAll({ ...options, filters: flatFilter(scope, filter, store, STORED) }),
    async *pages(send, scope, options, filter) {
      const seen = new Set<unknown>()
      for (let topK = FIRST_WINDOW, before = -1; ; topK *= WINDOW_GROWTH) {
        // Expired rows count against the window, so they are asked for and left out here.
        const filters = flatFilter(scope, filter, store, STORED)
        const { results } = await send(() => getAll({ filters, topK, showExpired: true }))
        const rows = results as Row[]
        yield {
          results: rows.filter((row) => {
            if (seen.has(row['id'])) return false
            seen.add(row['id'])
            return options['showExpired'] === true || !isExpired(row)
          }),
        }
        if (rows.length < topK || rows.length === before) return
        before = rows.length
      }
    },
    async get(_scope, id) {
      try {
        const row = await client.get(id)
        return isRow(row) ? withAppId(row) : null
      } catch (error) {
        // Postgres and others refuse an id that is not a UUID. mem0 makes only UUIDs, so nothing has that id.
        if (!isUuid(id)) return null
        throw error
      }
    },
    isNoSuchRecord,
    async update(_scope, id, patch) {
      return client.update(id, patch)
    },
    async delete(_scope, id) {
      return client.delete(id)
    },
    async deleteAll({ userId }) {
      return client.deleteAll({ userId })
    },
    async history(_scope, id) {
      return client.history(id)
    },
    async batchUpdate(send, _scope, patches) {
      for (const { memoryId, ...patch } of patches) await send(() => client.update(memoryId, patch))
      return { message: `Updated ${patches.length} memories` }
    },
    async batchDelete(send, _scope, ids) {
      for (const id of ids) await send(() => client.delete(id))
      return { message: `Deleted ${ids.length} memories` }
    },
  }
}

/** Whether mem0ai/oss says that there is no memory of an id. */
export function isNoSuchRecord(error: unknown): boolean {
  return error instanceof Error && NO_SUCH_RECORD.test(error.message)
}

/** What `add` of mem0ai/oss takes. It has no apps: the app is kept in metadata, which is where its filters look. */
export function toAddConfig({ userId, agentId, runId, appId }: Scope, options: PlainObject): object {
  return {
    ...options,
    ...(appId !== undefined && {
      metadata: { ...(options['metadata'] as PlainObject | undefined), app_id: appId },
    }),
    ...(agentId !== undefined && { agentId }),
    ...(runId !== undefined && { runId }),
    userId,
  }
}

// search() of mem0ai/oss turns OR and NOT into $or and $not itself; getAll() hands the filter to the store as it is.
const STORED = { OR: '$or', NOT: '$not' } as const

/**
 * One flat object: mem0ai/oss merges the branches of an AND over the top level, where they would replace the user. The
 * user is a bare string and the last key written, so that nothing can come after it.
 */
function flatFilter(
  scope: Scope,
  filter: readonly FilterClause[],
  store: VectorStore,
  names: { readonly OR: string; readonly NOT: string },
): object {
  const excluded: PlainObject[] = []
  const written: Record<string, Plain> = Object.assign(
    Object.create(null) as object,
    conjunction(filter, store, excluded),
  )
  for (const clause of filter) {
    if (clause.kind === 'field') continue
    const branches = clause.of.map((branch) => flatBranch(clause.kind, branch, store))
    if (clause.kind === 'NOT') excluded.push(...branches)
    else if (written[names.OR] !== undefined) throw unsupported('more than one OR')
    else written[names.OR] = branches
  }
  if (excluded.length > 0) written[names.NOT] = excluded
  for (const [name, wireName] of DIMENSIONS) {
    const id = scope[name]
    if (id !== undefined) written[wireName] = id
  }
  written['user_id'] = scope.userId
  return written
}

function flatBranch(kind: string, branch: readonly FilterClause[], store: VectorStore): PlainObject {
  if (branch.some((clause) => clause.kind !== 'field')) throw unsupported(`AND, OR or NOT inside ${kind}`)
  const excluded: PlainObject[] = []
  const fields = conjunction(branch, store, excluded)
  if (excluded.length > 0) throw unsupported(`two operators on one field inside ${kind}`)
  return fields
}

function conjunction(
  filter: readonly FilterClause[],
  store: VectorStore,
  excluded: PlainObject[],
): PlainObject {
  const fields: Record<string, Plain> = {}
  for (const clause of filter) {
    if (clause.kind !== 'field') continue
    const { key } = clause
    const condition = isList(clause.condition) ? { in: clause.condition } : clause.condition
    fields[key] = fields[key] === undefined ? condition : mergedCondition(key, fields[key], condition)
  }
  if (store.oneOperatorPerField) {
    for (const [key, condition] of Object.entries(fields)) {
      if (!isObject(condition)) continue
      const [first, ...others] = Object.entries(condition)
      fields[key] = { [first![0]]: first![1] }
      for (const [operator, operand] of others) excluded.push({ [key]: complement(operator, operand) })
    }
  }
  return fields
}

function mergedCondition(key: string, one: Plain, other: Plain): Plain {
  if (
    isObject(one) &&
    isObject(other) &&
    !Object.keys(one).some((operator) => Object.hasOwn(other, operator))
  ) {
    return { ...one, ...other }
  }
  throw unsupported(`two conditions on "${key}"`)
}

// A store that reads one operator of a condition is given the others as NOT of their complements.
const COMPLEMENTS: Readonly<Record<string, string>> = {
  eq: 'ne',
  ne: 'eq',
  in: 'nin',
  nin: 'in',
  gt: 'lte',
  lte: 'gt',
  lt: 'gte',
  gte: 'lt',
}

function complement(operator: string, operand: Plain): Plain {
  const opposite = COMPLEMENTS[operator]
  if (opposite === undefined) throw unsupported(`"${operator}" beside another operator on one field`)
  return { [opposite]: operand }
}

function unsupported(what: string): InvalidArgumentError {
  return new InvalidArgumentError(
    `filters: mem0's self-hosted memory cannot evaluate ${what}. Put fields side by side for AND, use one OR and one NOT at the top, or filter the results.`,
  )
}

/** A row with the app as a field of its own, as every other dimension is. */
export function withAppId(row: Row): Row {
  const metadata = ownValue(row, 'metadata')
  if (!isRow(metadata) || typeof ownValue(metadata, 'app_id') !== 'string') return row
  const { app_id: appId, ...rest } = metadata
  return { ...row, appId, metadata: rest }
}

// As mem0 decides it: a memory is expired from the day after its date, in UTC.
function isExpired(row: Row): boolean {
  const metadata = ownValue(row, 'metadata')
  const date = isRow(metadata) ? ownValue(metadata, 'expiration_date') : undefined
  return (
    typeof date === 'string' &&
    /^\d{4}-\d{2}-\d{2}$/.test(date) &&
    date < new Date().toISOString().slice(0, 10)
  )
}
