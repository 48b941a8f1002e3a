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
  return statusesOf(error)[0] ?? 500
}

/** Whether a framework may answer an error with 500 or more: some read `status` first, others `statusCode`. */
export function isServerFault(error: unknown): boolean {
  const statuses = statusesOf(error)
  return statuses.length === 0 || statuses.some((status) => status >= 500)
}

/**
 * What was thrown as an error that any framework answers as one, with the status it carries or with 500. Routers take
 * nothing, and some words, for "go on"; others answer with whichever status the value has, or never.
 */
export function errorOf(thrown: unknown): Error {
  if (isAnswerable(thrown)) return thrown
  return new MemoryMiddlewareError(
    'userId() or the client threw something that a framework cannot answer. Throw an Error with a status from 400 to 599, or none; ' +
      'with headers that can be sent, or none; and not frozen. For nobody signed in, return undefined.',
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
    { status: Math.max(500, ...statusesOf(error)), cause: error },
  )
}

type Answerable = Error & { readonly status?: unknown; readonly statusCode?: unknown }

// Read here once, so that what cannot be read, sent or printed fails here and not in the framework or its logger.
const READ_BY_FRAMEWORKS: Readonly<Record<string, (value: unknown) => boolean>> = {
  name: isText,
  message: isText,
  stack: (stack) => isText(stack) && stack !== '',
  code: () => true,
  cause: () => true,
  expose: () => true,
  status: mayBeStatus,
  statusCode: mayBeStatus,
  headers: (headers) => headers === undefined || headers === null || canBeSent(headers),
}

function isAnswerable(thrown: unknown): thrown is Answerable {
  try {
    return (
      thrown instanceof Error &&
      isSettable(thrown, 'status') &&
      // Hono sends what it returns, with whichever status that has.
      !Object.hasOwn(thrown, 'getResponse') &&
      Object.entries(READ_BY_FRAMEWORKS).every(
        ([name, isHarmless]) => isHarmless(Reflect.get(thrown, name)) && !isChangeable(thrown, name),
      )
    )
  } catch {
    return false
  }
}

// Koa sets the status of what it answers. Tried on an object that inherits from the error, which stays as it is.
function isSettable(error: Error, name: string): boolean {
  return Object.isExtensible(error) && Reflect.set(Object.create(error) as object, name, 500)
}

// A getter may answer something else the next time. The stack is one in some engines.
function isChangeable(error: Error, name: string): boolean {
  return name !== 'stack' && Object.getOwnPropertyDescriptor(error, name)?.get !== undefined
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function mayBeStatus(value: unknown): boolean {
  if (value === undefined || value === null) return true
  // A word, such as "UNAUTHORIZED", is not a status to any framework.
  if (typeof value === 'string') return Number.isNaN(Number(value)) || isErrorStatus(Number(value))
  return typeof value === 'number' && isErrorStatus(value)
}

function statusesOf(error: unknown): number[] {
  return isAnswerable(error) ? [error.status, error.statusCode].map(Number).filter(isErrorStatus) : []
}

function isErrorStatus(code: number): boolean {
  return Number.isInteger(code) && code >= 400 && code <= 599
}

const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]+$/
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/
// They say how the body is sent, which is the answer's, not the error's.
const FRAMING =
  /^(content-(length|encoding)|transfer-encoding|trailer|upgrade|connection|keep-alive|proxy-connection)$/i

function canBeSent(headers: unknown): boolean {
  if (typeof headers !== 'object') return false
  // Koa 2 sends what they inherit, too.
  for (const name in headers) {
    const value = (headers as Record<string, unknown>)[name]
    if (!HEADER_NAME.test(name) || FRAMING.test(name)) return false
    if (!(Array.isArray(value) ? value : [value]).every(isHeaderValue)) return false
  }
  return true
}

function isHeaderValue(value: unknown): boolean {
  return typeof value === 'number' || (isText(value) && HEADER_VALUE.test(value))
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
