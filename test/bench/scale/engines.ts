import type { ScaleEngine } from './scale-engine.ts'

/** How an engine is opened, and how many memories it is filled with. */
export interface ScaleEngineKind {
  readonly title: string
  readonly open: () => Promise<ScaleEngine | { readonly unavailable: string }>
  /** How many memories each of this many users has, or why that is not measured. */
  readonly memoriesFor: (users: number) => number | string
  /** Whether to serve every user of the largest step once, one handle each. */
  readonly servesEverybody?: true
}

const MEMORIES = 10
const UP_TO_100K = 100_000

export const ENGINES: Readonly<Record<string, ScaleEngineKind>> = {
  postgres: {
    title: 'Postgres engine',
    open: async () => (await import('./postgres.ts')).openPostgresEngine(),
    memoriesFor: () => MEMORIES,
    servesEverybody: true,
  },
  pgvector: {
    title: "mem0's pgvector provider",
    open: async () => (await import('./pgvector.ts')).openPgvectorEngine(),
    memoriesFor: () => MEMORIES,
  },
  embedded: {
    title: 'Embedded (PGlite)',
    open: async () => (await import('./postgres.ts')).openEmbeddedEngine(),
    memoriesFor: (users) =>
      users <= 10_000 ? MEMORIES : users <= UP_TO_100K ? 1 : 'its users are filled one by one',
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
