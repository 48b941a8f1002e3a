import { eventReader, HOSTED_METHODS, type HostedClient, type HostedMethod } from '../engines/clients.ts'
import { DefaultClient } from '../engines/default-client.ts'
import { ScopedMemoryError } from '../errors.ts'
import { RetryAfterHeaders, retryAfterMillis } from './retry-after.ts'

const FIRST_PAUSE_MILLIS = 250
const LONGEST_BACK_OFF_MILLIS = 30_000
/** A server that asks for a longer pause is asked again after this one. */
const LONGEST_PAUSE_MILLIS = 3_600_000

/**
 * Holds back all requests of a run when the hosted API refuses one with 429, since the limit is that of the key, and
 * sends the refused one again. It pauses for as long as the server asks, and longer each time that it refuses again.
 */
export class RateLimiter {
  readonly #headers = new RetryAfterHeaders()
  readonly #signal: AbortSignal
  readonly #timeoutMs: number
  readonly #onPause: () => void
  #openAt = 0

  /**
   * @param timeoutMs how long a request may take with its pauses; one that would take longer is given up
   * @param signal ends the pauses and lets nothing be sent any more
   */
  constructor(timeoutMs: number, signal: AbortSignal, onPause: () => void) {
    this.#timeoutMs = timeoutMs
    this.#signal = signal
    this.#onPause = onPause
  }

  /** Until when requests are held back; undefined when they are not. */
  get pausedUntil(): Date | undefined {
    return this.#openAt > Date.now() ? new Date(this.#openAt) : undefined
  }

  /** Resolves as soon as requests may be sent, or when the signal aborts. */
  async opened(): Promise<void> {
    for (let wait: number; (wait = this.#openAt - Date.now()) > 0 && !this.#signal.aborted; ) {
      await sleep(wait, this.#signal)
    }
  }

  /** The client with all its requests under this limit. */
  apply(client: HostedClient | DefaultClient): HostedClient {
    const connect = client instanceof DefaultClient ? () => client.connect() : () => client
    const limited =
      (name: HostedMethod) =>
      (...args: never[]): Promise<unknown> =>
        this.#send(async () => {
          const connected = (await connect()) as unknown as Record<
            HostedMethod,
            (...args: never[]) => Promise<unknown>
          >
          return connected[name](...args)
        })
    return {
      ...(Object.fromEntries(HOSTED_METHODS.map((name) => [name, limited(name)])) as unknown as HostedClient),
      ...((client instanceof DefaultClient || eventReader(client) !== undefined) && {
        readEvent: (id) => this.#send(async () => eventReader(await connect())!(id)),
      }),
    }
  }

  /** Starts listening for what the server asks. */
  listen(): void {
    this.#headers.listen()
  }

  close(): void {
    this.#headers.close()
  }

  async #send<T>(request: () => Promise<T>): Promise<T> {
    const deadline = Date.now() + this.#timeoutMs
    for (let refusals = 0; ; refusals++) {
      if (this.#openAt >= deadline) throw heldBack(this.#timeoutMs)
      await this.opened()
      this.#signal.throwIfAborted()
      const hint = {}
      try {
        return await this.#headers.watch(hint, request)
      } catch (error) {
        if (!isRateLimitError(error)) throw error
        const backOff = Math.min(FIRST_PAUSE_MILLIS * 2 ** refusals, LONGEST_BACK_OFF_MILLIS)
        this.#pause(Math.max(backOff, retryAfterMillis(hint, error) ?? 0))
        if (this.#openAt >= deadline) throw error
      }
    }
  }

  #pause(millis: number): void {
    const openAt = Date.now() + Math.min(millis, LONGEST_PAUSE_MILLIS)
    if (openAt <= this.#openAt) return
    this.#openAt = openAt
    this.#onPause()
  }
}

// By class name and code, since core does not import mem0ai.
function isRateLimitError(error: unknown): error is Error {
  return (
    error instanceof Error &&
    (error.name === 'RateLimitError' || (error as { errorCode?: unknown }).errorCode === 'HTTP_429')
  )
}

function heldBack(timeoutMs: number): ScopedMemoryError {
  return new ScopedMemoryError(
    `The back end asked for a pause that is longer than ${timeoutMs} ms, so this request was not sent. ` +
      'Pass a larger timeoutMs, or do this user again later.',
    { code: 'TIMEOUT', status: 503 },
  )
}

async function sleep(millis: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, millis)
    signal.addEventListener('abort', done)
  })
}
