import { InvalidArgumentError, InvalidUserIdError } from '../errors.ts'

const MAX_LENGTH = 256
// "*" is mem0's wildcard, "." and ".." vanish from a URL path, the rest is what String() makes of a missing value.
const RESERVED = new Set(['*', '.', '..', 'undefined', 'null', 'NaN', 'true', 'false'])
const WHITESPACE_OR_CONTROL = /[\s\u0000-\u001f\u007f-\u009f]/

/**
 * Returns `value` when it is a user id, exactly as it is: nothing is trimmed, lower-cased or converted, because two
 * ids that become one are two users who share a memory.
 *
 * A user id is a string of 1 to 256 UTF-16 units, well-formed, without whitespace or control characters, and not
 * `*`, `.`, `..` or a stringified nothing such as `undefined`.
 *
 * @throws InvalidUserIdError for everything else.
 */
export function validateUserId(value: unknown): string {
  const problem = problemOf(value)
  if (problem !== undefined) {
    throw new InvalidUserIdError(
      `The user id ${problem}. Pass the id your login verified, unchanged, for example new ScopedMemory(session.user.id).`,
    )
  }
  return value as string
}

/** The same rules for the id of a run, an app or an agent. @throws InvalidArgumentError */
export function validateEntityId(value: unknown, name: string): string {
  const problem = problemOf(value)
  if (problem !== undefined) {
    throw new InvalidArgumentError(
      `${name} ${problem}. Pass a non-empty string without whitespace, or leave it out.`,
    )
  }
  return value as string
}

function problemOf(value: unknown): string | undefined {
  if (typeof value !== 'string') {
    return `must be a string, not ${value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value}`
  }
  if (value.length === 0) return 'is empty'
  if (value.length > MAX_LENGTH) return `is longer than ${MAX_LENGTH} characters`
  if (RESERVED.has(value)) return `is the reserved word "${value}", which names no single user`
  if (WHITESPACE_OR_CONTROL.test(value)) return 'contains whitespace or control characters'
  if (!value.isWellFormed()) return 'is not well-formed Unicode (a lone surrogate)'
  return undefined
}
