import type { Mem0Client } from '@scoped-memory/core'

/** A back end that can be filled with any number of users. */
export interface ScaleEngine {
  readonly client: Mem0Client
  /**
   * Leaves it with the users 0 to `users` - 1, of `memories` memories each, and nobody else. Rows are stored in the
   * order of years of use: the first memory of every user, the second of every user, …
   */
  fill(users: number, memories: number, onRows: (rows: number) => void): Promise<void>
  /** Where a search can do without it: makes the index on the user, and says how long that took. */
  readonly index?: () => Promise<{ millis: number }>
  /** Resident memory of the process that holds the memories, where that is another one. */
  readonly serverRss?: () => Promise<number>
  close(): Promise<void>
}

/** How an engine is opened, and how far it is filled. */
export interface ScaleEngineKind {
  readonly title: string
  readonly open: () => Promise<ScaleEngine | { readonly unavailable: string }>
  /** How many memories each of this many users has; or why there is no such measurement. */
  readonly memoriesFor: (users: number) => number | string
  /** Whether as many users are worked for, one after the other, as the largest step has. */
  readonly servesEverybody?: true
}

const MEMORIES = 10
const UP_TO_100K = 100_000

export const ENGINES: Readonly<Record<string, ScaleEngineKind>> = {
  postgres: {
    title: 'PostgreSQL server',
    open: async () => (await import('./postgres.ts')).openPostgresEngine(),
    memoriesFor: () => MEMORIES,
    servesEverybody: true,
  },
  embedded: {
    title: 'Embedded (PGlite)',
    open: async () => (await import('./postgres.ts')).openEmbeddedEngine(),
    // Everything is loaded through one WebAssembly thread.
    memoriesFor: (users) => (users <= UP_TO_100K ? MEMORIES : 1),
  },
  sqlite: {
    title: "mem0's SQLite store",
    open: async () => (await import('./sqlite.ts')).openSqliteEngine(),
    memoriesFor: (users) =>
      users <= 10_000
        ? MEMORIES
        : 'each search reads all rows, so it takes ten times as long with ten times the users',
  },
  hosted: {
    title: 'Hosted API (stand-in)',
    open: async () => (await import('./hosted.ts')).openHostedEngine(),
    // The stand-in holds everything in memory.
    memoriesFor: (users) => (users <= UP_TO_100K ? MEMORIES : 2),
  },
}
