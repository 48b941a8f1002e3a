import { describe, expect, it } from 'vitest'
import {
  ForeignRecordError,
  InvalidArgumentError,
  InvalidUserIdError,
  MemoryNotFoundError,
  ScopedMemoryError,
  ScopeEscapeError,
  UnsafeBackendError,
  type ScopedMemoryErrorCode,
} from '../src/index.ts'

describe('an error', () => {
  it.each<[ScopedMemoryError, string, ScopedMemoryErrorCode, number]>([
    [new InvalidUserIdError('why'), 'InvalidUserIdError', 'INVALID_USER_ID', 401],
    [new InvalidArgumentError('why'), 'InvalidArgumentError', 'INVALID_ARGUMENT', 400],
    [new ScopeEscapeError('why'), 'ScopeEscapeError', 'SCOPE_ESCAPE', 403],
    [new ForeignRecordError('why'), 'ForeignRecordError', 'FOREIGN_RECORD', 500],
    [new MemoryNotFoundError(), 'MemoryNotFoundError', 'MEMORY_NOT_FOUND', 404],
    [new UnsafeBackendError('why'), 'UnsafeBackendError', 'UNSAFE_BACKEND', 500],
    [new ScopedMemoryError('why', { code: 'TIMEOUT', status: 504 }), 'ScopedMemoryError', 'TIMEOUT', 504],
    [new ScopedMemoryError('why', { code: 'CLOSED' }), 'ScopedMemoryError', 'CLOSED', 500],
  ])('%s has the name, code and status of its class', (error, name, code, status) => {
    expect(error).toBeInstanceOf(ScopedMemoryError)
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({ name, code, status, statusCode: status })
  })

  it('has a cause only where there is one', () => {
    const cause = new Error('below')
    expect(new InvalidUserIdError('why', { cause }).cause).toBe(cause)
    expect(new InvalidUserIdError('why')).not.toHaveProperty('cause')
  })
})
