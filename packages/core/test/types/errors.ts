// Compiled, never run: types.test.ts holds that this compiles under every configuration it names.
import {
  ForeignRecordError,
  InvalidArgumentError,
  InvalidUserIdError,
  MemoryNotFoundError,
  ScopedMemoryError,
  ScopeEscapeError,
  UnsafeBackendError,
  type ScopedMemoryErrorCode,
} from '@scoped-memory/core'

/** A switch over the codes can be exhaustive, those of the subclasses included. */
export function advice(error: ScopedMemoryError): string {
  switch (error.code) {
    case 'INVALID_USER_ID':
      return 'sign in'
    case 'INVALID_ARGUMENT':
    case 'SCOPE_ESCAPE':
      return 'change the call'
    case 'MEMORY_NOT_FOUND':
      return 'list again'
    case 'FOREIGN_RECORD':
    case 'BAD_RESPONSE':
      return 'look at the back end'
    case 'UNSAFE_BACKEND':
    case 'UNSUPPORTED':
      return 'use another back end'
    case 'MISSING_API_KEY':
    case 'MISSING_PACKAGE':
      return 'install it'
    case 'SCHEMA_MISMATCH':
      return 'set up the tables'
    case 'TIMEOUT':
    case 'UNAVAILABLE':
    case 'OUTCOME_UNKNOWN':
    case 'ADD_FAILED':
    case 'ERASE_UNVERIFIED':
    case 'UNAVAILABLE':
      return 'call again'
    case 'OUTCOME_UNKNOWN':
      return 'look whether it was written'
    case 'SCHEMA_MISMATCH':
      return 'run setUpPostgres'
    case 'DATA_DIR_IN_USE':
    case 'CLOSED':
      return 'open another'
    default: {
      const none: never = error.code
      return none
    }
  }
}

export function incomplete(code: ScopedMemoryErrorCode): string {
  switch (code) {
    case 'INVALID_USER_ID':
      return 'sign in'
    default: {
      // @ts-expect-error the others are left
      const none: never = code
      return none
    }
  }
}

/** Each class says which code it has. */
export function codes(error: unknown): ScopedMemoryErrorCode | undefined {
  if (error instanceof InvalidUserIdError) return error.code satisfies 'INVALID_USER_ID'
  if (error instanceof InvalidArgumentError) return error.code satisfies 'INVALID_ARGUMENT'
  if (error instanceof ScopeEscapeError) return error.code satisfies 'SCOPE_ESCAPE'
  if (error instanceof ForeignRecordError) return error.code satisfies 'FOREIGN_RECORD'
  if (error instanceof MemoryNotFoundError) return error.code satisfies 'MEMORY_NOT_FOUND'
  if (error instanceof UnsafeBackendError) return error.code satisfies 'UNSAFE_BACKEND'
  return error instanceof ScopedMemoryError ? error.code : undefined
}

// @ts-expect-error not one of the codes
export const unknown: ScopedMemoryErrorCode = 'NOT_A_CODE'
