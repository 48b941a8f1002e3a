import { plainError } from './responses.ts'
import { DIMENSIONS, type Dimension, type Memory, type Store } from './store.ts'

export type Filters = Record<string, unknown>
type Predicate = (memory: Memory) => boolean
type Test = (value: unknown) => boolean

const dimensionOf = new Map<string, Dimension>(DIMENSIONS.map((type) => [`${type}_id`, type]))

const fields: Record<string, (memory: Memory) => unknown> = {
  user_id: (memory) => memory.userId,
  agent_id: (memory) => memory.agentId,
  app_id: (memory) => memory.appId,
  run_id: (memory) => memory.runId,
  memory_ids: (memory) => memory.id,
  categories: (memory) => memory.categories,
  keywords: (memory) => memory.text,
  created_at: (memory) => memory.createdAt,
  updated_at: (memory) => memory.updatedAt,
  expiration_date: (memory) => memory.expirationDate,
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * The memories that a v3 filter selects.
 *
 * All keys of an object are required, with one documented exception: an `OR` beside an `AND` is not evaluated. A name that
 * is not a field of a memory is a key of its metadata.
 *
 * @throws ApiError 400 when the filter is empty or malformed, or names no entity except by exclusion
 */
export function select(store: Store, filters: unknown): Memory[] {
  if (!isObject(filters) || Object.keys(filters).length === 0) {
    throw plainError(400, 'Filters are required and cannot be empty.')
  }
  const effective = withoutDroppedOr(filters)
  const matches = matcher(effective)
  if (!namesEntity(effective)) {
    throw plainError(
      400,
      'One of the filters: app_id, user_id, agent_id, run_id is required! Name it inside `filters`.',
    )
  }
  const selected: Memory[] = []
  for (const memory of candidates(store, effective)) if (matches(memory)) selected.push(memory)
  return selected
}

function withoutDroppedOr(filters: Filters): Filters {
  if (!('AND' in filters && 'OR' in filters)) return filters
  const { OR: _dropped, ...evaluated } = filters
  return evaluated
}

/** A predicate for a filter, which need not name an entity. */
export function matcher(filters: Filters): Predicate {
  const clauses = Object.entries(withoutDroppedOr(filters)).map(([key, value]) => compileClause(key, value))
  return (memory) => clauses.every((clause) => clause(memory))
}

function compileClause(key: string, value: unknown): Predicate {
  if (key === 'AND' || key === 'OR') {
    const parts = branches(key, value).map(matcher)
    return key === 'AND'
      ? (memory) => parts.every((part) => part(memory))
      : (memory) => parts.some((part) => part(memory))
  }
  if (key === 'NOT') {
    const parts = (isObject(value) ? [value] : branches(key, value)).map(matcher)
    return (memory) => !parts.some((part) => part(memory))
  }
  if (key === 'metadata') {
    if (!isObject(value)) throw plainError(400, 'The filter on metadata must be an object.')
    const tests = Object.entries(value).map(([name, wanted]) => metadataClause(name, wanted))
    return (memory) => tests.every((test) => test(memory))
  }
  const read = Object.hasOwn(fields, key) ? fields[key] : undefined
  if (!read) return metadataClause(key, value)
  const test = compileTest(key === 'keywords' && typeof value === 'string' ? { icontains: value } : value)
  return (memory) => test(read(memory))
}

function metadataClause(name: string, wanted: unknown): Predicate {
  const test = compileTest(wanted)
  return (memory) => test(Object.hasOwn(memory.metadata, name) ? memory.metadata[name] : null)
}

function branches(key: string, value: unknown): Filters[] {
  if (Array.isArray(value) && value.every(isObject)) return value
  throw plainError(400, `${key} must be a list of filters.`)
}

function compileTest(wanted: unknown): Test {
  if (wanted === '*') return (value) => value !== null && value !== undefined
  if (Array.isArray(wanted)) return isAnyOf(wanted)
  if (!isObject(wanted)) return (value) => anyElement(value, (element) => equal(element, wanted))
  const tests = Object.entries(wanted).map(([operator, operand]) => compileOperator(operator, operand))
  return (value) => tests.every((test) => test(value))
}

function compileOperator(operator: string, operand: unknown): Test {
  switch (operator) {
    case 'in':
      if (!Array.isArray(operand)) throw plainError(400, 'The operator in takes a list.')
      return isAnyOf(operand)
    case 'ne':
      return (value) => !anyElement(value, (element) => equal(element, operand))
    case 'contains':
      return (value) => anyElement(value, (element) => String(element ?? '').includes(String(operand)))
    case 'icontains': {
      const wanted = String(operand).toLowerCase()
      return (value) =>
        anyElement(value, (element) =>
          String(element ?? '')
            .toLowerCase()
            .includes(wanted),
        )
    }
    case 'gt':
      return (value) => compare(value, operand) > 0
    case 'gte':
      return (value) => compare(value, operand) >= 0
    case 'lt':
      return (value) => compare(value, operand) < 0
    case 'lte':
      return (value) => compare(value, operand) <= 0
    default:
      throw plainError(400, `Unsupported filter operator: ${operator}`)
  }
}

const isAnyOf =
  (wanted: readonly unknown[]): Test =>
  (value) =>
    anyElement(value, (element) => wanted.some((one) => equal(element, one)))

const anyElement = (value: unknown, test: Test): boolean =>
  Array.isArray(value) ? value.some(test) : test(value)

function equal(value: unknown, wanted: unknown): boolean {
  if (value instanceof Date) return compare(value, wanted) === 0
  if (typeof value === 'string' && typeof wanted === 'number') return value === String(wanted)
  if (isObject(value) || Array.isArray(value)) return JSON.stringify(value) === JSON.stringify(wanted)
  return (value ?? null) === wanted
}

/** Negative, zero or positive, like a comparator; NaN, which no range accepts, for values without an order. */
function compare(value: unknown, bound: unknown): number {
  if (value instanceof Date) return value.getTime() - momentOf(bound)
  if (typeof value === 'number' && typeof bound === 'number') return value - bound
  if (typeof value === 'string' && typeof bound === 'string')
    return value < bound ? -1 : value > bound ? 1 : 0
  return Number.NaN
}

/** Milliseconds of a date, given as ISO text or in Unix seconds. */
export const momentOf = (date: unknown): number =>
  typeof date === 'number' ? date * 1000 : typeof date === 'string' ? Date.parse(date) : Number.NaN

/** Whether a clause outside any NOT names an entity; excluding one is not enough. */
function namesEntity(filters: Filters): boolean {
  return Object.entries(withoutDroppedOr(filters)).some(([key, value]) => {
    if (key === 'AND' || key === 'OR') return branches(key, value).some(namesEntity)
    return dimensionOf.has(key) && namesSome(value)
  })
}

function namesSome(value: unknown): boolean {
  if (isObject(value))
    return 'in' in value ? namesSome(value.in) : 'contains' in value || 'icontains' in value
  if (Array.isArray(value)) return value.length > 0
  return value !== null && value !== ''
}

/** Every entity that a filter names, at any depth. */
export function entitiesIn(filters: Filters): string[] {
  return Object.entries(filters)
    .flatMap(([key, value]) => {
      if (dimensionOf.has(key)) return [`${key}=${JSON.stringify(value)}`]
      if (Array.isArray(value)) return value.filter(isObject).flatMap(entitiesIn)
      return []
    })
    .sort()
}

/** A superset of the matches: the rows of an entity that every match must belong to, or else all rows. */
function candidates(store: Store, filters: Filters): Iterable<Memory> {
  return requiredEntityRows(store, filters) ?? store.all()
}

function requiredEntityRows(store: Store, filters: Filters): ReadonlySet<Memory> | undefined {
  for (const [key, value] of Object.entries(filters)) {
    const type = dimensionOf.get(key)
    if (type && typeof value === 'string' && value !== '*') return store.ofEntity(type, value)
    if (key !== 'AND') continue
    for (const part of branches(key, value)) {
      const rows = requiredEntityRows(store, withoutDroppedOr(part))
      if (rows) return rows
    }
  }
  return undefined
}
