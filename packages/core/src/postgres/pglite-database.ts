import type { PGliteInterface, Transaction } from '@electric-sql/pglite'
import type { Database, ResultRow, Statement } from './database.ts'

/** A database in this process. It is not ended with {@link Database.close}: whoever opened it ends it. */
export function pgliteDatabase(db: PGliteInterface): Database {
  const inFlight = new Set<Promise<unknown>>()
  const run = async (
    statements: readonly Statement[],
    signal: AbortSignal | undefined,
  ): Promise<ResultRow[][]> => {
    const only = statements[0]
    if (only !== undefined && statements.length === 1) return [await rowsOf(db, only)]
    return db.transaction(async (transaction) => {
      const results: ResultRow[][] = []
      for (const statement of statements) {
        signal?.throwIfAborted()
        results.push(await rowsOf(transaction, statement))
      }
      return results
    })
  }
  return {
    run(statements, { signal }) {
      const running = run(statements, signal)
      inFlight.add(running)
      return running.finally(() => inFlight.delete(running))
    },
    async close() {
      await Promise.allSettled(inFlight)
    },
  }
}

async function rowsOf(db: Pick<Transaction, 'query'>, { text, values }: Statement): Promise<ResultRow[]> {
  const { rows } = await db.query<ResultRow>(text, [...values])
  return rows
}
