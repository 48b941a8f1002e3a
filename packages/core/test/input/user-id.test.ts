import { describe, expect, it } from 'vitest'
import { InvalidArgumentError, InvalidUserIdError } from '../../src/index.ts'
import { validateEntityId, validateUserId } from '../../src/input/user-id.ts'
import { LEGITIMATE_IDS } from '../support/ids.ts'

describe('a user id', () => {
  it.each(LEGITIMATE_IDS)('%s is kept as it is', (id) => {
    expect(validateUserId(id)).toBe(id)
  })

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['a number', 42],
    ['a boolean', true],
    ['an object', { ne: 'x' }],
    ['a list of one', ['u_alice']],
    ['an object with toString', { toString: () => 'u_alice' }],
    ['a String object', new String('u_alice')],
    ['a symbol', Symbol('u_alice')],
    ['a bigint', 1n],
  ])('%s is refused, not converted', (_, value) => {
    expect(() => validateUserId(value)).toThrow(InvalidUserIdError)
  })

  it.each([
    [null, /must be a string, not null\./],
    [['u_alice'], /must be a string, not an array\./],
    [{}, /must be a string, not object\./],
    [undefined, /must be a string, not undefined\./],
  ])('%j is called what it is', (value, message) => {
    expect(() => validateUserId(value)).toThrow(message)
  })

  it.each(['', '*', '.', '..', 'undefined', 'null', 'NaN', 'true', 'false'])(
    '%j names no single user',
    (id) => {
      expect(() => validateUserId(id)).toThrow(InvalidUserIdError)
    },
  )

  // Each of these is "alice" to mem0ai/oss, which trims.
  it.each([
    'alice ',
    ' alice',
    '\talice',
    '\u00a0alice',
    '\ufeffalice',
    'alice\u2003',
    '\u2028alice',
    'al ice',
    'a\u0000b',
    'a\u007fb',
    'alice\u0085',
  ])('%j holds whitespace or a control character', (id) => {
    expect(() => validateUserId(id)).toThrow(/whitespace or control/)
  })

  it('has at most 256 characters', () => {
    expect(validateUserId('a'.repeat(256))).toHaveLength(256)
    expect(() => validateUserId('a'.repeat(257))).toThrow(/longer than 256/)
  })

  it('is well-formed Unicode', () => {
    expect(() => validateUserId('a\ud800b')).toThrow(/well-formed/)
  })

  it('answers 401, says what to write and does not repeat the value', () => {
    const error = catchError(() => validateUserId('secret value'))
    expect(error).toMatchObject({
      code: 'INVALID_USER_ID',
      status: 401,
      statusCode: 401,
      name: 'InvalidUserIdError',
    })
    expect(String(error)).toContain('new ScopedMemory(session.user.id)')
    expect(String(error)).not.toContain('secret')
  })

  it('follows the same rules as the id of a run, whose error names the argument', () => {
    expect(validateEntityId('r1', 'runId')).toBe('r1')
    expect(() => validateEntityId('*', 'runId')).toThrow(InvalidArgumentError)
    expect(() => validateEntityId('', 'runId')).toThrow(/^runId is empty/)
  })
})

function catchError(work: () => unknown): unknown {
  try {
    work()
  } catch (error) {
    return error
  }
  throw new Error('expected an error')
}
