import { isUuid } from '../input/memory-id.ts'
import type { ResultRow } from './database.ts'
import type { NewEntity } from './statements.ts'
import type { Work } from './work.ts'

type Payload = Record<string, unknown>

/** A memory or an entity as mem0 reads it. */
export interface StoredRow {
  readonly id: string
  readonly payload: Payload
  readonly score?: number
}

/** The stores of one call of mem0's, in mem0's form. */
export interface Mem0Stores {
  readonly memories: MemoryStore
  readonly entities: EntityStore
  readonly history: HistoryStore
}

/** The stores through which mem0 does some work. */
export function storesOf(work: Work): Mem0Stores {
  return {
    memories: new MemoryStore(work),
    entities: new EntityStore(work),
    history: new HistoryStore(work),
  }
}

/** The vector store that mem0 keeps memories in, for one {@link Work}. */
export class MemoryStore {
  readonly #work: Work
  readonly #read = new Map<string, StoredRow>()
  #wordsAhead: string | undefined
  #foundByWords: StoredRow[] | undefined

  constructor(work: Work) {
    this.#work = work
  }

  async insert(
    vectors: readonly number[][],
    ids: readonly string[],
    payloads: readonly Payload[],
  ): Promise<void> {
    for (const [index, id] of ids.entries()) {
      const payload = payloads[index]!
      this.#work.belongsTo(payload['user_id'])
      this.#work.added.push({
        id,
        vector: vectors[index]!,
        words: wordsOf(payload),
        payload: stored(payload),
      })
    }
  }

  /** mem0 goes on where a store refuses a memory: what it says it added must be what it handed over. */
  requireAdded<Added extends { results: readonly { id: string }[] }>(answer: Added): Added {
    const added = new Set(this.#work.added.map(({ id }) => id))
    const { results } = answer
    if (results.length !== added.size || results.some(({ id }) => !added.has(id))) {
      throw new Error(
        'mem0 says that it added memories which it did not hand to its store. Nothing was written.',
      )
    }
    return answer
  }

  /** Tells the words that mem0 will search for after the next search, so that one round trip serves both. */
  searchAheadFor(words: string | undefined): void {
    this.#wordsAhead = words
  }

  async search(vector: readonly number[], topK = 5, filters?: object): Promise<StoredRow[]> {
    const { statements } = this.#work
    const reach = this.#work.reach(filters)
    const words = this.#wordsAhead
    const [nearest, byWords] = await this.#work.readAll([
      statements.nearestMemories(reach, vector, topK),
      ...(words === undefined ? [] : [statements.memoriesByWords(reach, words, topK)]),
    ])
    this.#foundByWords = byWords?.map(toScored)
    if (nearest!.length > 0) this.#work.hasNoEntities = nearest![0]!['has_entities'] === false
    return nearest!.map((row) => ({ ...toStoredRow(row), score: similarity(row) }))
  }

  /** mem0 reads the scores of these rows and nothing else. */
  async keywordSearch(words: string, topK = 5, filters?: object): Promise<StoredRow[]> {
    if (this.#foundByWords !== undefined && words === this.#wordsAhead) return this.#foundByWords
    const { statements } = this.#work
    const rows = await this.#work.read(statements.memoriesByWords(this.#work.reach(filters), words, topK))
    return rows.map(toScored)
  }

  async get(id: string): Promise<StoredRow | null> {
    if (!this.#read.has(id)) await this.readAhead([id])
    const row = this.#read.get(id)
    return row === undefined ? null : { ...row, payload: { ...row.payload } }
  }

  /** Reads memories by one statement, for the calls of `get` that will ask for them. */
  async readAhead(ids: readonly string[]): Promise<void> {
    const uuids = ids.filter(isUuid)
    if (uuids.length === 0) return
    const { statements, reachById } = this.#work
    for (const row of await this.#work.read(statements.memoriesById(reachById, uuids))) {
      this.#read.set(row['id'] as string, toStoredRow(row))
    }
  }

  /** @param vector null leaves it as it is */
  async update(id: string, vector: readonly number[] | null, payload: Payload): Promise<void> {
    const before = this.#read.get(id)
    if (before === undefined) throw new Error('mem0 changed a memory that it had not read.')
    this.#work.belongsTo(before.payload['user_id'])
    this.#read.set(id, { id, payload })
    const earlier = this.#work.changed.get(id)
    // What another call changes at the same time stays: only what differs is written.
    const differs = Object.entries(stored(payload)).filter(
      ([key, value]) => JSON.stringify(value) !== JSON.stringify(before.payload[key]),
    )
    this.#work.changed.set(id, {
      id,
      vector: vector ?? earlier?.vector ?? null,
      words: vector === null ? (earlier?.words ?? null) : wordsOf(payload),
      payload: { ...earlier?.payload, ...Object.fromEntries(differs) },
    })
  }

  async delete(id: string): Promise<void> {
    this.#work.belongsTo(this.#read.get(id)?.payload['user_id'])
    this.#work.deleted.add(id)
  }

  /** Takes a memory, whose text changes, out of the links of all entities. */
  async unlink(id: string): Promise<void> {
    if (!this.#work.deleted.has(id)) this.#work.unlinked.add(id)
  }

  async list(filters?: object, topK = 100): Promise<[StoredRow[], number]> {
    const { statements } = this.#work
    const rows = await this.#work.read(
      statements.listMemories(this.#work.reach(filters), topK, { showExpired: true }),
    )
    return [rows.map(toStoredRow), rows.length]
  }
}

/** The vector store that mem0 keeps entities in, for one {@link Work}. */
export class EntityStore {
  readonly #work: Work
  // Asked for again with each memory of a batch; what is added in between is found in it.
  readonly #lists = new Map<string, Promise<StoredRow[]>>()

  constructor(work: Work) {
    this.#work = work
  }

  async insert(
    vectors: readonly number[][],
    ids: readonly string[],
    payloads: readonly Payload[],
  ): Promise<void> {
    for (const [index, id] of ids.entries()) {
      const payload = payloads[index]!
      this.#work.belongsTo(payload['user_id'])
      const { linkedMemoryIds: _links, ...rest } = stored(payload)
      const entity: NewEntity = { id, vector: vectors[index]!, links: this.#newLinks(payload), payload: rest }
      this.#work.addedEntities.push(entity)
      for (const list of this.#lists.values()) void list.then((rows) => rows.push({ id, payload }))
    }
  }

  async search(vector: readonly number[], topK = 5, filters?: object): Promise<StoredRow[]> {
    if (this.#work.hasNoEntities) return []
    const { statements } = this.#work
    const rows = await this.#work.read(
      statements.nearestEntities(this.#work.reachOfEntities(filters), vector, topK),
    )
    return rows.map((row) => ({ ...toEntity(row), score: similarity(row) }))
  }

  async list(filters?: object, topK = 100): Promise<[StoredRow[], number]> {
    const { statements } = this.#work
    const key = JSON.stringify([filters, topK])
    if (!this.#lists.has(key)) {
      const rows = this.#work.read(statements.listEntities(this.#work.reachOfEntities(filters), topK))
      this.#lists.set(
        key,
        rows.then((found) => found.map(toEntity)),
      )
    }
    const listed = await this.#lists.get(key)!
    return [listed, listed.length]
  }

  /** Links are only ever added here: those of this work's own memories. */
  async update(id: string, vector: readonly number[], payload: Payload): Promise<void> {
    const links = this.#newLinks(payload)
    const added = this.#work.addedEntities.find((entity) => entity.id === id)
    if (added !== undefined) {
      const all = [...new Set([...added.links, ...links])]
      this.#work.addedEntities.splice(this.#work.addedEntities.indexOf(added), 1, { ...added, links: all })
      return
    }
    const earlier = this.#work.linkedEntities.get(id)?.links ?? []
    this.#work.linkedEntities.set(id, { id, vector, links: [...new Set([...earlier, ...links])] })
  }

  #newLinks({ linkedMemoryIds }: Payload): string[] {
    const own = new Set([...this.#work.added.map(({ id }) => id), ...this.#work.changed.keys()])
    return (linkedMemoryIds as string[]).filter((id) => own.has(id))
  }
}

/**
 * The history store of mem0's, for one {@link Work}. Entries are written with the memories themselves, and the messages
 * that mem0 would keep as context for its model are not kept: nothing that deletes a user's memories would delete them.
 */
export class HistoryStore {
  readonly #work: Work

  constructor(work: Work) {
    this.#work = work
  }

  async addHistory(): Promise<void> {}

  async getHistory(memoryId: string): Promise<ResultRow[]> {
    if (!isUuid(memoryId)) return []
    const { statements, reachById } = this.#work
    return this.#work.read(statements.wholeHistory(reachById, memoryId))
  }
}

/** What a memory holds beside its own columns. */
function stored({ user_id: _user, textLemmatized: _words, ...rest }: Payload): Payload {
  return rest
}

function wordsOf({ textLemmatized }: Payload): string {
  return typeof textLemmatized === 'string' ? textLemmatized : ''
}

function toStoredRow({ id, user_id, payload }: ResultRow): StoredRow {
  const own = payload as Payload
  own['user_id'] = user_id
  return { id: id as string, payload: own }
}

function toScored({ id, score }: ResultRow): StoredRow {
  return { id: id as string, score: Number(score), payload: {} }
}

function toEntity(row: ResultRow): StoredRow {
  const { id, payload } = toStoredRow(row)
  return { id, payload: { ...payload, linkedMemoryIds: row['links'] } }
}

// As mem0's own provider turns a distance into a score.
function similarity({ distance }: ResultRow): number {
  return Math.max(0, Math.min(1, 1 - Number(distance)))
}
