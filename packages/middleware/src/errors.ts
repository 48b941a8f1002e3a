import { InvalidUserIdError } from '@scoped-memory/core'

/** The machine-readable reason of a {@link MemoryMiddlewareError}. Stable across versions; messages are not. */
export type MemoryMiddlewareErrorCode =
  | 'MEMORY_NOT_MOUNTED'
  | 'LOGIN_NOT_MOUNTED'
  | 'IDENTITY_CONFLICT'
  | 'MEMORY_TAKEN'
  | 'BODY_TAKEN'
  | 'NOT_AN_ERROR'
  | 'MEMORY_FAILED'

/**
 * The middleware is mounted in a way that cannot be right: the memory was asked for before it ran, it ran twice and
 * found two users, something else holds its property, or a login it reads did not run. With `NOT_AN_ERROR` and
 * `MEMORY_FAILED` something behind it failed: that is the `cause`, and the message does not repeat it, because some
 * frameworks send messages. Status 500 or more: the client did nothing wrong.
 */
export class MemoryMiddlewareError extends Error {
  /** Why, for programs. */
  readonly code: MemoryMiddlewareErrorCode
  /** The HTTP status to respond with; Express, Koa and Fastify read it from here. */
  readonly status: number

  constructor(
    message: string,
    code: MemoryMiddlewareErrorCode,
    { status = 500, ...cause }: { status?: number; cause?: unknown } = {},
  ) {
    super(message, cause)
    this.name = 'MemoryMiddlewareError'
    this.code = code
    this.status = status
  }
}

const OPTIONAL_ADVICE = new InvalidUserIdError(
  'Nobody is signed in, which optional: true allows. Where that is fine, use tryGetMemory() instead of getMemory().',
)

/**
 * The 401 for a request without a user. Its message and its stack may reach a browser; what the programmer can do about
 * it is the cause. Every anonymous visit creates one, so it captures no stack.
 */
export function notSignedInError(advice: InvalidUserIdError = OPTIONAL_ADVICE): InvalidUserIdError {
  const { stackTraceLimit } = Error
  Reflect.set(Error, 'stackTraceLimit', 0)
  const error = new InvalidUserIdError('Nobody is signed in.', { cause: advice })
  Reflect.set(Error, 'stackTraceLimit', stackTraceLimit)
  // Bun leaves an empty stack out, and frameworks cannot respond to an error without one.
  error.stack ??= `${error.name}: ${error.message}`
  // Koa prints every error that is not marked as fit for the client, and NestJS sends only those that are.
  return Object.assign(error, { expose: true })
}
