/* eslint-disable @typescript-eslint/require-await -- mem0 rejects where it refuses, so these reject as well */
import { createHash, randomUUID } from 'node:crypto'
import { matchesFilter, searchFilter } from './payload-filter.ts'
import { isExpired, rowOf, storedMetadata, type Payload } from './payload.ts'
import { trigramSimilarity } from './trigram-similarity.ts'

/** A memory in a result. */
export interface InMemoryRow {
  id: string
  memory: string
  hash: string
  createdAt: string
  updatedAt?: string
  metadata: Record<string, unknown>
  user_id?: string
  agent_id?: string
  run_id?: string
  /** 0.2 to 1, in search results only. */
  score?: number
}

/** One change of a memory. */
export interface InMemoryHistoryRow {
  id: number
  memory_id: string
  previous_value: string | null
  new_value: string | null
  action: 'ADD' | 'UPDATE' | 'DELETE'
  created_at: string | null
  updated_at: string | null
  is_deleted: 0 | 1
}

interface Owner {
  userId?: string
  agentId?: string
  runId?: string
}

interface Message {
  role?: string
  content?: unknown
}

/** What {@link createInMemoryClient} returns: the methods of `Memory` of `mem0ai/oss`. */
export interface InMemoryClient {
  readonly config: { readonly vectorStore: { readonly provider: 'in-memory' } }
  add(
    messages: string | readonly Message[],
    options: Owner & { metadata?: object; filters?: object; infer?: boolean; expirationDate?: string | null },
  ): Promise<{ results: { id: string; memory: string; metadata: { event: 'ADD' } }[] }>
  search(
    query: string,
    options: { filters?: object; topK?: number; threshold?: number; showExpired?: boolean },
  ): Promise<{ results: InMemoryRow[] }>
  getAll(options: {
    filters?: object
    topK?: number
    showExpired?: boolean
  }): Promise<{ results: InMemoryRow[] }>
  get(id: string): Promise<InMemoryRow | null>
  update(
    id: string,
    change: string | { text?: string; metadata?: object; expirationDate?: string | null },
  ): Promise<{ message: string }>
  delete(id: string): Promise<{ message: string }>
  deleteAll(owner: Owner): Promise<{ message: string }>
  /** Newest first. It outlives the memory, as it does in mem0. */
  history(id: string): Promise<InMemoryHistoryRow[]>
  /** Deletes everything. */
  reset(): Promise<void>
}

/**
 * A client for unit tests that stores memories in the process, without mem0ai and without a model.
 *
 * ```ts
 * const alice = new ScopedMemory('u_alice', { client: createInMemoryClient() })
 * ```
 *
 * It has the methods, rows, filters and errors of `Memory` of `mem0ai/oss` with its `memory` vector store, dangers
 * included: it trims ids, `*` matches every user, and a clause under `AND` overwrites the keys beside it. It differs where
 * a model would be needed: messages other than system messages are stored verbatim whatever `infer` says, and a search
 * compares spelling, not meaning. It keeps no messages and ignores the options to rerank and explain.
 */
export function createInMemoryClient(): InMemoryClient {
  const memories = new Map<string, Payload>()
  const historyRows: InMemoryHistoryRow[] = []

  const recordChange = (
    memory_id: string,
    action: InMemoryHistoryRow['action'],
    previous: unknown,
    next: unknown,
    { createdAt = null, updatedAt = null }: Payload = {},
  ): void => {
    historyRows.push({
      id: historyRows.length + 1,
      memory_id,
      previous_value: previous as string | null,
      new_value: next as string | null,
      action,
      created_at: createdAt as string | null,
      updated_at: updatedAt as string | null,
      is_deleted: action === 'DELETE' ? 1 : 0,
    })
  }
  const payloadOf = (id: string): Payload => {
    const payload = memories.get(id)
    if (payload === undefined) throw new Error(`Memory with ID ${id} not found`)
    return payload
  }
  const select = (filter: object, showExpired: boolean | undefined): [string, Payload][] =>
    [...memories].filter(
      ([, payload]) => matchesFilter(payload, filter) && (showExpired === true || !isExpired(payload)),
    )
  const remove = (id: string): void => {
    const { data } = payloadOf(id)
    memories.delete(id)
    recordChange(id, 'DELETE', data, null)
  }

  return {
    config: { vectorStore: { provider: 'in-memory' } },

    async add(messages, options) {
      const list = messageList(messages)
      const owner = ownerOf(options)
      // mem0 writes the owner into the caller's own filters object, and reads from it whatever the options leave out.
      const filters = Object.assign(options.filters ?? {}, owner) as Record<string, unknown>
      const { user_id, agent_id, run_id } = filters
      if (!user_id && !agent_id && !run_id) {
        throw new Error('One of the filters: userId, agentId or runId is required!')
      }
      const common = {
        ...storedMetadata(options.metadata),
        ...withoutUndefined({ user_id, agent_id, run_id }),
        ...(options.expirationDate != null && { expiration_date: dayOf(options.expirationDate) }),
      }
      const results = list
        .filter(({ role }) => role !== 'system')
        .map(({ content }) => {
          const id = randomUUID()
          const data = textOf(content)
          const payload = { ...common, data, hash: hashOf(data), createdAt: new Date().toISOString() }
          memories.set(id, payload)
          recordChange(id, 'ADD', null, data, payload)
          return { id, memory: data, metadata: { event: 'ADD' as const } }
        })
      return { results }
    },

    async search(query, options) {
      if (typeof query !== 'string') throw new Error('query must be a string')
      refuseTopLevelOwner(options, 'search')
      const { topK = 20, threshold = 0.1, showExpired } = options
      checkCount(topK)
      if (typeof threshold !== 'number' || !(threshold >= 0 && threshold <= 1)) {
        throw new Error(`Invalid threshold: ${threshold}. Must be between 0 and 1 (inclusive).`)
      }
      const results = select(searchFilter(requireOwner(options.filters)), showExpired)
        .map(([id, payload]) => ({ id, payload, score: trigramSimilarity(query, payload['data'] as string) }))
        .filter(({ score }) => score >= threshold)
        .sort((a, b) => b.score - a.score)
        .slice(0, topK)
        .map(({ id, payload, score }) => rowOf(id, payload, { score }) as unknown as InMemoryRow)
      return { results }
    },

    async getAll(options) {
      refuseTopLevelOwner(options, 'getAll')
      const { topK = 20, showExpired } = options
      checkCount(topK)
      const results = select(requireOwner(options.filters), showExpired)
        .slice(0, topK)
        .map(([id, payload]) => rowOf(id, payload) as unknown as InMemoryRow)
      return { results }
    },

    async get(id) {
      const payload = memories.get(id)
      return payload === undefined ? null : (rowOf(id, payload) as unknown as InMemoryRow)
    },

    async update(id, change) {
      const { text, metadata, expirationDate } = typeof change === 'string' ? { text: change } : change
      if (text == null && metadata == null && expirationDate === undefined) {
        throw new Error('At least one of text, metadata, or expirationDate must be provided.')
      }
      const before = payloadOf(id)
      const data = text ?? before['data']
      const after = {
        ...before,
        ...storedMetadata(metadata),
        ...(expirationDate !== undefined && {
          expiration_date: expirationDate === null ? null : dayOf(expirationDate),
        }),
        data,
        hash: hashOf(String(data)),
        createdAt: before['createdAt'],
        updatedAt: new Date().toISOString(),
      }
      memories.set(id, after)
      recordChange(id, 'UPDATE', before['data'], data, after)
      return { message: 'Memory updated successfully!' }
    },

    async delete(id) {
      remove(id)
      return { message: 'Memory deleted successfully!' }
    },

    async deleteAll(options) {
      const owner = ownerOf(options)
      if (Object.keys(owner).length === 0) {
        throw new Error('At least one filter is required to delete all memories.')
      }
      for (const [id] of select(owner, true)) remove(id)
      return { message: 'Memories deleted successfully!' }
    },

    async history(id) {
      return historyRows.filter(({ memory_id }) => memory_id === id).reverse()
    },

    async reset() {
      memories.clear()
      historyRows.length = 0
    },
  }
}

function messageList(messages: string | readonly Message[]): readonly Message[] {
  const list = typeof messages === 'string' ? [{ role: 'user', content: messages }] : messages
  if (!Array.isArray(list)) throw new Error('messages is required. Provide a string or array of messages.')
  if (list.every(({ content }: Message) => typeof content === 'string' && content.trim() === '')) {
    throw new Error('messages cannot be empty. Provide non-empty content.')
  }
  return list as readonly Message[]
}

/** The text of a message; for an image its URL, as there is no model to describe it. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  if (Array.isArray(content)) return content.map(textOf).join('\n')
  const part = (content ?? {}) as { text?: string; image_url?: { url?: string } }
  return part.text ?? part.image_url?.url ?? JSON.stringify(content)
}

function ownerOf({ userId, agentId, runId }: Owner): object {
  return withoutUndefined({
    user_id: trimmed(userId, 'userId'),
    agent_id: trimmed(agentId, 'agentId'),
    run_id: trimmed(runId, 'runId'),
  })
}

/** The filter with trimmed ids. Throws unless it names an owner, which searches and lists require. */
function requireOwner(filters: object = {}): object {
  const { user_id, agent_id, run_id } = filters as Record<string, unknown>
  const owner = withoutUndefined({
    user_id: trimmed(user_id, 'user_id'),
    agent_id: trimmed(agent_id, 'agent_id'),
    run_id: trimmed(run_id, 'run_id'),
  })
  if (Object.keys(owner).length === 0) {
    throw new Error('filters must contain at least one of: user_id, agent_id, run_id.')
  }
  return { ...filters, ...owner }
}

function trimmed(value: unknown, name: string): string | undefined {
  if (value == null) return undefined
  const id = (value as { toString(): string }).toString().trim()
  if (id === '' || /\s/.test(id))
    throw new Error(`Invalid ${name}: cannot be empty, or contain whitespace. Provide a valid identifier.`)
  return id
}

function refuseTopLevelOwner(options: object, method: string): void {
  const named = ['user_id', 'agent_id', 'run_id', 'userId', 'agentId', 'runId'].filter((key) =>
    Object.keys(options).includes(key),
  )
  if (named.length > 0) {
    throw new Error(
      `Top-level entity parameters [${named.join(', ')}] are not supported in ${method}(). Use filters.`,
    )
  }
}

function checkCount(topK: unknown): void {
  if (!Number.isInteger(topK) || (topK as number) < 0) throw new Error('topK must be a valid integer')
}

function dayOf(date: string): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(date) && !Number.isNaN(Date.parse(date))) return date
  throw new Error('expirationDate must be a valid date in YYYY-MM-DD format.')
}

function hashOf(text: string): string {
  return createHash('md5').update(text).digest('hex')
}

function withoutUndefined(value: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined))
}
