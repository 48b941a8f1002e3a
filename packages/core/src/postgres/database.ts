/** One statement of SQL with its parameters. */
export interface Statement {
  readonly text: string
  readonly values: readonly unknown[]
  /** Whether the same text comes again and again, so that a server should prepare it. */
  readonly prepared: boolean
}

/** A row of a result. Columns of the types `json` and `jsonb` are parsed, numbers and `bool` are what they are, all others text. */
export type ResultRow = Readonly<Record<string, unknown>>

/** How statements are run. */
export interface RunOptions {
  /** The user whose rows the database itself lets the statements see, where row-level security is on. */
  readonly userId: string | undefined
  /** Whether something is written: then a broken connection leaves open whether it was. */
  readonly writes: boolean
  readonly signal: AbortSignal | undefined
}

/** Where the tables are. */
export interface Database {
  /**
   * Runs statements in one transaction: all of them have an effect, or none has. Resolves the rows of each.
   *
   * @throws ScopedMemoryError `UNAVAILABLE` (503) when the database cannot be reached, `OUTCOME_UNKNOWN` (503) when the
   *   connection broke before it told whether a write was done; other errors of the database as they are
   */
  run(statements: readonly Statement[], options: RunOptions): Promise<ResultRow[][]>
}

/** Runs a query for no user in particular, and resolves its rows. */
export type Query = (sql: string, values: readonly unknown[]) => Promise<Record<string, unknown>[]>

/** A database that is asked for no user in particular. */
export function queryOf(database: Database): Query {
  return async (text, values) => {
    const [rows] = await database.run([{ text, values, prepared: false }], {
      userId: undefined,
      writes: false,
      signal: undefined,
    })
    return rows as Record<string, unknown>[]
  }
}
