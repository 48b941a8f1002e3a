import { isObject, momentOf } from './filters.ts'
import { fieldError, plainError } from './responses.ts'
import type { ApiRequest } from './router.ts'
import { DIMENSIONS, type Dimension, type Owners } from './store.ts'

/** Readers of the fields of a request body, with the errors that the service gives. */

type Body = ApiRequest['body']

const isPresent = (value: unknown): boolean => value !== undefined && value !== null && value !== ''

export function ownersIn(body: Body): Owners {
  return {
    userId: entityName(body, 'user'),
    agentId: entityName(body, 'agent'),
    appId: entityName(body, 'app'),
    runId: entityName(body, 'run'),
  }
}

function entityName(body: Body, type: Dimension): string | null {
  const value = body[`${type}_id`]
  if (!isPresent(value)) return null
  if (typeof value !== 'string' && typeof value !== 'number') {
    throw fieldError(`${type}_id`, 'Not a valid string.')
  }
  return String(value)
}

export function optionalText(body: Body, field: string): string | undefined {
  const value = body[field]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') throw fieldError(field, 'Not a valid string.')
  if (value.trim() === '') throw fieldError(field, 'This field may not be blank.')
  return value
}

export function requiredText(body: Body, field: string): string {
  const value = optionalText(body, field)
  if (value === undefined) throw fieldError(field, 'This field is required.')
  return value
}

export function optionalObject(body: Body, field: string): Record<string, unknown> | undefined {
  const value = body[field]
  if (value === undefined || value === null) return undefined
  if (!isObject(value)) throw fieldError(field, 'Expected a dictionary of items.')
  return value
}

export function optionalTexts(body: Body, field: string): string[] | undefined {
  const value = body[field]
  if (value === undefined || value === null) return undefined
  if (!Array.isArray(value) || !value.every((one) => typeof one === 'string')) {
    throw fieldError(field, 'Expected a list of strings.')
  }
  return value
}

export function numberWithin(body: Body, field: string, low: number, high: number, fallback: number): number {
  const value = body[field]
  if (value === undefined || value === null) return fallback
  if (typeof value !== 'number' || Number.isNaN(value)) throw fieldError(field, 'A valid number is required.')
  if (value < low) throw fieldError(field, `Ensure this value is greater than or equal to ${low}.`)
  if (value > high) throw fieldError(field, `Ensure this value is less than or equal to ${high}.`)
  return value
}

/** A day as YYYY-MM-DD, `null` to clear it, or `undefined`. */
export function optionalDay(body: Body, field: string): string | null | undefined {
  const value = body[field]
  if (value === undefined || value === null) return value
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value) || Number.isNaN(Date.parse(value))) {
    throw fieldError(field, 'Date has wrong format. Use one of these formats instead: YYYY-MM-DD.')
  }
  return value
}

/** A moment, given in Unix seconds or as ISO text. */
export function optionalMoment(body: Body, field: string): Date | undefined {
  const value = body[field]
  if (value === undefined || value === null) return undefined
  const millis = momentOf(typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value)
  const moment = new Date(millis)
  if (Number.isNaN(moment.getTime())) throw fieldError(field, 'A valid date or Unix timestamp is required.')
  return moment
}

/** v3 searches and lists take entities only inside `filters`. */
export function refuseTopLevelEntities(body: Body): void {
  const misplaced = DIMENSIONS.map((type) => `${type}_id`).filter((name) => name in body)
  if (misplaced.length > 0) {
    throw plainError(
      400,
      `Not supported at the top level: ${misplaced.join(', ')}. Pass it inside \`filters\`.`,
    )
  }
}

const UUID = /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i

export function requireUuid(id: unknown): string {
  if (typeof id !== 'string' || !UUID.test(id)) throw plainError(400, 'memory_id should be a valid UUID')
  return id.toLowerCase()
}

export function isDimension(name: string | undefined): name is Dimension {
  return DIMENSIONS.includes(name as Dimension)
}
