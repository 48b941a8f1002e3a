import { InvalidArgumentError, ScopedMemoryError } from '../errors.ts'

/**
 * Sends one request to the back end: within a time, given up on abort, never repeated. The signal that the request is
 * given aborts when it is given up.
 */
export type Send = <T>(request: (signal: AbortSignal) => Promise<T>) => Promise<T>

/** Long enough for an add that a slow language model extracts facts for. */
export const DEFAULT_TIMEOUT_MILLIS = 120_000

/**
 * Makes the `send` of one operation, which gives up each request after `timeoutMs`, or when `signal` aborts. mem0's
 * clients cannot take a request back, so one that was given up may still arrive; an engine that can is told by the signal
 * of the request. Nothing is sent twice.
 *
 * @param timeoutMs milliseconds for a request, asked for when it is sent
 * @throws InvalidArgumentError when `signal` is not an AbortSignal
 */
export function createSend(operation: string, timeoutMs: () => number, signal: unknown): Send {
  if (signal !== undefined && !isAbortSignal(signal)) {
    throw new InvalidArgumentError(
      `${operation}(): signal must be an AbortSignal, for example AbortSignal.timeout(5000).`,
    )
  }
  return (request) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason as Error)
        return
      }
      const millis = timeoutMs()
      const waiting = new AbortController()
      const answer = request(waiting.signal)
      const giveUp = (reason: Error): void => {
        stopWaiting()
        reject(reason)
        waiting.abort(reason)
      }
      const timer = setTimeout(() => giveUp(timedOut(operation, millis)), millis)
      const onAbort = (): void => giveUp(signal!.reason as Error)
      const unsubscribe = signal && subscribe(signal, onAbort)
      const stopWaiting = (): void => {
        clearTimeout(timer)
        unsubscribe?.()
      }
      answer.then(resolve, reject).finally(stopWaiting)
    })
}

/** The one listener of a signal. */
interface Listener {
  readonly callbacks: Set<() => void>
  readonly callAll: () => void
}

const listeners = new WeakMap<AbortSignal, Listener>()

/**
 * Calls back when a signal aborts, until the returned function is called. However many requests wait for one signal, it
 * has one listener: from the eleventh on, Node warns of a leak.
 */
export function subscribe(signal: AbortSignal, callback: () => void): () => void {
  let listener = listeners.get(signal)
  if (listener === undefined) {
    const all = new Set<() => void>()
    const callAll = (): void => {
      for (const each of all) each()
    }
    listeners.set(signal, (listener = { callbacks: all, callAll }))
  }
  const { callbacks, callAll } = listener
  if (callbacks.size === 0) signal.addEventListener('abort', callAll)
  callbacks.add(callback)
  return () => {
    callbacks.delete(callback)
    if (callbacks.size === 0) signal.removeEventListener('abort', callAll)
  }
}

function timedOut(operation: string, timeoutMs: number): ScopedMemoryError {
  return new ScopedMemoryError(
    `${operation}() got no response from the back end within ${timeoutMs} ms. A write may have arrived all the same: ` +
      'look before you repeat it. Pass a larger timeoutMs where this is normal.',
    { code: 'TIMEOUT', status: 504 },
  )
}

function isAbortSignal(value: unknown): value is AbortSignal {
  return (
    typeof value === 'object' &&
    value !== null &&
    'aborted' in value &&
    'addEventListener' in value &&
    typeof value.addEventListener === 'function' &&
    'removeEventListener' in value &&
    typeof value.removeEventListener === 'function'
  )
}
