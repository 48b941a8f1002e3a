import type { HostedClient } from '../clients.ts'
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
    async *pages(send, scope, options, filter) {
      for (let page = 1; ; page++) {
        const answer = await send(() => getAll(scope, { ...options, page }, filter))
        yield answer
        if (!isRow(answer) || typeof answer['next'] !== 'string') return
      }
    },
    async get(id) {
      try {
        return await (await connect()).get(id)
      } catch (error) {
        if (isNoSuchMemory(error)) return null
        throw error
      }
    },
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
      fields: [...new Set([...fields, ...bound.flatMap((clause) => Object.keys(clause))])],
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

// 404, and 400 for an id that is no UUID: by class name, since core does not import mem0ai.
function isNoSuchMemory(error: unknown): boolean {
  return error instanceof Error && (error.name === 'MemoryNotFoundError' || error.name === 'ValidationError')
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
