/** What a memory is stored as: its text, its owner and its metadata side by side, as mem0ai/oss stores it. */
export type Payload = Readonly<Record<string, unknown>>

const NO_METADATA = new Set(['user_id', 'agent_id', 'run_id', 'hash', 'data', 'createdAt', 'updatedAt'])
const IDENTITY = new Set(['user_id', 'agent_id', 'run_id', 'userId', 'agentId', 'runId', 'actor_id'])

/** A row of an answer. */
export function rowOf(id: string, payload: Payload, more: object = {}): Record<string, unknown> {
  const { user_id, agent_id, run_id, data, hash, createdAt, updatedAt } = payload
  return {
    id,
    memory: data,
    hash,
    createdAt,
    updatedAt,
    ...more,
    metadata: Object.fromEntries(Object.entries(payload).filter(([key]) => !NO_METADATA.has(key))),
    ...(user_id !== undefined && { user_id }),
    ...(agent_id !== undefined && { agent_id }),
    ...(run_id !== undefined && { run_id }),
  }
}

/** Metadata as it is stored: a copy by way of JSON, without what would name an owner. */
export function storedMetadata(metadata: object | undefined): Record<string, unknown> {
  const copy = JSON.parse(JSON.stringify(metadata ?? {})) as object
  return Object.fromEntries(Object.entries(copy).filter(([key]) => !IDENTITY.has(key)))
}

/** Whether the last day on which a memory is found has passed, in UTC. */
export function isExpired({ expiration_date: lastDay }: Payload): boolean {
  return typeof lastDay === 'string' && lastDay < new Date().toISOString().slice(0, 10)
}

/** Whether a payload satisfies a filter as a vector store of mem0ai/oss evaluates it. */
export function matches(payload: Payload, filter: object): boolean {
  return Object.entries(filter).every(([key, condition]: [string, unknown]) => {
    switch (key) {
      case 'AND':
      case '$and':
        return conditions(key, condition).every((part) => matches(payload, part))
      case 'OR':
      case '$or':
        return conditions(key, condition).some((part) => matches(payload, part))
      case 'NOT':
      case '$not':
        return !conditions(key, condition).some((part) => matches(payload, part))
      default:
        return matchesField(Object.hasOwn(payload, key) ? payload[key] : undefined, condition)
    }
  })
}

/**
 * A filter as mem0ai/oss hands it to a store when it searches: what stands under `AND` is written over what stands
 * beside it.
 */
export function searchFilter(filter: object): object {
  const { AND, ...beside } = filter as { AND?: unknown }
  return AND === undefined ? beside : (Object.assign(beside, ...conditions('AND', AND)) as object)
}

function conditions(key: string, value: unknown): object[] {
  if (!Array.isArray(value)) throw new Error(`${key} operator requires a list of conditions`)
  return value as object[]
}

function matchesField(stored: unknown, condition: unknown): boolean {
  if (condition === '*') return true
  if (Array.isArray(condition)) return condition.includes(stored)
  if (typeof condition !== 'object' || condition === null) return stored === condition
  return Object.entries(condition).every(([operator, operand]) => holds(operator, stored, operand))
}

function holds(operator: string, stored: unknown, operand: unknown): boolean {
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
      return order(stored, operand) > 0
    case 'gte':
      return order(stored, operand) >= 0
    case 'lt':
      return order(stored, operand) < 0
    case 'lte':
      return order(stored, operand) <= 0
    case 'contains':
      return typeof stored === 'string' && stored.includes(String(operand))
    case 'icontains':
      return typeof stored === 'string' && stored.toLowerCase().includes(String(operand).toLowerCase())
    default:
      throw new Error(`Unsupported metadata filter operator: ${operator}`)
  }
}

// NaN, which is neither more nor less, for what has no order.
function order(one: unknown, other: unknown): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other
  if (typeof one === 'string' && typeof other === 'string') return one < other ? -1 : one > other ? 1 : 0
  return NaN
}
