import type { Memory as Mem0Memory, MemoryConfig } from 'mem0ai/oss'
import { ensureUserIndex } from '../engines/user-index.ts'
import { InvalidArgumentError, ScopedMemoryError } from '../errors.ts'
import type { PostgresHistory } from './postgres-history.ts'

/** mem0's `Memory`, which can be closed: `await memory.close()` or `await using memory = …`. */
export interface EmbeddedMemory extends Mem0Memory {
  /**
   * Waits for the calls in flight, then shuts the database down and removes what it left outside `dataDir`. Later calls
   * are refused, except `close`, which does nothing more.
   */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** The private parts of mem0's `Memory` that embedding it has to reach. */
interface Internals {
  db: PostgresHistory
  vectorStore?: Store
  _entityStore?: Store
}
interface Store {
  client?: {
    on(event: 'error', listener: () => void): unknown
    query(...args: unknown[]): Promise<unknown>
  }
  close(): Promise<void>
}

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
]

export interface EmbeddedMemoryParts {
  config: MemoryConfig
  history: PostgresHistory
  /** Whether mem0 may call its LLM. If not, messages are stored word for word. */
  infer: boolean
  /** Shuts down everything beneath the memory. */
  shutDown: () => Promise<void>
}

/** Creates a `Memory` that reports nothing and tracks its calls, so that it can be closed. */
export async function createEmbeddedMemory(
  Memory: typeof Mem0Memory,
  parts: EmbeddedMemoryParts,
): Promise<EmbeddedMemory> {
  const inFlight = new Set<Promise<unknown>>()
  let closing: Promise<void> | undefined

  class Embedded extends Memory implements EmbeddedMemory {
    override add(...[messages, options]: Parameters<Mem0Memory['add']>): ReturnType<Mem0Memory['add']> {
      return track(() => super.add(messages, parts.infer ? options : verbatim(messages, options)))
    }
    override get(...args: Parameters<Mem0Memory['get']>): ReturnType<Mem0Memory['get']> {
      return track(() => super.get(...args))
    }
    override search(...args: Parameters<Mem0Memory['search']>): ReturnType<Mem0Memory['search']> {
      return track(() => super.search(...args))
    }
    override getAll(...args: Parameters<Mem0Memory['getAll']>): ReturnType<Mem0Memory['getAll']> {
      return track(() => super.getAll(...args))
    }
    override update(...args: Parameters<Mem0Memory['update']>): ReturnType<Mem0Memory['update']> {
      return track(() => super.update(...args))
    }
    override delete(...args: Parameters<Mem0Memory['delete']>): ReturnType<Mem0Memory['delete']> {
      return track(() => super.delete(...args))
    }
    override deleteAll(...args: Parameters<Mem0Memory['deleteAll']>): ReturnType<Mem0Memory['deleteAll']> {
      return track(() => super.deleteAll(...args))
    }
    override history(...args: Parameters<Mem0Memory['history']>): ReturnType<Mem0Memory['history']> {
      return track(() => super.history(...args))
    }
    /** mem0 opens new connections here without closing the old ones, and makes tables without an index on the user. */
    override reset(): ReturnType<Mem0Memory['reset']> {
      return track(async () => {
        const before = stores(this)
        await super.reset()
        await disconnect(before)
        await initialize(this)
      })
    }
    close(): Promise<void> {
      closing ??= (async () => {
        await Promise.allSettled(inFlight)
        await disconnect(stores(this))
        await parts.shutDown()
      })()
      return closing
    }
    [Symbol.asyncDispose](): Promise<void> {
      return this.close()
    }
  }
  for (const name of REPORTING_METHODS) {
    Object.defineProperty(Embedded.prototype, name, { value: () => Promise.resolve() })
  }

  async function track<Result>(call: () => Promise<Result>): Promise<Result> {
    if (closing) {
      throw new ScopedMemoryError('This embedded memory is closed. Open another with openEmbeddedMemory().', {
        code: 'CLOSED',
      })
    }
    const result = call()
    inFlight.add(result)
    try {
      return await result
    } finally {
      inFlight.delete(result)
    }
  }

  const memory = new Embedded(parts.config)
  internals(memory).db = parts.history
  try {
    await initialize(memory)
  } catch (error) {
    await disconnect(stores(memory))
    throw error
  }
  return memory
}

/** Waits until mem0 has made its tables, adds the index on the user, and prepares the connections. */
async function initialize(memory: Mem0Memory): Promise<void> {
  await ensureUserIndex(memory)
  for (const { client } of stores(memory)) {
    if (!client) continue
    // A connection that breaks while idle must not end the process; the next call reports it.
    client.on('error', () => {})
    // mem0 sends some queries without awaiting the previous one, for which pg prints a warning.
    const query = client.query.bind(client)
    let previous: Promise<unknown> = Promise.resolve()
    client.query = (...args) => {
      const result = previous.then(() => query(...args))
      previous = result.catch(() => {})
      return result
    }
  }
}

function stores(memory: Mem0Memory): Store[] {
  const { vectorStore, _entityStore } = internals(memory)
  return [vectorStore, _entityStore].filter((store) => store !== undefined)
}

async function disconnect(stores: Store[]): Promise<void> {
  await Promise.allSettled(stores.map((store) => store.close()))
}

function internals(memory: Mem0Memory): Internals {
  return memory as unknown as Internals
}

type AddOptions = Parameters<Mem0Memory['add']>[1]

function verbatim(messages: Parameters<Mem0Memory['add']>[0], options: AddOptions): AddOptions {
  if (options?.infer === true) {
    throw new InvalidArgumentError(
      'This embedded memory has no LLM, so it cannot infer facts: it stores messages word for word. ' +
        'Leave `infer` out, or open it with openEmbeddedMemory({ llm: { provider, config } }).',
    )
  }
  if (Array.isArray(messages) && messages.some((message) => typeof message?.content !== 'string')) {
    throw new InvalidArgumentError(
      'This embedded memory has no LLM, so it cannot describe an image. Pass messages whose content is text.',
    )
  }
  return { ...options, infer: false }
}
