import { createSend } from './engines/request.ts'
import { InvalidArgumentError, ScopedMemoryError, ScopeEscapeError } from './errors.ts'
import { traced } from './events.ts'
import { type FilterClause, parseFilter } from './input/filters.ts'
import { readMessages } from './input/messages.ts'
import { readData, readOptions, readQuery, signalOf, type Operation } from './input/operation-options.ts'
import { narrow, readScope, type NarrowScope } from './input/scope.ts'
import { isList, snapshot, type Plain, type PlainObject } from './input/snapshot.ts'
import type { Call } from './operations/call.ts'
import { deleteScope, eraseScope } from './operations/delete.ts'
import { exportScope } from './operations/export.ts'
import { requireEventReader, waitUntilStored } from './operations/pending-add.ts'
import { pickFields, toAcknowledgement, toAddResult, toMemoryPage } from './operations/results.ts'
import {
  orNotFound,
  fetchOwn,
  writtenRecords,
  ownHistory,
  ownRecords,
  prove,
  proveAll,
} from './operations/verify.ts'
import { isRow } from './records/rows.ts'
import { Settings, type ScopedMemoryOptions } from './settings.ts'
import type {
  MemoryRecord,
  Acknowledgement,
  AddOptions,
  AddResult,
  CallOptions,
  DeleteOptions,
  EraseOptions,
  EraseReceipt,
  ExportedMemory,
  GetAllOptions,
  HistoryEntry,
  ListOptions,
  MemoryBatchPatch,
  MemoryFeedback,
  MemoryMessage,
  MemoryPage,
  MemoryPatch,
  SearchOptions,
  SearchResult,
} from './types.ts'
import { bindUser, UserBinding } from './user-binding.ts'

/**
 * The memory of one user. No method takes a user id; what names another user is refused, and nothing that comes back is
 * handed out before it is shown to be this user's.
 *
 * Immutable, without state of its own, cheap to make: make one per request. The client behind it cannot be reached
 * through it.
 *
 * Every method rejects with InvalidArgumentError for input it does not take, with ScopeEscapeError for input that names
 * a user, organisation or project or leaves the bound scope, with a ScopedMemoryError `TIMEOUT` when the back end gives
 * no answer in time, and with mem0's own errors as they are.
 */
export class ScopedMemory {
  readonly #binding: UserBinding

  /**
   * @param userId the id that your login verified; 1 to 256 characters without whitespace. It is used as it is.
   * @throws InvalidUserIdError when it is not a user id
   * @throws UnsafeBackendError when the client's vector store cannot keep users apart
   * @throws InvalidArgumentError for a wrong option
   * @throws ScopedMemoryError `MISSING_API_KEY` without a client and without `MEM0_API_KEY`
   */
  constructor(userId: string, options?: ScopedMemoryOptions) {
    const given: unknown = userId
    this.#binding = given instanceof UserBinding ? given : bindUser(new Settings(options), userId)
    Object.freeze(this)
  }

  /** The id of the user this handle is bound to. */
  get userId(): string {
    return this.#binding.userId
  }

  /**
   * Remembers a text or a conversation. By default a language model of the back end extracts facts from it;
   * `infer: false` stores it word for word. The hosted API may answer `PENDING` and store a moment later, which
   * `wait: true` waits for.
   *
   * A conversation may be in the form in which the SDKs of OpenAI and Anthropic and the AI SDK hand it out; parts of it
   * that are not text are left out.
   *
   * @throws ScopedMemoryError with `wait`: `ADD_FAILED` (status 502) when the back end gave up, `TIMEOUT` when it was not
   *   done within the handle's `timeoutMs`, `UNSUPPORTED` (status 501), before anything is sent, when the client is one
   *   of your own that cannot be asked
   */
  async add(messages: string | readonly MemoryMessage[], options?: AddOptions): Promise<AddResult> {
    return this.#run('add', options, async (call, { agentId, appId, runId, wait, ...rest }) => {
      const { engine } = this.#binding
      const scope = narrow(
        this.#binding.scope,
        readScope(withoutUndefined({ agentId, appId, runId }), 'add()'),
        'add()',
      )
      if (engine.name === 'hosted' && scope.agentId !== undefined && rest['infer'] !== false) {
        throw new InvalidArgumentError(
          'add() with agentId would store what the agent says outside this user, where deleting the user does not reach it. ' +
            'Pass infer: false with it, or tell agents apart by runId, appId or metadata.',
        )
      }
      const read = readMessages(messages, engine.name)
      const add = (signal: AbortSignal) => engine.add(scope, read, rest, signal)
      if (wait !== true) return toAddResult(call, await call.send(add))
      requireEventReader(engine)
      const deadline = Date.now() + this.#binding.settings.timeoutMs
      const waiting = this.#until(deadline, call, options)
      return waitUntilStored(waiting, toAddResult(waiting, await waiting.send(add)), deadline)
    })
  }

  /** The memories nearest in meaning to a query, best first. */
  async search(query: string, options?: SearchOptions): Promise<SearchResult> {
    return this.#run('search', options, async (call, { filters, ...rest }) => {
      const filter = this.#filter(filters)
      // The hosted search takes metadata beside the filters; it filters, so the same is allowed in it.
      if (rest['metadata'] !== undefined) this.#filter({ metadata: rest['metadata'] })
      const text = readQuery(query)
      const { engine } = this.#binding
      const answer = await call.send((signal) =>
        engine.search(this.#binding.scope, text, rest, filter, signal),
      )
      return { results: pickFields(ownRecords(call, answer), rest['fields']) }
    })
  }

  /** One page of memories. For all of them use {@link list}. */
  async getAll(options?: GetAllOptions): Promise<MemoryPage> {
    return this.#run('getAll', options, async (call, { filters, ...rest }) => {
      const filter = this.#filter(filters)
      const { engine } = this.#binding
      const answer = await call.send((signal) => engine.getAll(this.#binding.scope, rest, filter, signal))
      return toMemoryPage(call, answer, rest['fields'])
    })
  }

  /**
   * Every memory of the scope, over all pages, which are fetched as they are needed. A memory that is there all the time
   * comes exactly once, also while others come and go: a list of several pages is read until two readings agree, at most
   * ten times.
   */
  async *list(options?: ListOptions): AsyncGenerator<MemoryRecord, void, undefined> {
    const call = this.#pageCall('list', signalOf(options))
    const { engine } = this.#binding
    const { filters, ...rest } = readOptions('list', engine.name, options)
    for await (const answer of engine.pages(call.send, this.#binding.scope, rest, this.#filter(filters))) {
      yield* pickFields(ownRecords(call, answer), rest['fields'])
    }
  }

  /** One memory. @throws MemoryNotFoundError when this user has none with this id */
  async get(id: string, options?: CallOptions): Promise<MemoryRecord> {
    return this.#run('get', options, async (call) => (await fetchOwn(call, id)).record)
  }

  /**
   * Changes a memory: a string is its new text. Resolves what the back end answers: the record, or a message.
   *
   * @throws MemoryNotFoundError when this user has none with this id; nothing was changed
   */
  async update(
    id: string,
    change: string | MemoryPatch,
    options?: CallOptions,
  ): Promise<Partial<MemoryRecord> & { message?: string }> {
    return this.#run('update', options, async (call) => {
      const { engine, scope } = this.#binding
      const patch = readData('update', engine.name, typeof change === 'string' ? { text: change } : change)
      if (Object.keys(patch).length === 0) {
        throw new InvalidArgumentError(
          'update() needs a change: a text, or { text, metadata, expirationDate }.',
        )
      }
      const own = await prove(call, id)
      const answer = await orNotFound(call, [own], () =>
        call.send((signal) => engine.update(scope, own, patch, signal)),
      )
      const rows = Array.isArray(answer) ? (answer as unknown[]) : [answer]
      return rows.every(isRow) ? (writtenRecords(call, rows)[0] ?? {}) : toAcknowledgement(answer)
    })
  }

  /** Deletes a memory. @throws MemoryNotFoundError when this user has none with this id; nothing was deleted */
  async delete(id: string, options?: DeleteOptions): Promise<Acknowledgement> {
    return this.#run('delete', options, async (call, rest) => {
      const { engine, ownership, scope } = this.#binding
      const own = await prove(call, id)
      try {
        return toAcknowledgement(
          await orNotFound(call, [own], () => call.send((signal) => engine.delete(scope, own, rest, signal))),
        )
      } finally {
        ownership.forget(own)
      }
    })
  }

  /** The changes of a memory that still lives. @throws MemoryNotFoundError when this user has none with this id */
  async history(id: string, options?: CallOptions): Promise<HistoryEntry[]> {
    return this.#run('history', options, async (call) => {
      // Asked anew each time: on both of mem0's back ends a history outlives its record, and names no owner on one.
      const own = this.#binding.engine.idsNameUser ? await prove(call, id) : (await fetchOwn(call, id)).id
      return orNotFound(call, [own], () => ownHistory(call, own))
    })
  }

  /**
   * Rates a memory. Hosted only.
   *
   * @throws MemoryNotFoundError when this user has none with this id
   * @throws ScopedMemoryError `UNSUPPORTED` (status 501) on a self-hosted back end
   */
  async feedback(feedback: MemoryFeedback, options?: CallOptions): Promise<Acknowledgement> {
    return this.#run('feedback', options, async (call) => {
      const { engine } = this.#binding
      if (engine.feedback === undefined) {
        throw new ScopedMemoryError(
          "feedback() exists on mem0's hosted API only. Keep ratings in metadata, with update().",
          {
            code: 'UNSUPPORTED',
            status: 501,
          },
        )
      }
      const data = readData('feedback', engine.name, feedback)
      const memoryId = await prove(call, data['memoryId'])
      return toAcknowledgement(
        await orNotFound(call, [memoryId], () => call.send(() => engine.feedback!({ ...data, memoryId }))),
      )
    })
  }

  /**
   * Changes the text of many memories. Every id is proven before the first write. `openPostgresMemory` and
   * `openEmbeddedMemory` write all of them or none; mem0's own stores, self-hosted, write one after the other, so a failure
   * of the back end may leave some written.
   *
   * @throws MemoryNotFoundError when one id is not this user's; nothing was changed
   */
  async batchUpdate(changes: readonly MemoryBatchPatch[], options?: CallOptions): Promise<Acknowledgement> {
    return this.#run('batchUpdate', options, async (call) => {
      const { engine, scope } = this.#binding
      const patches = listOf(changes, 'batchUpdate', '[{ memoryId, text }]').map((change) => {
        const { memoryId, text } = readData('batchUpdate', engine.name, change)
        if (typeof text !== 'string')
          throw new InvalidArgumentError('batchUpdate() needs a text for each memoryId.')
        return { memoryId: memoryId as string, text }
      })
      const ids = await proveAll(
        call,
        patches.map(({ memoryId }) => memoryId),
      )
      const proven = patches.map((patch, index) => ({ ...patch, memoryId: ids[index]! }))
      return toAcknowledgement(
        await orNotFound(call, ids, () => engine.batchUpdate(call.send, scope, proven)),
      )
    })
  }

  /**
   * Deletes many memories. Every id is proven before the first delete.
   *
   * @throws MemoryNotFoundError when one id is not this user's; nothing was deleted
   */
  async batchDelete(ids: readonly string[], options?: CallOptions): Promise<Acknowledgement> {
    return this.#run('batchDelete', options, async (call) => {
      const { engine, ownership, scope } = this.#binding
      const unique = [...new Set(await proveAll(call, listOf(ids, 'batchDelete', '["memory-id", …]')))]
      try {
        return toAcknowledgement(
          await orNotFound(call, unique, () => engine.batchDelete(call.send, scope, unique)),
        )
      } finally {
        for (const id of unique) ownership.forget(id)
      }
    })
  }

  /**
   * Deletes every memory of this handle's scope: of the user, or on a narrowed handle of that run, app or agent of the
   * user only, which mem0's own back ends do record by record. It takes no options. The hosted API answers before it
   * has deleted a whole user, and deletes what is added in between, too: where something is added afterwards, call
   * {@link erase}, which waits.
   */
  async deleteAll(...options: []): Promise<Acknowledgement> {
    if ((options as unknown[]).some((option) => option !== undefined)) {
      throw new ScopeEscapeError(
        "deleteAll() takes no options: it deletes this handle's scope. For one run write within({ runId }).deleteAll().",
      )
    }
    return this.#run('deleteAll', undefined, deleteScope)
  }

  /**
   * Deletes every memory of the scope and waits until the back end shows none. An add that is still `PENDING` may be
   * stored afterwards: add with `wait: true` where that matters.
   *
   * @throws ScopedMemoryError `ERASE_UNVERIFIED` (status 504) when that cannot be shown in time
   */
  async erase(options?: EraseOptions): Promise<EraseReceipt> {
    return this.#run('erase', options, async (call, { timeoutMs }) => {
      const deadline = Date.now() + ((timeoutMs as number | undefined) ?? this.#binding.settings.timeoutMs)
      return eraseScope(this.#until(deadline, call, options), deadline)
    })
  }

  /**
   * Every memory of the scope with its history, expired ones too, for a data-access request. One that is deleted while
   * it runs may be left out; one that is there all the time comes exactly once, as with {@link list}.
   */
  async *exportAll(options?: CallOptions): AsyncGenerator<ExportedMemory, void, undefined> {
    const call = this.#pageCall('exportAll', signalOf(options))
    readOptions('exportAll', this.#binding.engine.name, options)
    yield* exportScope(call)
  }

  /**
   * A handle for a part of this user's memory. A bound dimension cannot change, none can be dropped; this handle stays
   * as it is.
   */
  within(scope: NarrowScope): ScopedMemory {
    const { settings, userId, scope: bound } = this.#binding
    const by = readScope(scope, 'within()')
    if (Object.keys(by).length === 0) {
      throw new InvalidArgumentError('within() needs a runId, an appId or an agentId to narrow by.')
    }
    return fromBinding(new UserBinding(settings, this.#binding, userId, narrow(bound, by, 'within()')))
  }

  #filter(filters: Plain | undefined): FilterClause[] {
    const { scope, userId, engine } = this.#binding
    return parseFilter(filters, scope, userId, engine.name)
  }

  #call(operation: string, signal: unknown): Call {
    const binding = this.#binding
    return { operation, binding, send: createSend(operation, () => binding.settings.timeoutMs, signal) }
  }

  /** The same call, all of whose requests together end by a deadline, in milliseconds since 1970. */
  #until(deadline: number, call: Call, options: unknown): Call {
    return {
      ...call,
      send: createSend(call.operation, () => Math.max(1, deadline - Date.now()), signalOf(options)),
    }
  }

  async #run<T>(
    operation: Operation,
    options: unknown,
    work: (call: Call, options: PlainObject) => Promise<T>,
  ): Promise<T> {
    const { engine, userId } = this.#binding
    return traced(operation, engine.name, userId, async () =>
      work(this.#call(operation, signalOf(options)), readOptions(operation, engine.name, options)),
    )
  }

  // A listing takes as long as its reader does, so each request of it is traced.
  #pageCall(operation: string, signal: unknown): Call {
    const { engine, userId } = this.#binding
    const call = this.#call(operation, signal)
    return {
      ...call,
      send: (request) => traced(operation, engine.name, userId, () => call.send(request)),
    }
  }
}

/** Makes a handle for a user. The second argument narrows it. */
export type MemoryFactory = (userId: string, scope?: NarrowScope) => ScopedMemory

/**
 * Checks the options once and returns a function that makes handles: for servers that make one per request.
 *
 * @throws UnsafeBackendError and InvalidArgumentError as the constructor does. The returned function throws
 *   InvalidUserIdError, InvalidArgumentError or ScopeEscapeError for a wrong user id or scope, and where no client was
 *   given, ScopedMemoryError `MISSING_API_KEY` as long as there is no key.
 */
export function createMemoryFactory(options?: ScopedMemoryOptions): MemoryFactory {
  const settings = new Settings(options)
  return (userId, scope) => fromBinding(bindUser(settings, userId, scope))
}

function fromBinding(binding: UserBinding): ScopedMemory {
  return new ScopedMemory(binding as never)
}

function withoutUndefined(value: Record<string, Plain | undefined>): object {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined))
}

function listOf(value: unknown, operation: string, example: string): readonly Plain[] {
  const list = snapshot(value, `${operation}() input`)
  if (!isList(list) || list.length === 0) {
    throw new InvalidArgumentError(`${operation}() takes a list that is not empty: ${example}.`)
  }
  return list
}
