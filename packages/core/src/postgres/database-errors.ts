import { ScopedMemoryError } from '../errors.ts'
import { OpenTransactionError } from './pipelined-query.ts'

const SQLSTATE = /^[0-9A-Z]{5}$/
/** The server ends the connection: it stops, starts, fails over, or somebody ends this session. */
const ENDS_CONNECTION = /^57P0[1-5]$/
/** A server behind this one was asked, and was lost before it answered. PgBouncer has one code for all its errors. */
const LOST_BEHIND = /^08(?:00[67]|P01)$/
/** A server behind this one cannot be reached, or this one takes no more connections. */
const NOT_THERE = /^(?:08...|53300)$/
/** What PgBouncer says of a setting that it passes on to no server. */
const REFUSED_SETTING = /^unsupported startup parameter/
const READ_ONLY = '25006'
const IN_FAILED_TRANSACTION = '25P02'
const STALE_PREPARATION = /^(?:26000|0A000)$/
/** After these, what is wrong may be wrong with the connection itself. */
const SUSPICIOUS = /^(?:08|25|58|XX)/

/** Whether a connection can be used again after an error of a statement. */
export function keepsConnection(error: unknown): boolean {
  return isAboutStatement(error) && !SUSPICIOUS.test(codeOf(error))
}

/** Whether a prepared statement has to be prepared anew. Nothing was done then. */
export function isStalePreparation(error: unknown): boolean {
  return STALE_PREPARATION.test(codeOf(error))
}

/** Whether `pg` has stopped waiting, by the `query_timeout` of a pool, while the server may still work. */
export function isQueryTimeout(error: unknown): boolean {
  return error instanceof Error && error.message === 'Query read timeout'
}

/** The error for a caller, where nothing was sent: for the most part no connection was to be had. */
export function toConnectError(error: unknown): unknown {
  const code = codeOf(error)
  if (!(error instanceof Error) || REFUSED_SETTING.test(error.message)) return error
  if (SQLSTATE.test(code) && !ENDS_CONNECTION.test(code) && !NOT_THERE.test(code)) return error
  // Of the pool's `connectionTimeoutMillis`, while all connections are in use.
  return error.message === 'timeout exceeded when trying to connect'
    ? unavailable(
        'No connection to Postgres was free in time. Nothing was written. Where this is normal, open the memory with a ' +
          'larger poolSize.',
        error,
      )
    : cannotBeReached(error)
}

/**
 * The error for a caller, where statements were sent. What the database says of them stays as it is.
 *
 * @param writes whether they would have written something
 */
export function toStatementError(error: unknown, writes: boolean): unknown {
  const code = codeOf(error)
  if (error instanceof OpenTransactionError || code === IN_FAILED_TRANSACTION) {
    return unavailable(
      'A connection of the pool was in a transaction that other code had left open, so nothing was written. End ' +
        'transactions before a connection is released.',
      error,
    )
  }
  if (code === READ_ONLY) {
    return unavailable(
      'Postgres takes no writes on this connection (25006): it is a replica, or read-only for this role. Nothing was ' +
        'written. Later calls connect again; connect to the primary.',
      error,
    )
  }
  if (isAboutStatement(error) && !NOT_THERE.test(code)) return error
  if (writes && (!isAboutStatement(error) || LOST_BEHIND.test(code))) {
    return new ScopedMemoryError(
      'The connection to Postgres ended, or was waited for too long, before it said whether this was written. It was, as ' +
        'a whole, or it was not at all: look before you repeat it.',
      { code: 'OUTCOME_UNKNOWN', status: 503, cause: error },
    )
  }
  return cannotBeReached(error)
}

function isAboutStatement(error: unknown): boolean {
  const code = codeOf(error)
  return SQLSTATE.test(code) && !ENDS_CONNECTION.test(code)
}

function cannotBeReached(cause: unknown): ScopedMemoryError {
  const code = codeOf(cause)
  return unavailable(
    `Postgres cannot be reached${code === '' ? '' : ` (${code})`}. Nothing was written. Later calls connect again by ` +
      'themselves as soon as it can be.',
    cause,
  )
}

function unavailable(message: string, cause: unknown): ScopedMemoryError {
  return new ScopedMemoryError(message, { code: 'UNAVAILABLE', status: 503, cause })
}

/** The SQLSTATE of an error, or the name that the system has for it; empty where it has none. */
export function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { readonly code?: unknown }
  return typeof code === 'string' ? code : ''
}
