import { InvalidArgumentError } from '../errors.ts'
import type { FilterClause } from '../input/filters.ts'
import { isList, isObject, type Plain } from '../input/snapshot.ts'

/** The protocol counts them in two bytes. */
const MAX_VALUES = 65_535

/** Collects the values of a statement: what a caller wrote reaches SQL here and nowhere else. */
export class Parameters {
  readonly values: unknown[] = []

  /** The placeholder for a value, such as `$3`. @throws InvalidArgumentError for more values than a statement can have */
  add(value: unknown): string {
    if (this.values.length === MAX_VALUES) {
      throw new InvalidArgumentError(
        `The filter has more values than Postgres takes in one statement (${MAX_VALUES}). Ask in parts.`,
      )
    }
    return `$${this.values.push(value)}`
  }
}

/** A text that has the order of a number: "5", "-0.5", "1e3". Of limited length, so that no cast of it can fail. */
const NUMERIC_TEXT = /^[-+]?[0-9]{1,40}(\.[0-9]{1,40})?([eE][-+]?[0-9]{1,2})?$/

const COMPARISONS = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const

/**
 * The conditions of SQL that say what a filter says, over a column `payload` of the type `jsonb`.
 *
 * - A condition is true or false, never unknown. A field that is missing is null: it equals null alone and has no order,
 *   and `ne`, `nin` and `NOT` hold for it.
 * - Values are equal by their text, so that 5 and "5" are; two numbers by their value. A list or an object has the text
 *   that Postgres gives it: `["a", "b"]`.
 * - In an order, numbers and texts that are numbers compare as numbers. Otherwise two texts compare by code point, as ISO
 *   dates have to, and nothing else has an order.
 * - `contains` looks for a part of the text, `icontains` in any case of any script: "STRASSE" is in "Straße".
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
  // The name of a field is not null, and Postgres refuses a parameter that nothing uses.
  const never = `${name} IS NULL`

  const equals = (operand: Plain): string => {
    if (operand === null) return `(${text}) IS NULL`
    const scalar = operand as Exclude<Plain, object>
    const isSame = `${text} = ${parameters.add(String(scalar))}::text`
    if (typeof operand !== 'number') return decided(isSame)
    // 1.50 is stored as it was written, and 1e21 in digits.
    return decided(
      `CASE ${type} WHEN 'number' THEN (${text})::numeric = ${parameters.add(String(operand))}::numeric ELSE ${isSame} END`,
    )
  }
  const isIn = (operands: readonly Plain[]): string =>
    `(${operands.length === 0 ? never : operands.map(equals).join(' OR ')})`
  const compares = (comparison: string, operand: Plain): string => {
    if (typeof operand !== 'number' && typeof operand !== 'string') return never
    const operandText = `${parameters.add(String(operand))}::text`
    const cases: string[] = []
    if (typeof operand === 'number' || NUMERIC_TEXT.test(operand)) {
      const isNumeric = `(${type} = 'number' OR ${type} = 'string' AND ${text} ~ ${parameters.add(NUMERIC_TEXT.source)}::text)`
      cases.push(`WHEN ${isNumeric} THEN (${text})::numeric ${comparison} ${operandText}::numeric`)
    }
    if (typeof operand === 'string') {
      cases.push(
        `WHEN ${type} = 'string' THEN (${text}) COLLATE "C" ${comparison} ${operandText} COLLATE "C"`,
      )
    }
    return decided(`CASE ${cases.join(' ')} END`)
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
        // In lower case a sigma depends on what follows it.
        return decided(
          `strpos(upper((${text}) COLLATE "und-x-icu"), upper(${parameters.add(operand)}::text COLLATE "und-x-icu")) > 0`,
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
