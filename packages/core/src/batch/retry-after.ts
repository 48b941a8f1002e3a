import type { AsyncLocalStorage } from 'node:async_hooks'
import { nodeBuiltin } from '../node-builtins.ts'

/** How long a refused request is to wait: the `Retry-After` header of its last 429. */
interface RateLimitHint {
  retryAfter?: string
}

interface UndiciMessage {
  readonly request: object
  readonly response?: { readonly statusCode: number; readonly headers: readonly (Uint8Array | string)[] }
}

const SECONDS = /^\d+$/
// The body that Django REST framework writes, which the hosted API is built with.
const SECONDS_IN_BODY = /available in (\d+) second/

const diagnostics = nodeBuiltin?.('node:diagnostics_channel')
const asyncHooks = nodeBuiltin?.('node:async_hooks')

/**
 * Reads the `Retry-After` of refused requests from Node's own fetch, which publishes the headers of every answer: mem0's
 * client does not keep them in its errors. It does so for watched requests, from `listen` to `close`.
 */
export class RetryAfterHeaders {
  readonly #watched: AsyncLocalStorage<RateLimitHint> | undefined =
    asyncHooks && new asyncHooks.AsyncLocalStorage()
  readonly #requests = new WeakMap<object, RateLimitHint>()

  listen(): void {
    diagnostics?.subscribe('undici:request:create', this.#onRequest)
    diagnostics?.subscribe('undici:request:headers', this.#onAnswer)
  }

  /** Runs a request, and keeps in `hint` what its refusal says. */
  watch<T>(hint: RateLimitHint, request: () => Promise<T>): Promise<T> {
    return this.#watched === undefined ? request() : this.#watched.run(hint, request)
  }

  close(): void {
    diagnostics?.unsubscribe('undici:request:create', this.#onRequest)
    diagnostics?.unsubscribe('undici:request:headers', this.#onAnswer)
  }

  readonly #onRequest = (message: unknown): void => {
    const hint = this.#watched?.getStore()
    if (hint !== undefined) this.#requests.set((message as UndiciMessage).request, hint)
  }

  readonly #onAnswer = (message: unknown): void => {
    const { request, response } = message as UndiciMessage
    const hint = this.#requests.get(request)
    if (hint === undefined || response?.statusCode !== 429) return
    const headers = response.headers.map((part) =>
      typeof part === 'string' ? part : new TextDecoder().decode(part),
    )
    const name = headers.findIndex((header, index) => index % 2 === 0 && /^retry-after$/i.test(header))
    const value = name < 0 ? undefined : headers[name + 1]
    if (value !== undefined) hint.retryAfter = value
  }
}

/**
 * How many milliseconds a refusal asks to wait: its `Retry-After` header, seconds or a date; else what mem0's error or
 * the body says. Undefined where it says nothing.
 */
export function retryAfterMillis({ retryAfter }: RateLimitHint, error: Error): number | undefined {
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
