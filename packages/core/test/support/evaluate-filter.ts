import type { Plain, PlainObject } from '../../src/input/snapshot.ts'

const NUMBER = /^[-+]?[0-9]{1,40}(\.[0-9]{1,40})?([eE][-+]?[0-9]{1,2})?$/

/** Whether a filter holds for the payload of a memory: what the engine on Postgres has to answer, said in JavaScript. */
export function holds(filter: PlainObject, payload: PlainObject): boolean {
  return Object.entries(filter).every(([key, condition]) => {
    if (key === 'AND') return listOf(condition).every((branch) => holds(branch, payload))
    if (key === 'OR') return listOf(condition).some((branch) => holds(branch, payload))
    if (key === 'NOT') return !listOf(condition).some((branch) => holds(branch, payload))
    return fieldHolds(Object.hasOwn(payload, key) ? payload[key]! : null, condition)
  })
}

function listOf(branches: Plain): PlainObject[] {
  return (Array.isArray(branches) ? branches : [branches]) as PlainObject[]
}

function fieldHolds(value: Plain, condition: Plain): boolean {
  if (condition === '*') return value !== null
  if (Array.isArray(condition)) return condition.some((item) => equals(value, item as Plain))
  if (typeof condition !== 'object' || condition === null) return equals(value, condition)
  return Object.entries(condition).every(([operator, operand]) => {
    const items = operand as readonly Plain[]
    switch (operator) {
      case 'eq':
        return equals(value, operand)
      case 'ne':
        return !equals(value, operand)
      case 'in':
        return items.some((item) => equals(value, item))
      case 'nin':
        return !items.some((item) => equals(value, item))
      case 'gt':
        return order(value, operand) === 1
      case 'gte':
        return order(value, operand) >= 0
      case 'lt':
        return order(value, operand) === -1
      case 'lte':
        return Math.abs(order(value, operand)) < 2 && order(value, operand) <= 0
      case 'contains':
        return value !== null && textOf(value).includes(operand as string)
      case 'icontains':
        return (
          value !== null &&
          textOf(value)
            .toUpperCase()
            .includes((operand as string).toUpperCase())
        )
      default:
        throw new Error(`No such operator: ${operator}`)
    }
  })
}

function equals(value: Plain, operand: Plain): boolean {
  if (value === null || operand === null) return value === operand
  if (typeof value === 'number' && typeof operand === 'number') return value === operand
  const scalar = operand as Exclude<Plain, object>
  return textOf(value) === String(scalar)
}

/** -1, 0 or 1; NaN where the two have no order. */
function order(value: Plain, operand: Plain): number {
  const [one, other] = [numberOf(value), numberOf(operand)]
  if (one !== undefined && other !== undefined) return Math.sign(one - other)
  if (typeof value !== 'string' || typeof operand !== 'string') return NaN
  return Math.sign(Buffer.compare(Buffer.from(value), Buffer.from(operand)))
}

function numberOf(value: Plain): number | undefined {
  if (typeof value === 'number') return value
  return typeof value === 'string' && NUMBER.test(value) ? Number(value) : undefined
}

/** The text of a value in JSON, as Postgres writes it: numbers in digits, keys by length. */
function textOf(value: Plain): string {
  return typeof value === 'string' ? value : jsonOf(value)
}

function jsonOf(value: Plain): string {
  if (typeof value === 'number') return digitsOf(value)
  if (Array.isArray(value)) return `[${value.map((item) => jsonOf(item as Plain)).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value as PlainObject)
    .map(([key, item]) => ({ key, bytes: Buffer.from(key), item }))
    .sort((a, b) => a.bytes.length - b.bytes.length || Buffer.compare(a.bytes, b.bytes))
  return `{${entries.map(({ key, item }) => `${JSON.stringify(key)}: ${jsonOf(item)}`).join(', ')}}`
}

function digitsOf(value: number): string {
  const [mantissa, exponent] = String(value).split('e') as [string, string | undefined]
  if (exponent === undefined) return mantissa
  const [sign, digits] = mantissa.startsWith('-') ? ['-', mantissa.slice(1)] : ['', mantissa]
  const [whole, fraction = ''] = digits.split('.') as [string, string | undefined]
  const shift = Number(exponent)
  return shift > 0
    ? `${sign}${whole}${fraction.padEnd(shift, '0')}`
    : `${sign}0.${(whole + fraction).padStart(whole.length - 1 - shift + fraction.length, '0')}`
}
