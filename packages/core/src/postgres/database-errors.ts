import { ScopedMemoryError } from '../errors.ts'

const SQLSTATE = /^[0-9A-Z]{5}$/
/** The server ends the connection: it stops, starts, fails over, or somebody ends this session. */
const ENDS_CONNECTION = /^57P0[1-5]$/
/** A server behind this one was asked, and was lost before it answered. PgBouncer has one code for all its errors. */
const LOST_BEHIND = /^08(?:00[67]|P01)$/
/** A server behind this one cannot be reached, or this one takes no more connections or no writes. */
const NOT_THERE = /^(?:08...|53300|25006)$/
/** What PgBouncer says of a setting that it passes on to no server. */
const REFUSED_SETTING = /^unsupported startup parameter/
const STALE_PREPARATION = /^(?:26000|0A000)$/
/** After these, what is wrong may be wrong with the connection itself. */
const SUSPICIOUS = /^(?:25|58|XX)/

/** Whether a connection can be used again after an error of a statement. */
export function keepsConnection(error: unknown): boolean {
  return isAboutStatement(error) && !SUSPICIOUS.test(codeOf(error))
}

/** Whether a prepared statement has to be prepared anew. Nothing was done then. */
export function isStalePreparation(error: unknown): boolean {
  return STALE_PREPARATION.test(codeOf(error))
}

/** The error for a caller, where no connection was to be had. Nothing was sent. */
export function toConnectError(error: unknown): unknown {
  const code = codeOf(error)
  if (!(error instanceof Error)) return error
  const isPassing = !SQLSTATE.test(code) || ENDS_CONNECTION.test(code) || NOT_THERE.test(code)
  return isPassing && !REFUSED_SETTING.test(error.message) ? unavailable(error) : error
}

/**
 * The error for a caller, where statements were sent. What the database says of them stays as it is.
 *
 * @param writes whether they would have written something
 */
export function toStatementError(error: unknown, writes: boolean): unknown {
  const code = codeOf(error)
  if (isAboutStatement(error) && !NOT_THERE.test(code)) return error
  if (writes && (!isAboutStatement(error) || LOST_BEHIND.test(code))) {
    return new ScopedMemoryError(
      'The connection to Postgres ended before it said whether this was written. It was, as a whole, or it was not at ' +
        'all: look before you repeat it.',
      { code: 'OUTCOME_UNKNOWN', status: 503, cause: error },
    )
  }
  return unavailable(error)
}

function isAboutStatement(error: unknown): boolean {
  const code = codeOf(error)
  return SQLSTATE.test(code) && !ENDS_CONNECTION.test(code)
}

function unavailable(cause: unknown): ScopedMemoryError {
  const code = codeOf(cause)
  return new ScopedMemoryError(
    `Postgres cannot be reached${code === '' ? '' : ` (${code})`}. Nothing was written. Later calls connect again by ` +
      'themselves as soon as it can be.',
    { code: 'UNAVAILABLE', status: 503, cause },
  )
}

function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { readonly code?: unknown }
  return typeof code === 'string' ? code : ''
}
