import { InvalidUserIdError, type ScopedMemory } from '@scoped-memory/core'
import { MemoryMiddlewareError } from './errors.ts'
import { warnOnce } from './warnings.ts'

/** What one request was bound to. Without a memory: nobody is signed in, and the middleware lets that pass. */
export interface Binding {
  readonly memory: ScopedMemory | undefined
  /** What the memory is a part of, compared when the middleware runs a second time. */
  readonly client: object | undefined
  readonly scope: string
}

// Symbol.for, so that two copies of this package in one program know each other's bindings.
const BINDING = Symbol.for('scoped-memory.binding')

/** Binds a request for good. A second time it may only come to the same; the first binding stays. */
export function bind(request: object, binding: Binding): Binding {
  const bound = bindingOf(request)
  if (bound === undefined) {
    Object.defineProperty(request, BINDING, { value: Object.freeze(binding) })
    return binding
  }
  if (bound.memory?.userId === binding.memory?.userId) {
    if (binding.memory === undefined || (bound.client === binding.client && bound.scope === binding.scope))
      return bound
    throw new MemoryMiddlewareError(
      'scopedMemory() ran twice on this request, with another client or scope. Mount it once, and narrow it where you need to: memory.within({ runId }).',
      'IDENTITY_CONFLICT',
    )
  }
  throw new MemoryMiddlewareError(
    'scopedMemory() ran twice on this request and came to two users. A request has one user: mount it once, after the login, ' +
      'or give every mount the same userId.',
    'IDENTITY_CONFLICT',
  )
}

/** What a request itself was bound to; what its prototype holds is not its own. */
export function bindingOf(request: object): Binding | undefined {
  return Object.hasOwn(request, BINDING) ? (request as { [BINDING]: Binding })[BINDING] : undefined
}

/** The memory of a request, or an error that says which line is missing. */
export function boundMemory(request: object, line: string): ScopedMemory {
  const binding = bindingOf(request)
  if (binding === undefined) {
    throw new MemoryMiddlewareError(
      `This request has no memory: scopedMemory() did not run on it, or not yet. Before this route, on a path that covers it, write: ${line}`,
      'MEMORY_NOT_MOUNTED',
    )
  }
  if (binding.memory === undefined) {
    throw new InvalidUserIdError(
      'Nobody is signed in. Where that is fine, use tryGetMemory() in place of getMemory().',
    )
  }
  return binding.memory
}

/** Shows the memory as a property that is not enumerable and cannot be replaced. */
export function expose(request: object, name: string, { memory }: Binding): void {
  const own = Object.getOwnPropertyDescriptor(request, name)
  if (own !== undefined && own.configurable === false) {
    if (own.writable === false && own.value === memory) return
    throw new MemoryMiddlewareError(
      `Something else defined "${name}" on the request for good. Take it away, or read the memory by getMemory() only.`,
      'MEMORY_TAKEN',
    )
  }
  const present = (request as Record<string, unknown>)[name]
  if (present !== undefined && present !== null) warnReplaced(name)
  Object.defineProperty(request, name, {
    value: memory,
    writable: false,
    enumerable: false,
    configurable: false,
  })
}

/** Warns, once, that something of this name was not ours. */
export function warnReplaced(name: string): void {
  warnOnce(
    'SCOPED_MEMORY_REPLACED',
    `Something else had set "${name}" on a request; scopedMemory() replaced it. Give one of the two another name.`,
  )
}
