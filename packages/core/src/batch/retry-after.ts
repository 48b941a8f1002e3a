import type { AsyncLocalStorage } from 'node:async_hooks'
import { nodeBuiltin } from '../node-builtins.ts'

/** The `Retry-After` header of the last 429 that came while a request was watched. */
interface Heard {
  retryAfter?: string
}

interface UndiciMessage {
  readonly request: object
  readonly response?: { readonly statusCode: number; readonly headers: readonly (Uint8Array | string)[] }
}

const SECONDS = /^\d+$/
// What Django REST framework, which the hosted API is built with, says in the body.
const SECONDS_IN_BODY = /available in (\d+) second/

const diagnostics = nodeBuiltin?.('node:diagnostics_channel')
const asyncHooks = nodeBuiltin?.('node:async_hooks')

/**
 * Reads the `Retry-After` of refused requests off Node's own fetch, which publishes the headers of every answer: mem0's
 * client keeps none in its errors. Hears those of requests that are watched, from `listen` to `close`.
 */
export class RetryAfterHeaders {
  readonly #watched: AsyncLocalStorage<Heard> | undefined = asyncHooks && new asyncHooks.AsyncLocalStorage()
  readonly #requests = new WeakMap<object, Heard>()

  listen(): void {
    diagnostics?.subscribe('undici:request:create', this.#onRequest)
    diagnostics?.subscribe('undici:request:headers', this.#onAnswer)
  }

  /** Runs a request; what its refusal says is kept in `heard`. */
  watch<T>(heard: Heard, request: () => Promise<T>): Promise<T> {
    return this.#watched === undefined ? request() : this.#watched.run(heard, request)
  }

  close(): void {
    diagnostics?.unsubscribe('undici:request:create', this.#onRequest)
    diagnostics?.unsubscribe('undici:request:headers', this.#onAnswer)
  }

  readonly #onRequest = (message: unknown): void => {
    const heard = this.#watched?.getStore()
    if (heard !== undefined) this.#requests.set((message as UndiciMessage).request, heard)
  }

  readonly #onAnswer = (message: unknown): void => {
    const { request, response } = message as UndiciMessage
    const heard = this.#requests.get(request)
    if (heard === undefined || response?.statusCode !== 429) return
    const headers = response.headers.map((part) =>
      typeof part === 'string' ? part : new TextDecoder().decode(part),
    )
    const name = headers.findIndex((header, index) => index % 2 === 0 && /^retry-after$/i.test(header))
    const value = name < 0 ? undefined : headers[name + 1]
    if (value !== undefined) heard.retryAfter = value
  }
}

/**
 * How many milliseconds a refusal asks to wait: its `Retry-After` header, seconds or a date; else what mem0's error or
 * the body says. Undefined where it says nothing.
 */
export function retryAfterMillis({ retryAfter }: Heard, error: Error): number | undefined {
  if (retryAfter !== undefined) {
    if (SECONDS.test(retryAfter)) return Number(retryAfter) * 1000
    const date = Date.parse(retryAfter)
    if (!Number.isNaN(date)) return date - Date.now()
  }
  const { debugInfo } = error as { debugInfo?: { retryAfter?: unknown } }
  if (typeof debugInfo?.retryAfter === 'number') return debugInfo.retryAfter * 1000
  const seconds = SECONDS_IN_BODY.exec(error.message)?.[1]
  return seconds === undefined ? undefined : Number(seconds) * 1000
}
