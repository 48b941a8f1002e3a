import { randomUUID } from 'node:crypto'

/** The four kinds of entity a memory can belong to. */
export const DIMENSIONS = ['user', 'agent', 'app', 'run'] as const
export type Dimension = (typeof DIMENSIONS)[number]
type Owner = `${Dimension}Id`
export type Owners = { [owner in Owner]: string | null }

export interface Message {
  readonly role: string
  readonly content: unknown
}

export interface Memory extends Owners {
  readonly id: string
  text: string
  metadata: Record<string, unknown>
  categories: string[]
  immutable: boolean
  /** The last day (YYYY-MM-DD) on which searches and lists return the memory. */
  expirationDate: string | null
  /** The id of the newer memory that supersedes this one. */
  replacedBy: string | null
  createdAt: Date
  updatedAt: Date
  input: readonly Message[]
}

export type NewMemory = Partial<Omit<Memory, 'text'>> & { readonly text: string }

export interface HistoryEntry {
  readonly id: string
  readonly event: 'ADD' | 'UPDATE' | 'DELETE'
  readonly memoryId: string
  readonly owners: Owners
  readonly oldText: string | null
  readonly newText: string
  readonly input: readonly Message[]
  readonly metadata: Record<string, unknown>
  readonly categories: readonly string[]
  readonly at: Date
}

export interface Entity {
  readonly id: string
  readonly type: Dimension
  readonly name: string
  readonly createdAt: Date
  updatedAt: Date
}

export type MemoryPatch = Partial<Pick<Memory, 'text' | 'metadata' | 'expirationDate' | 'createdAt'>>

const perDimension = <T>(make: () => T): Record<Dimension, T> => ({
  user: make(),
  agent: make(),
  app: make(),
  run: make(),
})

/** Every memory, indexed by id and by each entity it belongs to, with histories and entities. */
export class Store {
  #memories = new Map<string, Memory>()
  #owned = perDimension(() => new Map<string, Set<Memory>>())
  #entities = perDimension(() => new Map<string, Entity>())
  #history = new Map<string, HistoryEntry[]>()
  #entityCount = 0

  get size(): number {
    return this.#memories.size
  }

  /** Stores rows as they are, starts their history, and returns their ids in the same order. */
  seed(rows: Iterable<NewMemory>): string[] {
    return Array.from(rows, (row) => this.add(row).id)
  }

  add(row: NewMemory): Memory {
    const createdAt = row.createdAt ?? new Date()
    const memory: Memory = {
      id: row.id ?? randomUUID(),
      text: row.text,
      userId: row.userId ?? null,
      agentId: row.agentId ?? null,
      appId: row.appId ?? null,
      runId: row.runId ?? null,
      metadata: row.metadata ?? {},
      categories: row.categories ?? [],
      immutable: row.immutable ?? false,
      expirationDate: row.expirationDate ?? null,
      replacedBy: row.replacedBy ?? null,
      createdAt,
      updatedAt: row.updatedAt ?? createdAt,
      input: row.input ?? [{ role: 'user', content: row.text }],
    }
    this.#memories.set(memory.id, memory)
    for (const type of DIMENSIONS) {
      const name = memory[`${type}Id`]
      if (name === null) continue
      this.touchEntity(type, name)
      const owned = this.#owned[type].get(name)
      if (owned) owned.add(memory)
      else this.#owned[type].set(name, new Set([memory]))
    }
    return memory
  }

  get(id: string): Memory | undefined {
    return this.#memories.get(id)
  }

  update(memory: Memory, patch: MemoryPatch): void {
    const history = this.#historyOf(memory)
    const oldText = memory.text
    Object.assign(memory, patch)
    memory.updatedAt = new Date()
    history.push(
      historyEntry(memory, {
        event: 'UPDATE',
        oldText,
        newText: memory.text,
        input: [{ role: 'user', content: memory.text }],
        at: memory.updatedAt,
      }),
    )
  }

  /** The history outlives the memory and gains an entry for the deletion. */
  delete(memory: Memory): void {
    if (!this.#memories.delete(memory.id)) return
    for (const type of DIMENSIONS) {
      const name = memory[`${type}Id`]
      if (name === null) continue
      const owned = this.#owned[type].get(name)
      owned?.delete(memory)
      if (owned?.size === 0) this.#owned[type].delete(name)
    }
    this.#historyOf(memory).push(
      historyEntry(memory, { event: 'DELETE', oldText: memory.text, newText: '', input: [], at: new Date() }),
    )
  }

  all(): Iterable<Memory> {
    return this.#memories.values()
  }

  ofEntity(type: Dimension, name: string): ReadonlySet<Memory> {
    return this.#owned[type].get(name) ?? new Set()
  }

  ofUser(userId: string): Memory[] {
    return [...this.ofEntity('user', userId)]
  }

  /** The memories that `memory` supersedes, transitively. */
  supersededBy(memory: Memory): Memory[] {
    const found: Memory[] = []
    const wanted = new Set([memory.id])
    for (const id of wanted) {
      for (const older of this.#memories.values()) {
        if (older.replacedBy !== id || wanted.has(older.id)) continue
        wanted.add(older.id)
        found.push(older)
      }
    }
    return found
  }

  history(memoryId: string): readonly HistoryEntry[] {
    const memory = this.#memories.get(memoryId)
    return memory ? this.#historyOf(memory) : (this.#history.get(memoryId) ?? [])
  }

  wholeHistory(): HistoryEntry[] {
    for (const memory of this.#memories.values()) this.#historyOf(memory)
    return [...this.#history.values()].flat()
  }

  historyOfUser(userId: string): HistoryEntry[] {
    return this.wholeHistory().filter((entry) => entry.owners.userId === userId)
  }

  /** Records that an entity was seen; the service knows it from then on, with or without memories. */
  touchEntity(type: Dimension, name: string): void {
    const known = this.#entities[type].get(name)
    const now = new Date()
    if (known) known.updatedAt = now
    else
      this.#entities[type].set(name, {
        id: String(++this.#entityCount),
        type,
        name,
        createdAt: now,
        updatedAt: now,
      })
  }

  entity(type: Dimension, name: string): Entity | undefined {
    return this.#entities[type].get(name)
  }

  entities(): Entity[] {
    return DIMENSIONS.flatMap((type) => [...this.#entities[type].values()])
  }

  countEntities(type: Dimension): number {
    return this.#entities[type].size
  }

  deleteEntity(type: Dimension, name: string): void {
    for (const memory of this.ofEntity(type, name)) this.delete(memory)
    this.#entities[type].delete(name)
  }

  clear(): void {
    this.#memories.clear()
    this.#history.clear()
    this.#owned = perDimension(() => new Map())
    this.#entities = perDimension(() => new Map())
  }

  /** Created when it is first needed: most memories of a large store are never changed or traced. */
  #historyOf(memory: Memory): HistoryEntry[] {
    let entries = this.#history.get(memory.id)
    if (!entries) {
      const { text: newText, input, createdAt: at } = memory
      entries = [historyEntry(memory, { event: 'ADD', oldText: null, newText, input, at })]
      this.#history.set(memory.id, entries)
    }
    return entries
  }
}

function historyEntry(
  memory: Memory,
  change: Pick<HistoryEntry, 'event' | 'oldText' | 'newText' | 'input' | 'at'>,
): HistoryEntry {
  const { id: memoryId, userId, agentId, appId, runId, metadata, categories } = memory
  const owners = { userId, agentId, appId, runId }
  return { id: randomUUID(), memoryId, owners, metadata, categories, ...change }
}
