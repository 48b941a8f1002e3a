import type { Mem0Client } from '@scoped-memory/core'

/** A back end that can be filled with any number of users. */
export interface ScaleEngine {
  readonly client: Mem0Client
  /**
   * Replaces its content by `memories` memories each for the users 0 to `users` - 1. Rows are stored in the order of
   * years of use: the first memory of every user, then the second of every user, …
   */
  fill(users: number, memories: number, onRows: (rows: number) => void): Promise<void>
  /** Makes the index on the user, where searches also work without it, and resolves to how long that took. */
  readonly index?: () => Promise<{ millis: number }>
  /** Resident memory, in bytes, of the process that holds the memories, where that is another process. */
  readonly serverRss?: () => Promise<number>
  close(): Promise<void>
}
