import { InvalidArgumentError } from '../errors.ts'

/** Plain data: what JSON can say, and nothing that runs code when it is read. */
export type Plain = null | string | number | boolean | readonly Plain[] | PlainObject
export interface PlainObject {
  readonly [key: string]: Plain
}

const MAX_DEPTH = 32
/** How many values plain data may have. */
export const MAX_VALUES = 100_000
const MAX_CHARACTERS = 32 * 1024 * 1024

/**
 * Copies `value` once into fresh plain data, reading each property a single time. Only the copy is checked, and only
 * the copy is sent: a getter, a Proxy or a later change of the caller's object cannot make the two differ.
 *
 * Own enumerable string keys are copied. As JSON does it, keys whose value is `undefined` are left out, `undefined` in an
 * array is null, a Date is its ISO string. At most 32 levels deep, 100,000 values and 32 Mi characters.
 *
 * @param label what the value is, for the error, for example `search() options`
 * @throws InvalidArgumentError for functions, symbols, bigints, numbers that are not finite, class instances, the key
 *   `__proto__`, text that a database cannot keep (NUL, half of a surrogate pair), and anything beyond the limits.
 */
export function snapshot(value: unknown, label: string, except?: string): Plain {
  let values = 0
  let characters = 0

  const checkedText = (text: string): string => {
    characters += text.length
    if (characters > MAX_CHARACTERS) throw refusal('is larger than 32 Mi characters')
    const problem = textProblem(text)
    if (problem !== undefined) throw new InvalidArgumentError(`${label} ${problem}`)
    return text
  }
  const refusal = (problem: string): InvalidArgumentError =>
    new InvalidArgumentError(
      `${label} ${problem}. Pass plain data: strings, finite numbers, booleans, null, arrays and object literals.`,
    )

  const copy = (input: unknown, depth: number): Plain => {
    if (++values > MAX_VALUES) throw refusal(`holds more than ${MAX_VALUES} values`)
    switch (typeof input) {
      case 'string':
        return checkedText(input)
      case 'boolean':
        return input
      case 'number':
        if (!Number.isFinite(input)) throw refusal('holds a number that is not finite')
        return input
      case 'object':
        break
      default:
        throw refusal(`holds a value of type ${typeof input}`)
    }
    if (input === null) return null
    if (depth > MAX_DEPTH) throw refusal(`is nested more than ${MAX_DEPTH} levels deep, or contains itself`)
    if (Array.isArray(input)) {
      const { length } = input
      if (length > MAX_VALUES) throw refusal(`holds more than ${MAX_VALUES} values`)
      return Array.from({ length }, (_, index) => copy(input[index] ?? null, depth + 1))
    }
    if (!isPlainObject(input)) {
      const time = timeOf(input)
      if (time === undefined) throw refusal('holds an instance of a class')
      if (Number.isNaN(time)) throw refusal('holds an invalid Date')
      return new Date(time).toISOString()
    }
    const result: Record<string, Plain> = {}
    for (const key of Object.keys(input)) {
      if (depth === 0 && key === except) continue
      // Assigning this key sets the prototype. No other key of plain data is more than a name.
      if (key === '__proto__') throw refusal('holds the key "__proto__"')
      const property = (input as Record<string, unknown>)[key]
      if (property !== undefined) result[checkedText(key)] = copy(property, depth + 1)
    }
    return result
  }

  return copy(value, 0)
}

/**
 * The same for a value that must be an object literal. An absent one counts as `{}`.
 *
 * @param except a key of the object that is left out unread
 * @throws InvalidArgumentError
 */
export function snapshotObject(value: unknown, label: string, except?: string): PlainObject {
  if (value === undefined) return {}
  const copied = snapshot(value, label, except)
  if (!isObject(copied)) {
    throw new InvalidArgumentError(`${label} must be an object literal, not ${kindOf(copied)}.`)
  }
  return copied
}

/** What keeps a text from being stored, in words for an error; undefined where nothing does. */
function textProblem(text: string): string | undefined {
  if (text.includes('\0'))
    return "holds a NUL character, which databases do not take in a text. Remove it: text.replaceAll('\\0', '')."
  if (!text.isWellFormed())
    return 'holds half of a surrogate pair, as a text that was cut within an emoji does. Repair it: text.toWellFormed().'
  return undefined
}

/** Whether plain data is an object (and not null or an array). */
export function isObject(value: Plain | undefined): value is PlainObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether plain data is a list. */
export function isList(value: Plain | undefined): value is readonly Plain[] {
  return Array.isArray(value)
}

/** How an error names the kind of a value. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/**
 * Whether an object is a literal, of any realm (Jest and node:vm have their own Object.prototype), or has no prototype.
 */
export function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

// Only a real Date, of any realm, has the slot that getTime reads; a look-alike throws.
function timeOf(value: object): number | undefined {
  try {
    return Date.prototype.getTime.call(value)
  } catch {
    return undefined
  }
}
