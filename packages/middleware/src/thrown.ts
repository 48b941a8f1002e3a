import { MemoryMiddlewareError } from './errors.ts'

/**
 * What was thrown, as an error that every framework responds to with an error: itself where it is one, otherwise the
 * cause of a `NOT_AN_ERROR`. Routers take nothing, and some strings, for "go on"; others respond with whichever status
 * the value has, or never.
 */
export function toError(thrown: unknown): Error {
  if (isSafeError(thrown)) return thrown
  return new MemoryMiddlewareError(
    'userId() or the client threw something that a framework cannot respond to. Throw an Error that is not frozen, with a ' +
      'status from 400 to 599 or none, and with headers that can be sent or none. If nobody is signed in, return undefined.',
    'NOT_AN_ERROR',
    { cause: plainCopy(thrown) },
  )
}

/** The error statuses an error carries: some frameworks read `status` first, others `statusCode`. */
export function statusesOf(error: unknown): number[] {
  return isSafeError(error) ? [error.status, error.statusCode].map(Number).filter(isErrorStatus) : []
}

type SafeError = Error & { readonly status?: unknown; readonly statusCode?: unknown }

// Read here once, so that what cannot be read, sent or printed fails here and not in the framework or its logger.
const READ_BY_FRAMEWORKS: Readonly<Record<string, (value: unknown) => boolean>> = {
  name: isString,
  message: isString,
  stack: (stack) => isString(stack) && stack !== '',
  code: () => true,
  cause: () => true,
  expose: () => true,
  status: mayBeStatus,
  statusCode: mayBeStatus,
  headers: (headers) => headers === undefined || headers === null || canBeSent(headers),
}

function isSafeError(thrown: unknown): thrown is SafeError {
  try {
    return (
      thrown instanceof Error &&
      isSettable(thrown, 'status') &&
      // Hono sends what it returns, whichever status that has.
      !Object.hasOwn(thrown, 'getResponse') &&
      Object.entries(READ_BY_FRAMEWORKS).every(
        ([name, isSafe]) => isSafe(Reflect.get(thrown, name)) && !isGetter(thrown, name),
      )
    )
  } catch {
    return false
  }
}

// Koa sets the status of an error. Tried on an object that inherits from the error, which stays as it is.
function isSettable(error: Error, name: string): boolean {
  return Object.isExtensible(error) && Reflect.set(Object.create(error) as object, name, 500)
}

// A getter may return something else the next time. In some engines the stack is one.
function isGetter(error: Error, name: string): boolean {
  return name !== 'stack' && Object.getOwnPropertyDescriptor(error, name)?.get !== undefined
}

function isString(value: unknown): value is string {
  return typeof value === 'string'
}

function mayBeStatus(value: unknown): boolean {
  if (value === undefined || value === null) return true
  // No framework takes a word, such as "UNAUTHORIZED", for a status.
  if (typeof value === 'string') return Number.isNaN(Number(value)) || isErrorStatus(Number(value))
  return typeof value === 'number' && isErrorStatus(value)
}

function isErrorStatus(code: number): boolean {
  return Number.isInteger(code) && code >= 400 && code <= 599
}

const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]+$/
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/
// They say how the body is sent, which is up to the response, not to the error.
const FRAMING =
  /^(content-(length|encoding)|transfer-encoding|trailer|upgrade|connection|keep-alive|proxy-connection)$/i

function canBeSent(headers: unknown): boolean {
  if (typeof headers !== 'object') return false
  // Koa 2 sends inherited ones, too.
  for (const name in headers) {
    const value = (headers as Record<string, unknown>)[name]
    if (!HEADER_NAME.test(name) || FRAMING.test(name)) return false
    if (!(Array.isArray(value) ? value : [value]).every(isHeaderValue)) return false
  }
  return true
}

function isHeaderValue(value: unknown): boolean {
  return typeof value === 'number' || (isString(value) && HEADER_VALUE.test(value))
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
