import type { ScopedMemory } from '@scoped-memory/core'
import { MemoryMiddlewareError, notSignedInError } from './errors.ts'
import { warnOnce } from './warnings.ts'

/** What decides, beside the user, which records a memory reads and returns. */
export interface IsolationKey {
  readonly client: object | undefined
  /** The options that decide it, as text to compare. */
  readonly options: string
}

/** The user a request is bound to. Without a memory: nobody is signed in, which `optional` allows. */
export interface RequestBinding {
  readonly memory: ScopedMemory | undefined
  /** Compares without giving the key away: nothing leads from a request to the client. */
  readonly matches: (key: IsolationKey) => boolean
}

// Symbol.for, so that two copies of this package in one program see each other's bindings.
const BINDING = Symbol.for('scoped-memory.binding')

/**
 * Binds a request for good. A second call has to find the same user and key; the first binding stays.
 *
 * @throws MemoryMiddlewareError `IDENTITY_CONFLICT` where it does not
 */
export function bindRequest(
  request: object,
  memory: ScopedMemory | undefined,
  key: IsolationKey,
): RequestBinding {
  const bound = requestBindingOf(request)
  if (bound === undefined) {
    const binding = Object.freeze<RequestBinding>({
      memory,
      matches: ({ client, options }) => client === key.client && options === key.options,
    })
    Object.defineProperty(request, BINDING, { value: binding })
    return binding
  }
  if (bound.memory?.userId !== memory?.userId) {
    throw new MemoryMiddlewareError(
      'scopedMemory() ran twice on this request and found two users. A request has one user: mount it once, after the login, ' +
        'or give every mount the same userId.',
      'IDENTITY_CONFLICT',
    )
  }
  if (memory !== undefined && !bound.matches(key)) {
    throw new MemoryMiddlewareError(
      'scopedMemory() ran twice on this request, with another client, scope, strictOwnership or onForeignRecord. ' +
        'Mount it once, or with the same options, and narrow it where you need to: memory.within({ runId }).',
      'IDENTITY_CONFLICT',
    )
  }
  return bound
}

// What a request itself was bound to; what its prototype holds is not its own.
function requestBindingOf(request: object): RequestBinding | undefined {
  return Object.hasOwn(request, BINDING) ? (request as { [BINDING]: RequestBinding })[BINDING] : undefined
}

/**
 * The memory a request is bound to.
 *
 * @param line the line of code to show where the request is not bound
 * @throws MemoryMiddlewareError `MEMORY_NOT_MOUNTED` where the request is not bound
 * @throws InvalidUserIdError where it is bound to nobody
 */
export function boundMemory(request: object, line: string): ScopedMemory {
  const binding = requestBindingOf(request)
  if (binding === undefined) {
    throw new MemoryMiddlewareError(
      `This request has no memory: scopedMemory() did not run on it, or not yet. Before this route, on a path that covers it, write: ${line}`,
      'MEMORY_NOT_MOUNTED',
    )
  }
  if (binding.memory === undefined) throw notSignedInError()
  return binding.memory
}

/** The memory a request is bound to; undefined where it is not bound, or to nobody. */
export function tryBoundMemory(request: object): ScopedMemory | undefined {
  return requestBindingOf(request)?.memory
}

/**
 * Defines the memory as a property of a request: not enumerable, and never to be replaced.
 *
 * @throws MemoryMiddlewareError `MEMORY_TAKEN` where the property is defined for good already
 */
export function defineMemory(request: object, name: string, memory: ScopedMemory | undefined): void {
  const own = Object.getOwnPropertyDescriptor(request, name)
  if (own !== undefined && own.configurable === false) {
    if (own.writable === false && own.value === memory) return
    throw new MemoryMiddlewareError(
      `Something else defined "${name}" on the request for good. Remove it, or read the memory with getMemory() only.`,
      'MEMORY_TAKEN',
    )
  }
  if (isTaken(request, name)) warnReplaced(name)
  Object.defineProperty(request, name, {
    value: memory,
    writable: false,
    enumerable: false,
    configurable: false,
  })
}

// Without running somebody else's getter, which may throw.
function isTaken(request: object, name: string): boolean {
  for (let at: object | null = request; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    const present = Object.getOwnPropertyDescriptor(at, name)
    if (present !== undefined)
      return present.get !== undefined || (present.value !== undefined && present.value !== null)
  }
  return false
}

/** Warns, once, that something else had set the property of this name. */
export function warnReplaced(name: string): void {
  warnOnce(
    'SCOPED_MEMORY_REPLACED',
    `Something else had set "${name}" on a request; scopedMemory() replaced it. Give one of the two another name.`,
  )
}
