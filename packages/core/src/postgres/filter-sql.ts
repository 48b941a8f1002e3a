import type { FilterClause } from '../input/filters.ts'
import { isList, isObject, type Plain } from '../input/snapshot.ts'

/** Collects the values of a statement: what a caller wrote reaches SQL here and nowhere else. */
export class Parameters {
  readonly values: unknown[] = []

  /** The placeholder for a value, such as `$3`. */
  add(value: unknown): string {
    return `$${this.values.push(value)}`
  }
}

/** A text that is compared as a number: 5, "-0.5", "1e3". Of limited length, so that no cast of it can fail. */
export const NUMERIC = /^[-+]?[0-9]{1,40}(\.[0-9]{1,40})?([eE][-+]?[0-9]{1,2})?$/

const COMPARISONS = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const

/**
 * The conditions of SQL that say what a filter says, over a column `payload` of the type `jsonb`.
 *
 * A condition is true or false, never unknown: a field that is missing is null, is not equal to anything else and has no
 * order. Values are compared by their text, so that 5 and "5" are equal; in an order, numbers and texts that are numbers
 * compare as numbers, other texts by code point, and nothing else compares.
 */
export function filterConditions(filter: readonly FilterClause[], parameters: Parameters): string[] {
  return filter.map((clause) => {
    if (clause.kind === 'field') return fieldCondition(clause.key, clause.condition, parameters)
    const of = clause.of.map((branch) => `(${allOf(filterConditions(branch, parameters))})`).join(' OR ')
    return clause.kind === 'OR' ? `(${of})` : `NOT (${of})`
  })
}

function allOf(conditions: readonly string[]): string {
  return conditions.length === 0 ? 'true' : conditions.join(' AND ')
}

function fieldCondition(key: string, condition: Plain, parameters: Parameters): string {
  const name = `${parameters.add(key)}::text`
  const text = `payload ->> ${name}`
  const type = `jsonb_typeof(payload -> ${name})`

  const equals = (operand: Plain): string => {
    if (operand === null) return `(${text}) IS NULL`
    const isSame = `${text} = ${parameters.add(String(operand))}::text`
    // 1.50 is stored as it was written.
    return typeof operand === 'number' && NUMERIC.test(String(operand))
      ? decided(
          `CASE ${type} WHEN 'number' THEN (${text})::numeric = ${parameters.add(String(operand))}::numeric ELSE ${isSame} END`,
        )
      : decided(isSame)
  }
  const isIn = (operands: readonly Plain[]): string =>
    `(${operands.length === 0 ? 'false' : operands.map(equals).join(' OR ')})`
  const compares = (comparison: string, operand: Plain): string => {
    if (typeof operand !== 'number' && typeof operand !== 'string') return 'false'
    const asText =
      typeof operand === 'string'
        ? ` WHEN ${type} = 'string' THEN (${text}) COLLATE "C" ${comparison} ${parameters.add(operand)}::text COLLATE "C"`
        : ''
    const asNumber = NUMERIC.test(String(operand))
      ? ` WHEN ${type} IN ('number', 'string') AND ${text} ~ ${parameters.add(NUMERIC.source)}::text THEN (${text})::numeric ${comparison} ${parameters.add(String(operand))}::numeric`
      : ''
    return asNumber + asText === '' ? 'false' : decided(`CASE${asNumber}${asText} END`)
  }
  const applies = (operator: string, operand: Plain): string => {
    switch (operator) {
      case 'eq':
        return equals(operand)
      case 'ne':
        return `NOT ${equals(operand)}`
      case 'in':
        return isIn(operand as readonly Plain[])
      case 'nin':
        return `NOT ${isIn(operand as readonly Plain[])}`
      case 'contains':
        return decided(`strpos(${text}, ${parameters.add(operand)}::text) > 0`)
      case 'icontains':
        return decided(
          `strpos(lower((${text}) COLLATE "und-x-icu"), lower(${parameters.add(operand)}::text COLLATE "und-x-icu")) > 0`,
        )
      case 'gt':
      case 'gte':
      case 'lt':
      case 'lte':
        return compares(COMPARISONS[operator], operand)
      default:
        throw new Error(`Unsupported filter operator: ${operator}`)
    }
  }

  if (condition === '*') return `(${text}) IS NOT NULL`
  if (isList(condition)) return isIn(condition)
  if (!isObject(condition)) return equals(condition)
  return `(${allOf(Object.entries(condition).map(([operator, operand]) => applies(operator, operand)))})`
}

/** False where SQL does not know. */
function decided(condition: string): string {
  return `coalesce(${condition}, false)`
}
