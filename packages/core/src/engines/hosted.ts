import type { HostedClient } from '../clients.ts'
import { isUuid } from '../ownership.ts'
import { isRow } from '../records.ts'
import { DIMENSIONS, type Scope } from '../scope.ts'
import { isList, type Plain, type PlainObject } from '../snapshot.ts'
import type { Engine, FilterClause, Send } from './engine.ts'

const MAX_BATCH = 1000

/**
 * The engine of mem0's hosted API.
 *
 * @param client the client, or where it is made on first use, how to get it
 */
export function hostedEngine(client: HostedClient | (() => Promise<HostedClient>)): Engine {
  const connect = typeof client === 'function' ? client : () => Promise.resolve(client)

  const getAll: Engine['getAll'] = async (scope, options, filter) =>
    (await connect()).getAll(scoped(scope, options, filter))

  return {
    name: 'hosted',
    recordsNameOwner: false,
    deletesExactly: true,
    listsReliably: true,
    batchesAtOnce: true,
    parallelDeletes: 8,
    retained: ['what mem0 keeps of its own: events, logs and backups, for as long as its terms say'],

    async add(scope, messages, options) {
      const { userId, ...dimensions } = scope
      return (await connect()).add([...messages] as never[], { ...options, ...dimensions, userId })
    },
    async search(scope, query, options, filter) {
      return (await connect()).search(query, scoped(scope, options, filter))
    },
    getAll,
    // Pages are numbered over records that come and go meanwhile, which shifts what is on which page. Where that shows,
    // the pages are gone over again until they bring nothing new.
    async *pages(send, scope, options, filter) {
      const seen = new Set<unknown>()
      for (let shifted = true, fresh = 1; shifted && fresh > 0; ) {
        shifted = false
        fresh = 0
        let total: unknown
        const inThisPass = new Set<unknown>()
        for (let page = 1; ; page++) {
          const answer = await send(() => getAll(scope, { ...options, page }, filter)).catch(pastTheEnd(page))
          if (answer === undefined) shifted = true
          if (!isRow(answer) || !Array.isArray(answer['results'])) {
            if (answer !== undefined) yield answer
            break
          }
          const rows = (answer['results'] as unknown[]).filter(
            (row) => !isRow(row) || !isRepeated(row['id'], inThisPass),
          )
          shifted ||=
            rows.length < answer['results'].length || (total !== undefined && total !== answer['count'])
          total = answer['count']
          const results = rows.filter((row) => !isRow(row) || !isRepeated(row['id'], seen))
          fresh += results.length
          yield { results }
          if (typeof answer['next'] !== 'string' || rows.length === 0) break
        }
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
        ...new Set([...fields, ...bound.flatMap((clause) => Object.keys(clause)).flatMap(fieldNames)]),
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

// Rows whose id was left out by `fields` cannot be told apart: none counts as repeated.
function isRepeated(id: unknown, among: Set<unknown>): boolean {
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
