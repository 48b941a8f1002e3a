import type { Payload } from './payload.ts'

/** Whether a payload matches a filter, as the vector stores of mem0ai/oss evaluate it. */
export function matchesFilter(payload: Payload, filter: object): boolean {
  return Object.entries(filter).every(([key, condition]: [string, unknown]) => {
    switch (key) {
      case 'AND':
      case '$and':
        return clausesOf(key, condition).every((part) => matchesFilter(payload, part))
      case 'OR':
      case '$or':
        return clausesOf(key, condition).some((part) => matchesFilter(payload, part))
      case 'NOT':
      case '$not':
        return !clausesOf(key, condition).some((part) => matchesFilter(payload, part))
      default:
        return matchesField(Object.hasOwn(payload, key) ? payload[key] : undefined, condition)
    }
  })
}

/** A filter as mem0ai/oss passes it to a store for a search: clauses under `AND` overwrite the keys beside it. */
export function searchFilter(filter: object): object {
  const { AND, ...siblings } = filter as { AND?: unknown }
  return AND === undefined ? siblings : (Object.assign(siblings, ...clausesOf('AND', AND)) as object)
}

function clausesOf(key: string, value: unknown): object[] {
  if (!Array.isArray(value)) throw new Error(`${key} operator requires a list of conditions`)
  return value as object[]
}

function matchesField(stored: unknown, condition: unknown): boolean {
  if (condition === '*') return true
  if (Array.isArray(condition)) return condition.includes(stored)
  if (typeof condition !== 'object' || condition === null) return stored === condition
  return Object.entries(condition).every(([operator, operand]) => matchesOperator(operator, stored, operand))
}

function matchesOperator(operator: string, stored: unknown, operand: unknown): boolean {
  switch (operator) {
    case 'eq':
      return stored === operand
    case 'ne':
      return stored !== operand
    case 'in':
      return Array.isArray(operand) && operand.includes(stored)
    case 'nin':
      return !Array.isArray(operand) || !operand.includes(stored)
    case 'gt':
      return compare(stored, operand) > 0
    case 'gte':
      return compare(stored, operand) >= 0
    case 'lt':
      return compare(stored, operand) < 0
    case 'lte':
      return compare(stored, operand) <= 0
    case 'contains':
      return typeof stored === 'string' && stored.includes(String(operand))
    case 'icontains':
      return typeof stored === 'string' && stored.toLowerCase().includes(String(operand).toLowerCase())
    default:
      throw new Error(`Unsupported metadata filter operator: ${operator}`)
  }
}

// NaN, which is neither greater nor less, for values that have no order.
function compare(one: unknown, other: unknown): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other
  if (typeof one === 'string' && typeof other === 'string') return one < other ? -1 : one > other ? 1 : 0
  return NaN
}
