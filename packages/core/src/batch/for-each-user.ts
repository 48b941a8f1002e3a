import { pMapIterable } from 'p-map'
import { isHostedClient, type Mem0Client } from '../engines/clients.ts'
import { defaultClient } from '../engines/default-client.ts'
import { DEFAULT_TIMEOUT_MILLIS } from '../engines/request.ts'
import { InvalidArgumentError } from '../errors.ts'
import { nodeBuiltin } from '../node-builtins.ts'
import { createMemoryFactory, type MemoryFactory, type ScopedMemory } from '../scoped-memory.ts'
import { Settings, type ScopedMemoryOptions } from '../settings.ts'
import { RateLimiter } from './rate-limiter.ts'

const DEFAULT_CONCURRENCY = 8
const events = nodeBuiltin?.('node:events')

// Outcomes come in order. This is how far the others may run ahead of a slow user, as a multiple of the concurrency.
const RUN_AHEAD = 4

/** Options of {@link forEachUser}; the others are those of a handle. */
export interface ForEachUserOptions extends ScopedMemoryOptions {
  /** How many users are worked on at once, at least 1. Default 8. */
  readonly concurrency?: number | undefined
  /**
   * The cursor of an earlier run. Users are passed over up to and including it, so `users` must come in the same order
   * again. A source that can begin there itself, such as a query with `id > cursor`, needs no `after`.
   */
  readonly after?: string | undefined
  /** Stops the run: no further user is begun, and those in work receive the signal. */
  readonly signal?: AbortSignal | undefined
  /** Called after each user, and when the back end asks for a pause. If it throws, the run ends with that error. */
  readonly onProgress?: ((progress: UserProgress) => void) | undefined
}

/** How far a run is. */
export interface UserProgress {
  /** How many users were worked on, those that failed included. */
  readonly done: number
  /** How many of them failed. */
  readonly failed: number
  /** How many were passed over because of `after`. */
  readonly skipped: number
  /** What to pass as `after` to go on from here; undefined when no user is done. It is the id of a user. */
  readonly cursor: string | undefined
  /** Until when the back end's rate limit holds the run back; undefined when it does not. */
  readonly pausedUntil: Date | undefined
}

/** What became of one user: `error` is undefined when the work succeeded. */
export type UserOutcome<Result> =
  | (UserOutcomeOf & { readonly result: Result; readonly error?: undefined })
  | (UserOutcomeOf & { readonly result?: undefined; readonly error: Error })

interface UserOutcomeOf {
  /** As the source gave it, also where it is not a user id. */
  readonly userId: string
  /** What to pass as `after` to go on after this user. */
  readonly cursor: string | undefined
}

/** The work for one user. It should be safe to repeat: a user in work when a process dies comes again. */
export type UserWork<Result> = (
  memory: ScopedMemory,
  context: {
    /** Aborts when the run is stopped. Work that ignores it is finished first. */
    readonly signal: AbortSignal
  },
) => Result | PromiseLike<Result>

/**
 * A run over many users. Nothing happens until it is read, with `for await` or with `completed()`; it can be read once.
 *
 * `for await` yields the outcome of each user, in the order of the source; leaving the loop stops the run.
 */
export interface UserRun<Result> extends AsyncIterable<UserOutcome<Result>> {
  /**
   * Works for everybody and resolves to the final progress, for when only the numbers matter. Calling it again gives the
   * same promise. Rejects with what ends the run early, and with InvalidArgumentError when the run is read already.
   */
  completed(): Promise<UserProgress>
}

/**
 * Works for any number of users with one scoped handle each, a limited number of them at a time. Nothing it keeps grows
 * with the number of users.
 *
 * Read the run with `for await`, or call `completed()` where the outcomes do not matter:
 *
 * ```ts
 * for await (const { userId, cursor, error } of forEachUser(userIds(), summarise, { client, concurrency: 32, signal })) {
 *   if (error) log.warn({ userId, error })
 *   await saveCursor(cursor)
 * }
 * ```
 *
 * A user that fails, or whose id is not a user id, is an outcome with an error, and the others go on. A user that comes
 * twice is worked on twice.
 *
 * Where the hosted API refuses a request with 429, that request alone is sent again, and all others wait as long as the
 * server asks for (its `Retry-After`; without one, longer each time from a quarter of a second). Pauses count as part
 * of a request's `timeoutMs`. What a self-hosted back end's model refuses is not repeated, as it may have begun to
 * write: it is the error of that user.
 *
 * The run ends with the error of `users` where that throws, with the reason of `signal`, or with the error of
 * `onProgress`, each when the users in work are finished. Users that an abort left unfinished have no outcome; they,
 * and those after them, come after the cursor.
 *
 * @param users user ids, as an array, a generator, a stream, …; read as they are needed
 * @throws InvalidArgumentError, UnsafeBackendError, ScopedMemoryError at once for options that are wrong, as
 *   createMemoryFactory does; InvalidArgumentError, when the run has begun, for an `after` that is not among the users
 */
export function forEachUser<Result>(
  users: Iterable<string> | AsyncIterable<string>,
  work: UserWork<Result>,
  options: ForEachUserOptions = {},
): UserRun<Result> {
  return new Run(users, work, options)
}

/** A user whose work has ended. The cursor is the user's id, if it is one. */
type FinishedUser<Result> = {
  readonly userId: string
  readonly cursor: string | undefined
} & ({ readonly result: Result } | { readonly error: Error })

class Run<Result> implements UserRun<Result> {
  readonly #users: Iterable<string> | AsyncIterable<string>
  readonly #work: UserWork<Result>
  readonly #options: Pick<ForEachUserOptions, 'after' | 'signal' | 'onProgress'>
  readonly #concurrency: number
  readonly #limiter: RateLimiter
  readonly #memoryFor: MemoryFactory
  /** Aborts when the run is to end early, for whatever reason. */
  readonly #stopping = new AbortController()
  #done = 0
  #failed = 0
  #skipped = 0
  #cursor: string | undefined
  #begun = false
  #completion: Promise<UserProgress> | undefined

  constructor(
    users: Iterable<string> | AsyncIterable<string>,
    work: UserWork<Result>,
    options: ForEachUserOptions,
  ) {
    const { concurrency = DEFAULT_CONCURRENCY, after, signal, onProgress, ...handles } = options
    check(
      isIterable(users),
      'the first argument must be an array or an (async) iterable of user ids; for one user write [userId].',
    )
    check(typeof work === 'function', 'the second argument must be a function: (memory) => ….')
    check(
      Number.isSafeInteger(concurrency) && concurrency >= 1,
      'concurrency must be a whole number of at least 1.',
    )
    check(after === undefined || typeof after === 'string', 'after must be the cursor of an earlier run.')
    check(signal === undefined || signal instanceof AbortSignal, 'signal must be an AbortSignal.')
    check(onProgress === undefined || typeof onProgress === 'function', 'onProgress must be a function.')
    this.#users = users
    this.#work = work
    this.#options = { after, signal, onProgress }
    this.#concurrency = concurrency
    this.#cursor = after
    this.#limiter = new RateLimiter(
      handles.timeoutMs ?? DEFAULT_TIMEOUT_MILLIS,
      this.#stopping.signal,
      () => {
        this.#report()
      },
    )
    // Made for its checks: of the rate-limited client below, they would see the wrapper only.
    new Settings(handles).backend()
    this.#memoryFor = createMemoryFactory({ ...handles, client: rateLimited(handles.client, this.#limiter) })
  }

  [Symbol.asyncIterator](): AsyncIterator<UserOutcome<Result>> {
    check(!this.#begun, 'a run can be read or completed only once. Call forEachUser() again for another run.')
    this.#begun = true
    return this.#outcomes()
  }

  completed(): Promise<UserProgress> {
    this.#completion ??= this.#complete()
    return this.#completion
  }

  async #complete(): Promise<UserProgress> {
    const outcomes = this[Symbol.asyncIterator]()
    while ((await outcomes.next()).done !== true);
    return this.#progress()
  }

  async *#outcomes(): AsyncGenerator<UserOutcome<Result>, void, undefined> {
    const { signal } = this.#options
    const stop = (): void => {
      this.#stopping.abort(signal?.reason)
    }
    if (signal?.aborted === true) stop()
    signal?.addEventListener('abort', stop)
    // Every request under way listens to it, which is more listeners than Node expects.
    events?.setMaxListeners(0, this.#stopping.signal)
    this.#limiter.listen()
    const users = pMapIterable(this.#ids(), ({ id }) => this.#finish(id), {
      concurrency: this.#concurrency,
      backpressure: this.#concurrency * RUN_AHEAD,
    })[Symbol.asyncIterator]()
    let ended = false
    try {
      let interrupted = false
      for (let next = await users.next(); next.done !== true; next = await users.next()) {
        const user = next.value
        // Whoever comes after an unfinished user must come again with that user.
        interrupted ||= user === undefined
        if (user === undefined) continue
        this.#done++
        if ('error' in user) this.#failed++
        if (!interrupted) this.#cursor = user.cursor ?? this.#cursor
        this.#report()
        yield { ...user, cursor: this.#cursor }
      }
      ended = true
      this.#stopping.signal.throwIfAborted()
    } finally {
      if (!ended) stop()
      while ((await users.next()).done !== true);
      signal?.removeEventListener('abort', stop)
      this.#limiter.close()
    }
  }

  /** Undefined for a user that an abort left unfinished. */
  async #finish(id: string): Promise<FinishedUser<Result> | undefined> {
    const { signal } = this.#stopping
    await this.#limiter.opened()
    if (signal.aborted) return undefined
    let memory: ScopedMemory
    try {
      memory = this.#memoryFor(id)
    } catch (error) {
      return { userId: id, cursor: undefined, error: asError(error) }
    }
    try {
      return { userId: id, cursor: id, result: await this.#work(memory, { signal }) }
    } catch (error) {
      return this.#stopping.signal.aborted ? undefined : { userId: id, cursor: id, error: asError(error) }
    }
  }

  /** The ids after the cursor, until the run is stopped. In objects, so that an id that is a promise stays one. */
  async *#ids(): AsyncGenerator<{ readonly id: string }, void, undefined> {
    const { signal } = this.#stopping
    const { after } = this.#options
    const ids =
      Symbol.asyncIterator in this.#users
        ? this.#users[Symbol.asyncIterator]()
        : this.#users[Symbol.iterator]()
    let passed = after === undefined
    let open = true
    try {
      while (!signal.aborted) {
        open = false
        const next = await unlessAborted(ids.next(), signal)
        if (next?.done === true) break
        open = true
        if (next === undefined) return
        if (passed) {
          yield { id: next.value }
        } else {
          this.#skipped++
          passed = next.value === after
        }
      }
    } finally {
      // A source that is busy may never answer, so nobody waits for it.
      if (open) void close(ids)
    }
    check(
      passed || signal.aborted,
      'the cursor given as after is not among the users. Give them in the order of the earlier run, or leave it out.',
    )
  }

  #report(): void {
    try {
      this.#options.onProgress?.(this.#progress())
    } catch (error) {
      this.#stopping.abort(error)
    }
  }

  #progress(): UserProgress {
    return {
      done: this.#done,
      failed: this.#failed,
      skipped: this.#skipped,
      cursor: this.#cursor,
      pausedUntil: this.#limiter.pausedUntil,
    }
  }
}

// A self-hosted client is left as it is: an add that its model refuses may have been written in part.
function rateLimited(client: Mem0Client | undefined, limiter: RateLimiter): Mem0Client {
  if (client === undefined) return limiter.apply(defaultClient())
  return isHostedClient(client) ? limiter.apply(client) : client
}

/** The value, or undefined as soon as the signal aborts. */
async function unlessAborted<T>(value: T | PromiseLike<T>, signal: AbortSignal): Promise<T | undefined> {
  let stop: (() => void) | undefined
  const aborted = new Promise<undefined>((resolve) => {
    stop = (): void => {
      resolve(undefined)
    }
    signal.addEventListener('abort', stop)
  })
  try {
    return await Promise.race([value, aborted])
  } finally {
    signal.removeEventListener('abort', stop!)
  }
}

async function close(ids: AsyncIterator<string> | Iterator<string>): Promise<void> {
  try {
    await ids.return?.()
  } catch {
    // The run has what it needed of it.
  }
}

function isIterable(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value)
  )
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error
    ? thrown
    : new Error('The work threw something that is not an Error: see the cause. Throw an Error instead.', {
        cause: thrown,
      })
}

function check(right: boolean, problem: string): asserts right {
  if (!right) throw new InvalidArgumentError(`forEachUser(): ${problem}`)
}
