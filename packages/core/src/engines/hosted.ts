import type { FilterClause } from '../input/filters.ts'
import { isUuid } from '../input/memory-id.ts'
import { DIMENSIONS, type Scope } from '../input/scope.ts'
import { isList, type Plain, type PlainObject } from '../input/snapshot.ts'
import { badResponse, isRow, ownValue, type Row } from '../records/rows.ts'
import { eventReader, type HostedClient } from './clients.ts'
import { DefaultClient } from './default-client.ts'
import type { Engine } from './engine.ts'
import type { Send } from './request.ts'

const MAX_BATCH = 1000
// According to the API's description.
const LARGEST_PAGE = 200
// No two passes agree where a user's memories change all the time.
const MAX_PASSES = 10

/** The engine of mem0's hosted API. */
export function hostedEngine(client: HostedClient | DefaultClient): Engine {
  const connect = () => (client instanceof DefaultClient ? client.connect() : Promise.resolve(client))

  const getAll = async (
    scope: Scope,
    options: PlainObject,
    filter: readonly FilterClause[],
  ): Promise<unknown> => (await connect()).getAll(withScope(scope, options, filter))

  return {
    name: 'hosted',
    recordsNameOwner: false,
    idsNameUser: false,
    deletesExactly: 'user',
    incompleteLists: undefined,
    batchesAtOnce: true,
    parallelDeletes: 8,
    retained: () => ['what mem0 keeps of its own: events, logs and backups, for as long as its terms say'],

    async add(scope, messages, options) {
      const { userId } = scope
      const dimensions = Object.fromEntries(
        DIMENSIONS.flatMap(([name]) => (scope[name] === undefined ? [] : [[name, scope[name]]])),
      )
      return (await connect()).add([...messages] as never[], { ...options, ...dimensions, userId })
    },
    async search(scope, query, options, filter) {
      return (await connect()).search(query, withScope(scope, options, filter))
    },
    getAll,
    // Records come and go while pages are read: where one that was read goes, another moves from a page that is not read
    // yet to one that is. So a list of several pages is read again, until a pass finds all that the one before it found,
    // in the same order.
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
          // A server that sends the same page again and again would never end.
          const added = rows.filter((row) => !isRepeated(row, found))
          if (isLast || added.length === 0) break
        }
        const again = [...found].filter((id) => before?.has(id))
        if (before !== undefined && [...before].every((id, index) => id === again[index])) return
        before = found
      }
    },
    async get(_scope, id) {
      try {
        return await (await connect()).get(id)
      } catch (error) {
        // The API also answers 400 for an id that is not a UUID.
        if (isNamed(error, 'MemoryNotFoundError') || (isNamed(error, 'ValidationError') && !isUuid(id)))
          return null
        throw error
      }
    },
    isNoSuchRecord: (error) => isNamed(error, 'MemoryNotFoundError'),
    async update(_scope, id, patch) {
      return (await connect()).update(id, patch)
    },
    async delete(_scope, id, options) {
      return (await connect()).delete(id, options)
    },
    // Never with a second id: of several, the API promises to honour one only.
    async deleteAll({ userId }) {
      return (await connect()).deleteAll({ userId })
    },
    async history(_scope, id) {
      return (await connect()).history(id)
    },
    async feedback(feedback) {
      return (await connect()).feedback(feedback as never)
    },
    ...((client instanceof DefaultClient || eventReader(client) !== undefined) && {
      readEvent: async (eventId: string) => eventReader(await connect())!(eventId),
    }),
    batchUpdate: (send, _scope, patches) =>
      inBatches(send, patches, async (batch) => (await connect()).batchUpdate(batch as never[])),
    batchDelete: (send, _scope, ids) =>
      inBatches(send, ids, async (batch) => (await connect()).batchDelete([...batch])),
  }
}

// The user is one clause of the AND, never a sibling of it: beside an AND, the API drops an OR.
function withScope(scope: Scope, options: PlainObject, filter: readonly FilterClause[]): object {
  const bound: PlainObject[] = [{ user_id: scope.userId }]
  for (const [name, wireName] of DIMENSIONS) {
    const id = scope[name]
    if (id !== undefined) bound.push({ [wireName]: id })
  }
  const { fields } = options
  return {
    ...options,
    filters: { AND: [...bound, ...filter.map(toWire)] },
    ...(isList(fields) && {
      fields: [
        ...new Set([
          'id',
          ...fields,
          ...bound.flatMap((clause) => Object.keys(clause)).flatMap(namesInLists),
        ]),
      ],
    }),
  }
}

function toWire(clause: FilterClause): PlainObject {
  if (clause.kind === 'field') return { [clause.key]: clause.condition }
  const of: Plain[] = clause.of.map((conjunction) =>
    conjunction.length === 1 ? toWire(conjunction[0]!) : { AND: conjunction.map(toWire) },
  )
  return { [clause.kind]: clause.list ? of : of[0]! }
}

// A list calls the run a session.
function namesInLists(name: string): string[] {
  return name === 'run_id' ? ['run_id', 'session_id'] : [name]
}

// By class name, since core does not import mem0ai.
function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name
}

// Resolves undefined for a page that was there when the one before it was read, and is gone.
function pastTheEnd(page: number): (error: unknown) => undefined {
  return (error) => {
    if (page === 1 || !isNamed(error, 'MemoryNotFoundError')) throw error
    return undefined
  }
}

function idOf(row: unknown): unknown {
  return isRow(row) ? ownValue(row, 'id') : undefined
}

// Rows without an id cannot be told apart: none of them counts as repeated.
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
