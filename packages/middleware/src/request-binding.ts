import { InvalidUserIdError, type ScopedMemory } from '@scoped-memory/core'
import { MemoryMiddlewareError } from './errors.ts'
import { warnOnce } from './warnings.ts'

/** What decides, beside the user, what a memory reads and hands out. */
export interface Isolation {
  readonly client: object | undefined
  /** The options that decide it, as text to compare. */
  readonly options: string
}

/** What one request was bound to. Without a memory: nobody is signed in, and the middleware lets that pass. */
export interface Binding {
  readonly memory: ScopedMemory | undefined
  /** Compares without telling: from a request nothing leads to the client. */
  readonly isMadeWith: (isolation: Isolation) => boolean
}

// Symbol.for, so that two copies of this package in one program know each other's bindings.
const BINDING = Symbol.for('scoped-memory.binding')

/** Binds a request for good. A second time it may only come to the same; the first binding stays. */
export function bind(request: object, memory: ScopedMemory | undefined, isolation: Isolation): Binding {
  const bound = bindingOf(request)
  if (bound === undefined) {
    const binding = Object.freeze<Binding>({
      memory,
      isMadeWith: ({ client, options }) => client === isolation.client && options === isolation.options,
    })
    Object.defineProperty(request, BINDING, { value: binding })
    return binding
  }
  if (bound.memory?.userId !== memory?.userId) {
    throw new MemoryMiddlewareError(
      'scopedMemory() ran twice on this request and came to two users. A request has one user: mount it once, after the login, ' +
        'or give every mount the same userId.',
      'IDENTITY_CONFLICT',
    )
  }
  if (memory !== undefined && !bound.isMadeWith(isolation)) {
    throw new MemoryMiddlewareError(
      'scopedMemory() ran twice on this request, with another client, scope, strictOwnership or onForeignRecord. ' +
        'Mount it once, or with the same ones, and narrow it where you need to: memory.within({ runId }).',
      'IDENTITY_CONFLICT',
    )
  }
  return bound
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
  if (binding.memory === undefined) throw nobody()
  return binding.memory
}

const MAY_BE_NOBODY = new InvalidUserIdError(
  'Nobody is signed in, which optional: true lets pass. Where that is fine, use tryGetMemory() in place of getMemory().',
)

/**
 * The 401 for a request without a user. Its message and its stack may reach a browser; what the programmer can do is its
 * cause. Every anonymous visit makes one: it takes no stack.
 */
export function nobody(advice: InvalidUserIdError = MAY_BE_NOBODY): InvalidUserIdError {
  const { stackTraceLimit } = Error
  Reflect.set(Error, 'stackTraceLimit', 0)
  const error = new InvalidUserIdError('Nobody is signed in.', { cause: advice })
  Reflect.set(Error, 'stackTraceLimit', stackTraceLimit)
  // Bun leaves an empty stack out, and an error without one is not one that a framework can answer.
  error.stack ??= `${error.name}: ${error.message}`
  // Koa prints every error that is not marked as fit for the client, and NestJS answers only those that are.
  return Object.assign(error, { expose: true })
}

/** Shows the memory as a property that is not enumerable and cannot be replaced. */
export function expose(request: object, name: string, { memory }: Pick<Binding, 'memory'>): void {
  const own = Object.getOwnPropertyDescriptor(request, name)
  if (own !== undefined && own.configurable === false) {
    if (own.writable === false && own.value === memory) return
    throw new MemoryMiddlewareError(
      `Something else defined "${name}" on the request for good. Take it away, or read the memory by getMemory() only.`,
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

// Without running the getter of somebody else, which may throw.
function isTaken(request: object, name: string): boolean {
  for (let at: object | null = request; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    const present = Object.getOwnPropertyDescriptor(at, name)
    if (present !== undefined)
      return present.get !== undefined || (present.value !== undefined && present.value !== null)
  }
  return false
}

/** Warns, once, that something of this name was not ours. */
export function warnReplaced(name: string): void {
  warnOnce(
    'SCOPED_MEMORY_REPLACED',
    `Something else had set "${name}" on a request; scopedMemory() replaced it. Give one of the two another name.`,
  )
}
