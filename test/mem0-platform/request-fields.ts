import { Refusal, refuse, refuseField } from './responses.ts'
import { isObject, momentOf } from './filters.ts'
import type { ApiRequest } from './router.ts'
import { DIMENSIONS, type Dimension, type Owners } from './store.ts'

/** Reading of request bodies and query strings, with the refusals the service gives. */

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
    throw refuseField(`${type}_id`, 'Not a valid string.')
  }
  return String(value)
}

export function optionalText(body: Body, field: string): string | undefined {
  const value = body[field]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') throw refuseField(field, 'Not a valid string.')
  if (value.trim() === '') throw refuseField(field, 'This field may not be blank.')
  return value
}

export function requiredText(body: Body, field: string): string {
  const value = optionalText(body, field)
  if (value === undefined) throw refuseField(field, 'This field is required.')
  return value
}

export function optionalObject(body: Body, field: string): Record<string, unknown> | undefined {
  const value = body[field]
  if (value === undefined || value === null) return undefined
  if (!isObject(value)) throw refuseField(field, 'Expected a dictionary of items.')
  return value
}

export function optionalTexts(body: Body, field: string): string[] | undefined {
  const value = body[field]
  if (value === undefined || value === null) return undefined
  if (!Array.isArray(value) || !value.every((one) => typeof one === 'string')) {
    throw refuseField(field, 'Expected a list of strings.')
  }
  return value
}

export function numberWithin(body: Body, field: string, low: number, high: number, fallback: number): number {
  const value = body[field]
  if (value === undefined || value === null) return fallback
  if (typeof value !== 'number' || Number.isNaN(value))
    throw refuseField(field, 'A valid number is required.')
  if (value < low) throw refuseField(field, `Ensure this value is greater than or equal to ${low}.`)
  if (value > high) throw refuseField(field, `Ensure this value is less than or equal to ${high}.`)
  return value
}

/** A day as YYYY-MM-DD, `null` to clear it, or nothing. */
export function optionalDay(body: Body, field: string): string | null | undefined {
  const value = body[field]
  if (value === undefined || value === null) return value
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value) || Number.isNaN(Date.parse(value))) {
    throw refuseField(field, 'Date has wrong format. Use one of these formats instead: YYYY-MM-DD.')
  }
  return value
}

/** A moment given in Unix seconds or as ISO text. */
export function optionalMoment(body: Body, field: string): Date | undefined {
  const value = body[field]
  if (value === undefined || value === null) return undefined
  const millis = momentOf(typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value)
  const moment = new Date(millis)
  if (Number.isNaN(moment.getTime())) throw refuseField(field, 'A valid date or Unix timestamp is required.')
  return moment
}

/** v3 searches and lists take entities inside `filters` and nowhere else. */
export function refuseTopLevelEntities(body: Body): void {
  const misplaced = DIMENSIONS.map((type) => `${type}_id`).filter((name) => name in body)
  if (misplaced.length > 0) {
    throw refuse(400, `Not supported at the top level: ${misplaced.join(', ')}. Pass it inside \`filters\`.`)
  }
}

const UUID = /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i

export function requireUuid(id: unknown): string {
  if (typeof id !== 'string' || !UUID.test(id)) throw refuse(400, 'memory_id should be a valid UUID')
  return id.toLowerCase()
}

export function isDimension(name: string | undefined): name is Dimension {
  return DIMENSIONS.includes(name as Dimension)
}

export interface Page<T> {
  readonly count: number
  readonly next: string | null
  readonly previous: string | null
  readonly results: T[]
}

export interface PageSize {
  readonly default: number
  readonly max: number
}

const USUAL_PAGE: PageSize = { default: 100, max: 200 }

/** One page of `all`; only its rows are rendered. Page and size come from the query, or else the body. */
export function paginate<T, R>(
  request: ApiRequest,
  all: readonly T[],
  render: (row: T) => R,
  size: PageSize = USUAL_PAGE,
): Page<R> {
  const asked = (name: string): unknown => request.query.get(name) ?? request.body[name]
  const pageSize = Math.min(positiveInteger(asked('page_size')) ?? size.default, size.max)
  const page = asked('page') === undefined ? 1 : positiveInteger(asked('page'))
  const pages = Math.max(1, Math.ceil(all.length / pageSize))
  if (page === undefined || page > pages) throw new Refusal(404, { detail: 'Invalid page.' })
  const link = (number: number): string => {
    const query = new URLSearchParams(request.query)
    if (number === 1) query.delete('page')
    else query.set('page', String(number))
    return `${request.location}${query.size > 0 ? `?${query}` : ''}`
  }
  return {
    count: all.length,
    next: page < pages ? link(page + 1) : null,
    previous: page > 1 ? link(page - 1) : null,
    results: all.slice((page - 1) * pageSize, page * pageSize).map(render),
  }
}

function positiveInteger(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number) && number > 0 ? number : undefined
}
