import { InvalidArgumentError, ScopedMemoryError } from '../errors.ts'
import type { Send } from './engine.ts'

/** Long enough for an add that a slow language model extracts facts for. */
export const DEFAULT_TIMEOUT_MILLIS = 120_000

/**
 * Makes the sender of one operation: each request of it is given up after `timeoutMs`, or when `signal` aborts.
 * mem0's clients cannot take a request back, so one that was given up may still arrive; nothing is sent twice.
 *
 * @param timeoutMs milliseconds for a request, asked for when it is sent
 * @throws InvalidArgumentError when `signal` is no AbortSignal
 */
export function bounded(operation: string, timeoutMs: () => number, signal: unknown): Send {
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
      const answer = request()
      const timer = setTimeout(() => {
        settle()
        reject(timedOut(operation, millis))
      }, millis)
      const onAbort = (): void => {
        settle()
        reject(signal!.reason as Error)
      }
      const ignore = signal && onAbortOf(signal, onAbort)
      const settle = (): void => {
        clearTimeout(timer)
        ignore?.()
      }
      answer.then(resolve, reject).finally(settle)
    })
}

interface Listener {
  readonly callbacks: Set<() => void>
  readonly tell: () => void
}

const listeners = new WeakMap<AbortSignal, Listener>()

/**
 * Calls back when a signal aborts, unless the function that is returned is called before. However many requests wait for
 * one signal, it has one listener: from the eleventh on, Node warns of a leak.
 */
function onAbortOf(signal: AbortSignal, callback: () => void): () => void {
  let listener = listeners.get(signal)
  if (listener === undefined) {
    const all = new Set<() => void>()
    const tellAll = (): void => {
      for (const waiting of all) waiting()
    }
    listeners.set(signal, (listener = { callbacks: all, tell: tellAll }))
  }
  const { callbacks, tell } = listener
  if (callbacks.size === 0) signal.addEventListener('abort', tell)
  callbacks.add(callback)
  return () => {
    callbacks.delete(callback)
    if (callbacks.size === 0) signal.removeEventListener('abort', tell)
  }
}

function timedOut(operation: string, timeoutMs: number): ScopedMemoryError {
  return new ScopedMemoryError(
    `${operation}() got no answer from the back end within ${timeoutMs} ms. A write may have arrived all the same: ` +
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
