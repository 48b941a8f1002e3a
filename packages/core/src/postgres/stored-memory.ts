import type { Memory as Mem0Memory, MemoryConfig } from 'mem0ai/oss'
import { ENGINE } from '../engines/engine.ts'
import { InvalidArgumentError, ScopedMemoryError } from '../errors.ts'
import type { Database } from './database.ts'
import { postgresEngine, type Calls, type PrepareAdd } from './engine.ts'
import { overStores, requireStoresInUse, withoutOwnStores, type Mem0Class } from './mem0-internals.ts'
import { storesOf } from './mem0-stores.ts'
import type { Statements } from './statements.ts'
import { Work } from './work.ts'

/** mem0's `Memory`, which can be closed: `await memory.close()` or `await using memory = …`. */
export interface ClosableMemory extends Mem0Memory {
  /**
   * Waits for the calls under way, then shuts down what is beneath the memory. Later calls are refused, except `close`,
   * which does nothing more.
   */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** What a memory is made of. */
export interface StoredMemoryParts {
  readonly embedder: MemoryConfig['embedder']
  /** Undefined: messages are stored word for word. */
  readonly llm: MemoryConfig['llm'] | undefined
  /** The length of the embedder's vectors. */
  readonly dimensions: number
  readonly database: Database
  readonly statements: Statements
  /** Whether the database itself keeps users apart, so that calls past a handle reach nothing. */
  readonly rowLevelSecurity: boolean
  /** How the memory is called in errors, and the function that opens one. */
  readonly name: string
  readonly opener: string
  /** Deletes every row of everybody; absent where that is not for a client to do. */
  readonly clear?: () => Promise<void>
  /** Shuts down what is beneath the memory. */
  readonly shutDown: () => Promise<void>
}

/** The provider of the vector store, as mem0's config names it. */
const PROVIDER = 'scoped-memory'

/**
 * Makes a `Memory` whose rows are in a database of ours. It reports nothing to mem0, and knows its calls under way, so
 * that it can be closed.
 */
export async function createStoredMemory(
  Memory: Mem0Class,
  parts: StoredMemoryParts,
): Promise<ClosableMemory> {
  const { database, statements, rowLevelSecurity } = parts
  const inFlight = new Set<Promise<unknown>>()
  let closing: Promise<void> | undefined
  const Mem0 = withoutOwnStores(Memory)

  const calls: Calls = (reach, signal, call) =>
    track(async () => {
      const work = new Work(database, statements, reach, signal)
      const stores = storesOf(work)
      const result = await call(overStores(Mem0, memory, stores), stores)
      await work.commit()
      return result
    })

  const prepareAdd: PrepareAdd = (messages, options) =>
    parts.llm === undefined ? [messages, verbatim(parts, messages, options)] : [messages, options]

  /** A call past a handle, which is bound to no user. */
  const past = <T>(call: Parameters<typeof calls<T>>[2]): Promise<T> => calls({}, undefined, call)

  class StoredMemory extends Mem0 implements ClosableMemory {
    override async add(...[messages, options]: Parameters<Mem0Memory['add']>): ReturnType<Mem0Memory['add']> {
      refuseWrite()
      return past(async (mem0, { memories }) =>
        memories.requireAdded(await mem0.add(...prepareAdd(messages, options))),
      )
    }
    override async get(...args: Parameters<Mem0Memory['get']>): ReturnType<Mem0Memory['get']> {
      return past((mem0) => mem0.get(...args))
    }
    override async search(...args: Parameters<Mem0Memory['search']>): ReturnType<Mem0Memory['search']> {
      return past((mem0) => mem0.search(...args))
    }
    override async getAll(...args: Parameters<Mem0Memory['getAll']>): ReturnType<Mem0Memory['getAll']> {
      return past((mem0) => mem0.getAll(...args))
    }
    override async update(...args: Parameters<Mem0Memory['update']>): ReturnType<Mem0Memory['update']> {
      refuseWrite()
      return past((mem0) => mem0.update(...args))
    }
    override async delete(...args: Parameters<Mem0Memory['delete']>): ReturnType<Mem0Memory['delete']> {
      refuseWrite()
      return past((mem0) => mem0.delete(...args))
    }
    override async deleteAll({
      userId,
      agentId,
      runId,
    }: Parameters<Mem0Memory['deleteAll']>[0]): ReturnType<Mem0Memory['deleteAll']> {
      refuseWrite()
      if (typeof userId !== 'string' || userId.trim() === '') {
        throw new InvalidArgumentError(`${parts.name} deletes by user: await memory.deleteAll({ userId }).`)
      }
      await engine.deleteAll({ userId: userId.trim(), agentId, runId }, new AbortController().signal)
      return { message: 'Memories deleted successfully!' }
    }
    override async history(...args: Parameters<Mem0Memory['history']>): ReturnType<Mem0Memory['history']> {
      return past((mem0) => mem0.history(...args))
    }
    /** Deletes every row of everybody. */
    override async reset(): ReturnType<Mem0Memory['reset']> {
      const { clear } = parts
      if (clear === undefined) {
        throw new ScopedMemoryError(
          `reset() would delete the memories of every user. ${parts.name} does not do that: delete one user with a handle ` +
            '(erase), or drop the tables in a migration.',
          { code: 'UNSUPPORTED', status: 501 },
        )
      }
      return track(clear)
    }
    close(): Promise<void> {
      closing ??= (async () => {
        await Promise.allSettled(inFlight)
        await parts.shutDown()
      })()
      return closing
    }
    [Symbol.asyncDispose](): Promise<void> {
      return this.close()
    }
  }
  const memory = new StoredMemory({
    embedder: parts.embedder,
    llm: parts.llm ?? NO_LLM,
    vectorStore: { provider: PROVIDER, config: { collectionName: PROVIDER, dimension: parts.dimensions } },
    disableHistory: true,
  })
  await requireStoresInUse(Mem0, memory)
  const engine = postgresEngine({ calls, prepareAdd, database, statements, track })
  Object.defineProperty(memory, ENGINE, { value: engine })
  return memory

  async function track<Result>(call: () => Promise<Result>): Promise<Result> {
    if (closing) {
      throw new ScopedMemoryError(`${parts.name} is closed. Open another with ${parts.opener}().`, {
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

  function refuseWrite(): void {
    if (!rowLevelSecurity) return
    throw new ScopedMemoryError(
      'Row-level security is on: without a user the database lets nothing be written. Write through a handle, ' +
        'new ScopedMemory(userId, { client }).',
      { code: 'UNSUPPORTED', status: 501 },
    )
  }
}

/** mem0 requires a model; this one is never called. */
const NO_LLM: MemoryConfig['llm'] = {
  provider: 'langchain',
  config: {
    model: {
      invoke: () => {
        throw new Error('This memory has no model.')
      },
    },
  },
}

function verbatim(
  { name, opener }: Pick<StoredMemoryParts, 'name' | 'opener'>,
  ...[messages, options]: Parameters<Mem0Memory['add']>
): Parameters<Mem0Memory['add']>[1] {
  if (options?.infer === true) {
    throw new InvalidArgumentError(
      `${name} has no LLM, so it cannot infer facts: it stores messages word for word. ` +
        `Leave \`infer\` out, or open it with ${opener}({ llm: { provider, config }, … }).`,
    )
  }
  if (Array.isArray(messages) && messages.some((message) => typeof message?.content !== 'string')) {
    throw new InvalidArgumentError(
      `${name} has no LLM, so it cannot describe an image. Pass messages whose content is text.`,
    )
  }
  return { ...options, infer: false }
}
