import { InvalidArgumentError, ScopeEscapeError } from '../errors.ts'
import type { EngineName } from '../types.ts'
import { refuseRebinding, DIMENSIONS, namesTenant, normalizeKey, type Scope } from './scope.ts'
import { isList, isObject, kindOf, snapshotObject, type Plain, type PlainObject } from './snapshot.ts'

/** One condition of a filter. A list of clauses holds when each of them does. */
export type FilterClause =
  | { readonly kind: 'field'; readonly key: string; readonly condition: Plain }
  | { readonly kind: 'OR' | 'NOT'; readonly of: readonly (readonly FilterClause[])[]; readonly list: boolean }

const OPERATORS = new Set(['eq', 'ne', 'in', 'nin', 'gt', 'gte', 'lt', 'lte', 'contains', 'icontains'])
const LIST_OPERATORS = new Set(['in', 'nin'])
const TEXT_OPERATORS = new Set(['contains', 'icontains'])
// Some stores paste the key into a query, where a key that is not a name could be syntax.
const FIELD_NAME = /^[A-Za-z_][A-Za-z0-9_.]*$/

/**
 * Reads a caller's filter into clauses that can only narrow. The user is not among them: the engine writes it.
 *
 * A caller may filter any field but the user, by a value, a list or operators, joined by `AND`, `OR` and `NOT`. The bound
 * user and bound dimensions may be repeated at the top and directly under `AND`, as mem0's documentation writes them; they
 * are left out here.
 *
 * @param userId the user as the caller knows it
 * @throws ScopeEscapeError when it names another user, or another value of a bound dimension
 * @throws InvalidArgumentError for keys, operators and values that the back end does not take
 */
export function parseFilter(
  filter: unknown,
  scope: Scope,
  userId: string,
  engine: EngineName,
): FilterClause[] {
  const refuse = (problem: string): InvalidArgumentError => new InvalidArgumentError(`filters: ${problem}`)

  const conjunction = (condition: PlainObject, atTop: boolean): FilterClause[] =>
    Object.entries(condition).flatMap(([key, value]) => clauses(key, value, atTop))

  const clauses = (key: string, value: Plain, atTop: boolean): FilterClause[] => {
    if (key === 'AND') {
      return objects(key, isList(value) ? value : [value]).flatMap((item) => conjunction(item, atTop))
    }
    if (key === 'OR' || key === 'NOT') {
      const list = isList(value)
      if (key === 'OR' && !list)
        throw refuse('OR takes a list of conditions, for example { OR: [{ a: 1 }, { b: 2 }] }.')
      const of = objects(key, list ? value : [value]).map((item) => conjunction(item, false))
      if (of.length === 0 || of.some((item) => item.length === 0)) {
        throw refuse(`${key} holds an empty condition. Name at least one field in each.`)
      }
      return [{ kind: key, of, list }]
    }
    if (repeatsScope(key, value, atTop)) return []
    return [{ kind: 'field', key: fieldName(key), condition: fieldCondition(key, value) }]
  }

  const objects = (key: string, items: readonly Plain[]): PlainObject[] =>
    items.map((item) => {
      if (!isObject(item)) throw refuse(`${key} takes conditions as object literals, not ${kindOf(item)}.`)
      return item
    })

  const repeatsScope = (key: string, value: Plain, atTop: boolean): boolean => {
    const plainKey = normalizeKey(key)
    if (plainKey === 'userid') {
      if (atTop && key === 'user_id' && namesId(value, userId)) return true
      throw new ScopeEscapeError(
        `filters cannot choose a user ("${key}"): this handle is bound to one, and only that one is searched. Remove it.`,
      )
    }
    for (const [dimension, wireName] of DIMENSIONS) {
      if (plainKey !== normalizeKey(wireName)) continue
      if (key !== wireName) throw refuse(`"${key}" is not a field. Write "${wireName}".`)
      if (scope[dimension] === undefined) return false
      if (atTop && value === '*') return true
      if (!atTop)
        throw new ScopeEscapeError(
          `filters: ${wireName} is bound on this handle and cannot stand under OR or NOT.`,
        )
      if (!namesId(value, scope[dimension])) refuseRebinding(scope, dimension, value, 'filters')
      return true
    }
    return false
  }

  // A plain value, `eq` or `in`: the forms in which mem0's documentation writes an id.
  const namesId = (value: Plain, id: string): boolean => {
    if (!isObject(value)) return value === id
    const operators = Object.keys(value)
    if (operators.length !== 1) return false
    const { eq, in: list } = value
    return eq === id || (isList(list) && list.length === 1 && list[0] === id)
  }

  const fieldName = (key: string): string => {
    // mem0ai/oss looks names up in a plain object, and would write to what every object inherits.
    if (!FIELD_NAME.test(key) || key in Object.prototype) {
      throw refuse(
        `${JSON.stringify(key.slice(0, 64))} is not a field name. Use letters, digits, "_" and ".", and AND, OR, NOT to join.`,
      )
    }
    if (engine === 'hosted' && namesTenant(key)) {
      throw new ScopeEscapeError(
        `filters cannot choose an organisation or a project ("${key}"): the client's API key does.`,
      )
    }
    return key
  }

  const fieldCondition = (key: string, value: Plain): Plain => {
    // mem0ai/oss trims what it is given as an agent or a run and makes a string of it: only what it leaves alone is that id.
    if (engine === 'self-hosted' && (key === 'agent_id' || key === 'run_id')) {
      if (typeof value === 'string' && value !== '' && !/\s/.test(value)) return value
      throw refuse(`a self-hosted back end takes "${key}" as a non-empty string without whitespace.`)
    }
    if (isList(value)) return value.map((item) => scalar(key, item))
    if (!isObject(value)) return value
    if (engine === 'hosted' && key === 'metadata') return metadataCondition(value)
    const entries = Object.entries(value)
    if (entries.length === 0) throw refuse(`"${key}" holds an empty condition.`)
    for (const [operator, operand] of entries) {
      if (!OPERATORS.has(operator)) {
        throw refuse(
          `"${key}" holds ${JSON.stringify(operator.slice(0, 64))}, which is not an operator. Use ${[...OPERATORS].join(', ')}` +
            (engine === 'self-hosted'
              ? ', and filter by metadata with its own keys: { category: "food" }.'
              : '.'),
        )
      }
      if (LIST_OPERATORS.has(operator) !== isList(operand)) {
        throw refuse(
          `"${operator}" on "${key}" takes ${LIST_OPERATORS.has(operator) ? 'a list' : 'one value'}.`,
        )
      }
      if (TEXT_OPERATORS.has(operator) && typeof operand !== 'string') {
        throw refuse(`"${operator}" on "${key}" takes a string.`)
      }
      if (isList(operand)) for (const item of operand) scalar(key, item)
      else scalar(key, operand)
    }
    return value
  }

  const scalar = (key: string, value: Plain): Plain => {
    if (typeof value === 'object' && value !== null) {
      throw refuse(`"${key}" compares with strings, numbers, booleans and null only.`)
    }
    return value
  }

  const metadataCondition = (value: PlainObject): PlainObject => {
    const check = (item: Plain): void => {
      if (isList(item)) item.forEach(check)
      else if (isObject(item)) {
        for (const [key, inner] of Object.entries(item)) {
          if (key.startsWith('$'))
            throw refuse(`metadata holds ${JSON.stringify(key.slice(0, 64))}; operators have no "$".`)
          if (normalizeKey(key) === 'userid')
            throw new ScopeEscapeError(`filters.metadata cannot choose a user ("${key}"). Remove it.`)
          check(inner)
        }
      }
    }
    check(value)
    return value
  }

  return conjunction(snapshotObject(filter, 'filters'), true)
}
