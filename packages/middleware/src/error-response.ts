import { ScopedMemoryError } from '@scoped-memory/core'
import { MemoryMiddlewareError } from './errors.ts'
import { problem, problemResponse, type Problem } from './http/problem.ts'
import { statusesOf } from './thrown.ts'

/**
 * An error as a client may see it: its status, else 500, and its code and message where it is one of this library and
 * the client's fault.
 */
export function problemOf(error: unknown): Problem {
  const status = statusesOf(error)[0] ?? 500
  const isTold = error instanceof ScopedMemoryError && status < 500
  return problem(status, isTold ? { code: error.code, detail: error.message } : {})
}

/** An error as a web-standard response, with what a client may see of it. */
export function errorResponse(error: unknown): Response {
  return problemResponse(problemOf(error))
}

/** Whether any framework responds to an error with 500 or more. */
export function mayBeServerError(error: unknown): boolean {
  const statuses = statusesOf(error)
  return statuses.length === 0 || statuses.some((status) => status >= 500)
}

/** An error to throw in place of another, which becomes its cause: neither its message nor its stack shows that one. */
export function hideError(error: unknown): MemoryMiddlewareError {
  if (error instanceof MemoryMiddlewareError && error.code === 'MEMORY_FAILED') return error
  return new MemoryMiddlewareError(
    'The memory could not be used. The cause of this error says why.',
    'MEMORY_FAILED',
    { status: Math.max(500, ...statusesOf(error)), cause: error },
  )
}
