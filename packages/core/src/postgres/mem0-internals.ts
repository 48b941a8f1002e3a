import type { Memory as Mem0Memory } from 'mem0ai/oss'
import { ScopedMemoryError } from '../errors.ts'
import type { EntityStore, HistoryStore, Mem0Stores, MemoryStore } from './mem0-stores.ts'

export type Mem0Class = typeof Mem0Memory

/**
 * Everything of mem0's `Memory` that is reached into, beside its public methods: properties that hold its stores, and
 * methods that are replaced. A test on the oldest and the newest supported mem0ai fails when one of them moves.
 */
interface Mem0Internals {
  vectorStore: MemoryStore
  _entityStore: EntityStore
  db: HistoryStore
  embedder: { embed(text: string, action?: string): Promise<number[] | null> }
}

/** The oldest and the newest mem0ai that this is known to work with. */
export const KNOWN_VERSIONS = ['3.1.6', '3.3.1'] as const

/** The methods of mem0's that decide where it keeps something. */
export const STORE_METHODS = {
  openVectorStore: '_autoInitialize',
  getEntityStore: 'getEntityStore',
  /** Takes a memory out of the links of all entities, one statement after the other. */
  unlinkMemory: '_removeMemoryFromEntityStore',
} as const

/** Methods that report usage to mem0 and fetch notices to show. */
export const REPORTING_METHODS = [
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
 *
 * @throws ScopedMemoryError `UNSUPPORTED` where a method is not there that would have to be replaced
 */
export function withoutOwnStores(Memory: Mem0Class): Mem0Class {
  const methods = Memory.prototype as unknown as Record<string, unknown>
  const missing = Object.values(STORE_METHODS).find((name) => typeof methods[name] !== 'function')
  if (missing !== undefined) throw unknownMem0(`Memory.prototype.${missing}`)

  class Mem0 extends Memory {}
  const nothing = { value: () => Promise.resolve() }
  Object.defineProperties(Mem0.prototype, {
    ...Object.fromEntries(REPORTING_METHODS.map((name) => [name, nothing])),
    [STORE_METHODS.openVectorStore]: nothing,
    [STORE_METHODS.getEntityStore]: {
      value(this: Mem0Internals) {
        return Promise.resolve(this._entityStore)
      },
    },
    [STORE_METHODS.unlinkMemory]: {
      value(this: Mem0Internals, id: string) {
        return this.vectorStore.unlink(id)
      },
    },
  })
  return Mem0
}

/**
 * Makes sure that mem0 reads and writes through the stores that it is given, by asking it with stores that only take note.
 *
 * @throws ScopedMemoryError `UNSUPPORTED` where it does not
 */
export async function requireStoresInUse(Mem0: Mem0Class, memory: Mem0Memory): Promise<void> {
  if (!('embedder' in memory)) throw unknownMem0('Memory.embedder')
  const asked = new Set<string>()
  const note = (name: string, answer: unknown) => () => {
    asked.add(name)
    return Promise.resolve(answer)
  }
  const probe = overStores(Mem0, memory, {
    memories: { get: note('vectorStore', null) },
    history: { getHistory: note('db', []) },
    entities: {},
  } as unknown as Mem0Stores)
  // What fails here has asked something else.
  await Promise.allSettled([probe.get(NO_MEMORY), probe.history(NO_MEMORY)])
  for (const name of ['vectorStore', 'db']) if (!asked.has(name)) throw unknownMem0(`Memory.${name}`)
}

const NO_MEMORY = '00000000-0000-0000-0000-000000000000'

function unknownMem0(missing: string): ScopedMemoryError {
  const [oldest, newest] = KNOWN_VERSIONS
  const mem0ai = `mem0ai@${newest}`
  return new ScopedMemoryError(
    `This mem0ai has no ${missing}, or does not use it, so its memories would not be kept in these tables. ` +
      `Versions ${oldest} to ${newest} do: npm install ${mem0ai}`,
    { code: 'UNSUPPORTED', status: 501 },
  )
}

/**
 * A text in the basic forms of its words, as mem0 keeps them beside a memory and searches for them. mem0 hands out no
 * such function, so it is asked to remember the text, over stores that keep nothing. Undefined where that does not tell.
 */
export async function basicForms(memory: Mem0Memory, text: string): Promise<string | undefined> {
  let words: unknown
  const listening = Object.assign(Object.create(memory) as Remembering, {
    vectorStore: {
      insert: (_vectors: unknown, _ids: unknown, payloads: readonly { textLemmatized?: unknown }[]) => {
        words = payloads[0]?.textLemmatized
        return Promise.resolve()
      },
    },
    db: { addHistory: () => Promise.resolve() },
  })
  await listening.createMemory?.(text, { [text]: [] }, {})
  return typeof words === 'string' ? words : undefined
}

interface Remembering {
  createMemory?(text: string, vectors: Record<string, number[]>, metadata: object): Promise<string>
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
