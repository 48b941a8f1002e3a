/** The machine-readable reason of a {@link MemoryMiddlewareError}. */
export type MemoryMiddlewareErrorCode =
  | 'MEMORY_NOT_MOUNTED'
  | 'LOGIN_NOT_MOUNTED'
  | 'IDENTITY_CONFLICT'
  | 'MEMORY_TAKEN'
  | 'BODY_TAKEN'
  | 'NOT_AN_ERROR'
  | 'MEMORY_FAILED'

/**
 * The middleware is mounted in a way that cannot be right: it did not run before the memory was asked for, two of it
 * came to different users, something else holds its place, a login it reads did not run. With `MEMORY_FAILED`: something
 * behind it failed, which is the `cause` and which the message does not repeat, because some frameworks send messages.
 * Status 500 or more: it is not a mistake of the one who asks.
 */
export class MemoryMiddlewareError extends Error {
  /** Why, for programs. */
  readonly code: MemoryMiddlewareErrorCode
  /** The HTTP status to answer with; Express, Koa and Fastify read it from here. */
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

/** The status an error carries; 500 where it carries none that says that something failed. */
export function statusOf(error: unknown): number {
  if (!isAnswerable(error)) return 500
  return [error.status, error.statusCode].map(Number).find(Number.isInteger) ?? 500
}

/**
 * What was thrown as an error that any framework answers as one, with the status it carries or with 500. Routers take
 * nothing, and some words, for "go on"; others answer with whichever status the value has, or never.
 */
export function errorOf(thrown: unknown): Error {
  if (isAnswerable(thrown)) return thrown
  return new MemoryMiddlewareError(
    'userId() or the client threw something that is not an Error with a status from 400 to 599, or none. Throw such an Error; ' +
      'for nobody signed in, return undefined.',
    'NOT_AN_ERROR',
    { cause: plainCopy(thrown) },
  )
}

/** An error in place of another one, which is its cause: nobody who sees its message and its stack learns that one. */
export function concealed(error: unknown): MemoryMiddlewareError {
  if (error instanceof MemoryMiddlewareError && error.code === 'MEMORY_FAILED') return error
  return new MemoryMiddlewareError(
    'The memory could not be used. The cause of this error says why.',
    'MEMORY_FAILED',
    { status: Math.max(500, statusOf(error)), cause: error },
  )
}

type Answerable = Error & { readonly status?: unknown; readonly statusCode?: unknown }

// Read here once, so that whatever throws does it here and not in the framework or its logger.
const READ_BY_FRAMEWORKS = ['name', 'message', 'stack', 'code', 'cause', 'expose', 'headers'] as const

function isAnswerable(thrown: unknown): thrown is Answerable {
  try {
    if (!(thrown instanceof Error)) return false
    const error = thrown as Answerable & Record<string, unknown>
    READ_BY_FRAMEWORKS.forEach((name) => error[name])
    return isErrorStatus(error.status) && isErrorStatus(error.statusCode)
  } catch {
    return false
  }
}

function isErrorStatus(status: unknown): boolean {
  if (status === undefined || status === null) return true
  if (typeof status !== 'number' && typeof status !== 'string') return false
  const code = Number(status)
  // A word, such as "UNAUTHORIZED", is not a status to any framework.
  if (typeof status === 'string' && Number.isNaN(code)) return true
  return Number.isInteger(code) && code >= 400 && code <= 599
}

// Loggers read the getters of a cause and call it where it is a function.
function plainCopy(thrown: unknown): unknown {
  if (typeof thrown !== 'function' && (typeof thrown !== 'object' || thrown === null)) return thrown
  try {
    const { name, message, stack } = thrown as Record<string, unknown>
    if (typeof message !== 'string') return undefined
    const copy = new Error(message)
    if (typeof name === 'string') copy.name = name
    if (typeof stack === 'string') copy.stack = stack
    return copy
  } catch {
    return undefined
  }
}
