import type { FilterClause } from '../input/filters.ts'
import { isUuid } from '../input/memory-id.ts'
import { DIMENSIONS, type Scope } from '../input/scope.ts'
import { isList, type Plain, type PlainObject } from '../input/snapshot.ts'
import { badResponse, isRow, ownValue, type Row } from '../records/rows.ts'
import { eventReader, type HostedClient } from './clients.ts'
import { DefaultClient } from './default-client.ts'
import type { Engine, Send } from './engine.ts'

const MAX_BATCH = 1000
// As the API's description has it.
const LARGEST_PAGE = 200
// Where a user's memories change all the time, no two passes agree.
const MAX_PASSES = 10

/** The engine of mem0's hosted API. */
export function hostedEngine(client: HostedClient | DefaultClient): Engine {
  const connect = () => (client instanceof DefaultClient ? client.connect() : Promise.resolve(client))

  const getAll: Engine['getAll'] = async (scope, options, filter) =>
    (await connect()).getAll(scoped(scope, options, filter))

  return {
    name: 'hosted',
    recordsNameOwner: false,
    deletesExactly: true,
    incompleteLists: undefined,
    batchesAtOnce: true,
    parallelDeletes: 8,
    retained: ['what mem0 keeps of its own: events, logs and backups, for as long as its terms say'],

    async add(scope, messages, options) {
      const { userId } = scope
      const dimensions = Object.fromEntries(
        DIMENSIONS.flatMap(([name]) => (scope[name] === undefined ? [] : [[name, scope[name]]])),
      )
      return (await connect()).add([...messages] as never[], { ...options, ...dimensions, userId })
    },
    async search(scope, query, options, filter) {
      return (await connect()).search(query, scoped(scope, options, filter))
    },
    getAll,
    // Pages are numbered over records that come and go meanwhile: where one that was read goes, another slips from a page
    // that is still to be read to one that was. So what does not fit on one page is gone over again, until a pass finds all
    // that the one before it did, in the same order.
    async *pages(send, scope, options, filter) {
      const seen = new Set<unknown>()
      let before: ReadonlySet<unknown> | undefined
      for (let pass = 1; pass <= MAX_PASSES; pass++) {
        const found = new Set<unknown>()
        for (let page = 1; ; page++) {
          const request = { pageSize: LARGEST_PAGE, ...options, page }
          const answer = await send(() => getAll(scope, request, filter)).catch(pastTheEnd(page))
          if (answer === undefined) break
          const rows = isRow(answer) ? ownValue(answer, 'results') : undefined
          if (!Array.isArray(rows)) {
            yield answer
            return
          }
          yield { results: (rows as unknown[]).filter((row) => !isRepeated(row, seen)) }
          const isLast = typeof ownValue(answer as Row, 'next') !== 'string'
          if (isLast && page === 1) return
          if (rows.some((row) => typeof idOf(row) !== 'string')) throw badResponse('list')
          // A page that comes again and again would never end.
          const news = rows.filter((row) => !isRepeated(row, found))
          if (isLast || news.length === 0) break
        }
        const again = [...found].filter((id) => before?.has(id))
        if (before !== undefined && [...before].every((id, index) => id === again[index])) return
        before = found
      }
    },
    async get(id) {
      try {
        return await (await connect()).get(id)
      } catch (error) {
        // The API also answers 400 for an id that is no UUID.
        if (isNamed(error, 'MemoryNotFoundError') || (isNamed(error, 'ValidationError') && !isUuid(id)))
          return null
        throw error
      }
    },
    isNoSuchRecord: (error) => isNamed(error, 'MemoryNotFoundError'),
    async update(id, patch) {
      return (await connect()).update(id, patch)
    },
    async delete(id, options) {
      return (await connect()).delete(id, options)
    },
    // Never with a second id: of several, the API promises to honour one only.
    async deleteAll({ userId }) {
      return (await connect()).deleteAll({ userId })
    },
    async history(id) {
      return (await connect()).history(id)
    },
    async feedback(feedback) {
      return (await connect()).feedback(feedback as never)
    },
    ...((client instanceof DefaultClient || eventReader(client) !== undefined) && {
      readEvent: async (eventId: string) => eventReader(await connect())!(eventId),
    }),
    batchUpdate: (send, patches) =>
      inBatches(send, patches, async (batch) => (await connect()).batchUpdate(batch as never[])),
    batchDelete: (send, ids) =>
      inBatches(send, ids, async (batch) => (await connect()).batchDelete([...batch])),
  }
}

// The user is one clause of the AND, never a sibling of it: beside an AND, the API drops an OR.
function scoped(scope: Scope, options: PlainObject, filter: readonly FilterClause[]): object {
  const bound: PlainObject[] = [{ user_id: scope.userId }]
  for (const [name, wireName] of DIMENSIONS) {
    const id = scope[name]
    if (id !== undefined) bound.push({ [wireName]: id })
  }
  const { fields } = options
  return {
    ...options,
    filters: { AND: [...bound, ...filter.map(written)] },
    ...(isList(fields) && {
      fields: [
        ...new Set(['id', ...fields, ...bound.flatMap((clause) => Object.keys(clause)).flatMap(fieldNames)]),
      ],
    }),
  }
}

function written(clause: FilterClause): PlainObject {
  if (clause.kind === 'field') return { [clause.key]: clause.condition }
  const of: Plain[] = clause.of.map((conjunction) =>
    conjunction.length === 1 ? written(conjunction[0]!) : { AND: conjunction.map(written) },
  )
  return { [clause.kind]: clause.list ? of : of[0]! }
}

// A list calls the run a session.
function fieldNames(name: string): string[] {
  return name === 'run_id' ? ['run_id', 'session_id'] : [name]
}

// By class name, since core does not import mem0ai.
function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name
}

// A page that was there when the one before it was read.
function pastTheEnd(page: number): (error: unknown) => undefined {
  return (error) => {
    if (page === 1 || !isNamed(error, 'MemoryNotFoundError')) throw error
    return undefined
  }
}

function idOf(row: unknown): unknown {
  return isRow(row) ? ownValue(row, 'id') : undefined
}

// What names no id cannot be told apart: none of it counts as repeated.
function isRepeated(row: unknown, among: Set<unknown>): boolean {
  const id = idOf(row)
  if (id === undefined) return false
  if (among.has(id)) return true
  among.add(id)
  return false
}

async function inBatches<T>(
  send: Send,
  items: readonly T[],
  request: (batch: readonly T[]) => Promise<unknown>,
): Promise<unknown> {
  let answer: unknown
  for (let start = 0; start < items.length; start += MAX_BATCH) {
    answer = await send(() => request(items.slice(start, start + MAX_BATCH)))
  }
  return answer
}
