import type { MemoryHandle } from './memory-handle.ts'

/** How the isolation checks reach the stack they test. */
export interface IsolationOptions {
  /**
   * Returns the handle of a user, made by whatever stands between your application's login and its memory: your factory,
   * your middleware, your wrapper. It may be called several times for one user. A value that is not a user id must be
   * refused by throwing or rejecting, here or on the handle's first call; some attacks pass such values.
   */
  readonly createMemory: (userId: string) => MemoryHandle | Promise<MemoryHandle>
  /**
   * Returns an id that no other user has. Default: `isolation-` and a random part. Pass it where your stack takes ids of
   * one form only, such as those of users in your database; checks that store under ids of other forms are then skipped.
   */
  readonly newUserId?: (() => string | Promise<string>) | undefined
  /**
   * How many milliseconds the back end may take until a write is visible. Damage is looked for at once and again after
   * this time. Default 0: a write is visible when its call returns.
   */
  readonly settleMillis?: number | undefined
  /** How many milliseconds to wait until what was stored is visible. Default 10,000. */
  readonly timeoutMillis?: number | undefined
}
