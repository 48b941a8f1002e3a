import type { PGliteInterface, Transaction } from '@electric-sql/pglite'
import type { Database, ResultRow, Statement } from './database.ts'

/** A database in this process. */
export function pgliteDatabase(db: PGliteInterface): Database {
  return {
    async run(statements, { signal }) {
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
    },
  }
}

async function rowsOf(db: Pick<Transaction, 'query'>, { text, values }: Statement): Promise<ResultRow[]> {
  const { rows } = await db.query<ResultRow>(text, [...values])
  return rows
}
