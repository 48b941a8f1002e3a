/**
 * The machine-readable reason of a {@link ScopedMemoryError}, those of its subclasses included. Stable across versions;
 * messages are not.
 */
export type ScopedMemoryErrorCode =
  | 'INVALID_USER_ID'
  | 'INVALID_ARGUMENT'
  | 'SCOPE_ESCAPE'
  | 'FOREIGN_RECORD'
  | 'MEMORY_NOT_FOUND'
  | 'UNSAFE_BACKEND'
  | 'UNSUPPORTED'
  | 'MISSING_API_KEY'
  | 'MISSING_PACKAGE'
  | 'BAD_RESPONSE'
  | 'TIMEOUT'
  | 'ADD_FAILED'
  | 'ERASE_UNVERIFIED'
  | 'DATA_DIR_IN_USE'
  | 'SCHEMA_MISMATCH'
  | 'UNAVAILABLE'
  | 'OUTCOME_UNKNOWN'
  | 'CLOSED'

/**
 * Every error this package throws itself. Its message says what to write instead and never holds another user's
 * id or content. Errors of mem0 (rate limit, network, …) are not wrapped: they reach the caller as they are.
 */
export class ScopedMemoryError extends Error {
  /** Why, for programs. */
  readonly code: ScopedMemoryErrorCode
  /** The HTTP status a server should respond with; Express, Koa and Fastify read it from here. */
  readonly status: number

  constructor(message: string, options: { code: ScopedMemoryErrorCode; status?: number; cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    this.code = options.code
    this.status = options.status ?? 500
  }

  /** The same as `status`, under the name that NestJS reads. */
  get statusCode(): number {
    return this.status
  }
}

/** Not a user id: of the wrong type, empty, a wildcard, a stringified nothing, or with whitespace. Status 401. */
export class InvalidUserIdError extends ScopedMemoryError {
  declare readonly code: 'INVALID_USER_ID'

  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, { code: 'INVALID_USER_ID', status: 401, cause: options.cause })
  }
}

/** An argument of the wrong kind, an unknown option, a value that is not plain data. Nothing was sent. Status 400. */
export class InvalidArgumentError extends ScopedMemoryError {
  declare readonly code: 'INVALID_ARGUMENT'

  constructor(message: string) {
    super(message, { code: 'INVALID_ARGUMENT', status: 400 })
  }
}

/** The input names a user, organisation or project, or leaves the bound scope. Nothing was sent. Status 403. */
export class ScopeEscapeError extends ScopedMemoryError {
  declare readonly code: 'SCOPE_ESCAPE'

  constructor(message: string) {
    super(message, { code: 'SCOPE_ESCAPE', status: 403 })
  }
}

/**
 * The back end answered with a record that is not shown to be this user's. Nothing of the response was handed out.
 * Status 500.
 */
export class ForeignRecordError extends ScopedMemoryError {
  declare readonly code: 'FOREIGN_RECORD'

  constructor(message: string) {
    super(message, { code: 'FOREIGN_RECORD', status: 500 })
  }
}

/**
 * No memory of this user has the id. The error is the same, to the letter, whether the id is another user's, nobody's or
 * not an id at all, so that it tells nothing about what others have. Status 404.
 */
export class MemoryNotFoundError extends ScopedMemoryError {
  declare readonly code: 'MEMORY_NOT_FOUND'

  constructor() {
    super(
      'No memory of this user has this id. Take ids from search(), getAll() or list() of the same handle.',
      {
        code: 'MEMORY_NOT_FOUND',
        status: 404,
      },
    )
  }
}

/** The back end, as it is configured, cannot keep users apart. Thrown while a handle or a factory is made. Status 500. */
export class UnsafeBackendError extends ScopedMemoryError {
  declare readonly code: 'UNSAFE_BACKEND'

  constructor(message: string) {
    super(message, { code: 'UNSAFE_BACKEND' })
  }
}
