import { ScopedMemoryError } from '../errors.ts'

/** A row of a response, as it was received. */
export type Row = Record<string, unknown>

/** What a row itself holds under a name, and not what every object of a process inherits from a polluted prototype. */
export function ownValue(row: Row, name: string): unknown {
  return own(row, name, row[name])
}

/** The same for a value that was read already. */
export function own(row: Row, name: string, value: unknown): unknown {
  return value !== undefined && Object.hasOwn(row, name) ? value : undefined
}

/**
 * The rows of a response that is a list, or an object with a list under `results`.
 *
 * @throws ScopedMemoryError `BAD_RESPONSE` (status 502) for any other response
 */
export function rowsOf(answer: unknown, operation: string): Row[] {
  const rows = Array.isArray(answer) ? answer : isRow(answer) ? ownValue(answer, 'results') : undefined
  if (!Array.isArray(rows) || !rows.every(isRow)) throw badResponse(operation)
  return rows
}

/** Whether a value is an object that can be read as a row. */
export function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The error for a response that the operation cannot have. */
export function badResponse(operation: string): ScopedMemoryError {
  return new ScopedMemoryError(
    `${operation}() got a response from the back end that is not a list of records. Check the host the client points to and its version of the API.`,
    { code: 'BAD_RESPONSE', status: 502 },
  )
}
