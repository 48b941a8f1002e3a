import type { Client, Pool, PoolClient } from 'pg'
import { sha256 } from '../engines/sha256.ts'
import type { Database, ResultRow, RunOptions, Statement } from './database.ts'
import { cancelOnServer } from './cancel-on-server.ts'
import { isStalePreparation, keepsConnection, toConnectError, toStatementError } from './database-errors.ts'
import { OpenTransactionError, pipelinedQuery } from './pipelined-query.ts'
import { USER_SETTING } from './row-level-security.ts'

/** How a pool is used. */
export interface PoolDatabaseOptions {
  /** Whether the pool ends with the database. */
  readonly ownsPool: boolean
  /** Whether the user is told to the database, for its policies. */
  readonly rowLevelSecurity: boolean
  /** Whether statements that come again are prepared. */
  readonly preparedStatements: boolean
}

/** A database on a server, over a pool of `pg`. */
export function poolDatabase(
  pool: Pool,
  { ownsPool, rowLevelSecurity, preparedStatements }: PoolDatabaseOptions,
): Database {
  const inFlight = new Set<Promise<unknown>>()
  const names = new Map<string, string>()
  const nameOf = ({ text, prepared }: Statement): string | undefined => {
    if (!prepared || !preparedStatements) return undefined
    let name = names.get(text)
    // By its text: a pool, and a server behind a pooler, may be shared by several memories.
    if (name === undefined) names.set(text, (name = `scoped_memory_${sha256(text).slice(0, 16)}`))
    return name
  }
  // Without a listener, an idle connection that the server ends would end the process. The pool replaces it.
  const ignore = (): void => {}
  pool.on('error', ignore)

  const connect = (): Promise<PoolClient> =>
    pool.connect().catch((error: unknown) => {
      throw toConnectError(error)
    })

  const send = async (
    statements: readonly Statement[],
    { writes, signal }: RunOptions,
    name: (statement: Statement) => string | undefined,
  ): Promise<ResultRow[][]> => {
    const client = await connect()
    if (signal?.aborted === true) {
      client.release()
      throw signal.reason
    }
    // While it is lent, the pool does not listen to it.
    client.on('error', ignore)
    const giveUp = (): void => cancelOnServer(client)
    signal?.addEventListener('abort', giveUp, { once: true })
    const release = (keep: boolean): void => {
      signal?.removeEventListener('abort', giveUp)
      if (keep) client.off('error', ignore)
      // A late cancellation must not meet the next statement.
      client.release(!keep)
    }
    return new Promise((resolve, reject) => {
      client.query(
        pipelinedQuery(client as unknown as Client, statements, name, {
          resolve(rows) {
            release(signal?.aborted !== true)
            resolve(rows)
          },
          reject(error) {
            release(signal?.aborted !== true && keepsConnection(error))
            if (signal?.aborted === true) reject(signal.reason as Error)
            else if (error instanceof OpenTransactionError || isStalePreparation(error)) reject(error)
            else reject(toStatementError(error, writes) as Error)
          },
        }),
      )
    })
  }

  const run = async (statements: readonly Statement[], options: RunOptions): Promise<ResultRow[][]> => {
    const { userId } = options
    const isScoped = rowLevelSecurity && userId !== undefined
    const all = isScoped ? [actingFor(userId), ...statements] : statements
    // Nothing was done then. Unprepared, since another connection, or the next one of a pooler, may lack it too.
    const rows = await send(all, options, nameOf).catch((error: unknown) => {
      if (isStalePreparation(error)) return send(all, options, () => undefined)
      throw error
    })
    return isScoped ? rows.slice(1) : rows
  }

  return {
    run(statements, options) {
      const running = run(statements, options)
      inFlight.add(running)
      return running.finally(() => inFlight.delete(running))
    },
    async close() {
      await Promise.allSettled(inFlight)
      if (ownsPool) await pool.end()
      pool.off('error', ignore)
    },
  }
}

/** Sets the user for the policies, until the end of the transaction. */
function actingFor(userId: string): Statement {
  return {
    text: `SELECT set_config('${USER_SETTING}', $1, true)`,
    values: [userId],
    prepared: true,
  }
}
