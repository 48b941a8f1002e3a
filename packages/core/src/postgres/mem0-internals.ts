import type { Memory as Mem0Memory } from 'mem0ai/oss'
import type { EntityStore, HistoryStore, Mem0Stores, MemoryStore } from './mem0-stores.ts'

export type Mem0Class = typeof Mem0Memory

/**
 * Everything of mem0's `Memory` that is reached into, beside its public methods: properties that hold its stores, and
 * methods that are replaced. A test on the oldest and the newest supported mem0ai fails when one of them moves.
 */
export interface Mem0Internals {
  vectorStore: MemoryStore
  _entityStore: EntityStore
  db: HistoryStore
  embedder: { embed(text: string, action?: string): Promise<number[] | null> }
}

/** The method that opens the vector store. */
const OPENING_METHOD = '_autoInitialize'

/** The method that takes a memory out of the links of all entities, one statement after the other. */
const UNLINKING_METHOD = '_removeMemoryFromEntityStore'

/** Methods that report usage to mem0 and fetch notices to show. */
const REPORTING_METHODS = [
  '_initializeTelemetry',
  '_captureEvent',
  '_displayFirstRunNotice',
  '_displayDecayUsageNotice',
  '_displayTemporalUsageNotice',
  '_displayScaleThresholdNotice',
  '_displayPerformanceSlowQueryNotice',
  '_getNoticeTelemetryId',
] as const

/**
 * mem0's `Memory` as it is used here: it reports nothing, and opens no store of its own. Its stores are given to it for
 * each call, by {@link overStores}.
 */
export function withoutOwnStores(Memory: Mem0Class): Mem0Class {
  class Mem0 extends Memory {}
  const nothing = { value: () => Promise.resolve() }
  Object.defineProperties(Mem0.prototype, {
    ...Object.fromEntries([...REPORTING_METHODS, OPENING_METHOD].map((name) => [name, nothing])),
    getEntityStore: {
      value(this: Mem0Internals) {
        return Promise.resolve(this._entityStore)
      },
    },
    [UNLINKING_METHOD]: {
      value(this: Mem0Internals, id: string) {
        return this.vectorStore.unlink(id)
      },
    },
  })
  return Mem0
}

/** mem0's own methods, of the given class, over a memory's parts and these stores: what they read and write goes there. */
export function overStores(
  Mem0: Mem0Class,
  memory: Mem0Memory,
  { memories, entities, history }: Mem0Stores,
): Mem0Memory {
  return Object.assign(Object.create(Mem0.prototype as object) as Mem0Memory, memory, {
    vectorStore: memories,
    _entityStore: entities,
    db: history,
  })
}

/** The same, for what leaves the text of a memory as it is: its vector is null, which changes nothing. */
export function withoutEmbedding(memory: Mem0Memory): Mem0Memory {
  const embedder = { embed: () => Promise.resolve(null) }
  return Object.assign(Object.create(memory) as Mem0Memory, { embedder })
}
