/** The machine-readable reason of a {@link MemoryMiddlewareError}. */
export type MemoryMiddlewareErrorCode = 'MEMORY_NOT_MOUNTED' | 'IDENTITY_CONFLICT' | 'MEMORY_TAKEN'

/**
 * The middleware is mounted in a way that cannot be right: it did not run before the memory was asked for, two of it
 * came to different users, or something else holds its place. Status 500: it is a mistake of the program, not of the
 * one who asks.
 */
export class MemoryMiddlewareError extends Error {
  /** Why, for programs. */
  readonly code: MemoryMiddlewareErrorCode
  /** The HTTP status to answer with; Express, Koa and Fastify read it from here. */
  readonly status: number = 500

  constructor(message: string, code: MemoryMiddlewareErrorCode) {
    super(message)
    this.name = 'MemoryMiddlewareError'
    this.code = code
  }
}
