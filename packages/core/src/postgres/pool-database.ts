import type { Pool, PoolClient } from 'pg'
import { subscribe } from '../engines/request.ts'
import { sha256 } from '../engines/sha256.ts'
import { InvalidArgumentError } from '../errors.ts'
import type { Database, ResultRow, RunOptions, Statement } from './database.ts'
import { cancelOnServer } from './cancel-on-server.ts'
import {
  isQueryTimeout,
  isStalePreparation,
  keepsConnection,
  toConnectError,
  toStatementError,
} from './database-errors.ts'
import {
  pipelinedQuery,
  toRows,
  toWireStatement,
  type WireResult,
  type WireStatement,
} from './pipelined-query.ts'
import { actAs } from './row-level-security.ts'

/** A database that has connections. */
export interface PoolDatabase extends Database {
  /** Waits for the statements that run, and disconnects. */
  close(): Promise<void>
}

/** How a pool is used. */
export interface PoolDatabaseOptions {
  /** Whether the pool ends with the database. */
  readonly ownsPool: boolean
  /** Whether the user is told to the database, for its policies. */
  readonly rowLevelSecurity: boolean
  /** Whether statements that come again are prepared. */
  readonly preparedStatements: boolean
}

/** How long the end of the pool waits for the server to answer the goodbyes. */
const GOODBYE_MILLIS = 5000

/** A database on a server, over a pool of `pg`. */
export function poolDatabase(
  pool: Pool,
  { ownsPool, rowLevelSecurity, preparedStatements }: PoolDatabaseOptions,
): PoolDatabase {
  const inFlight = new Set<Promise<unknown>>()
  const names = new Map<string, string>()
  const nameOf = ({ text, prepared }: Statement): string => {
    if (!prepared || !preparedStatements) return ''
    let name = names.get(text)
    // By its text: a pool, and a server behind a pooler, may be shared by several memories.
    if (name === undefined) names.set(text, (name = `scoped_memory_${sha256(text).slice(0, 16)}`))
    return name
  }
  // Without a listener, an idle connection that the server ends would end the process. The pool replaces it.
  const ignore = (): void => {}
  pool.on('error', ignore)

  const connect = (): Promise<PoolClient> =>
    new Promise((resolve, reject) => {
      // By callback: a connection may be lent and end in one turn, and a promise would resolve after that.
      pool.connect((error, client) => {
        if (client === undefined) {
          const failure = toConnectError(error) as Error
          reject(failure)
          return
        }
        if (!('connection' in client)) {
          ;(client as PoolClient).release()
          reject(
            new InvalidArgumentError(
              'pool must be of the JavaScript client of pg, new pg.Pool({ connectionString }), not of pg.native.',
            ),
          )
          return
        }
        // While it is lent, the pool does not listen to it.
        client.on('error', ignore)
        resolve(client)
      })
    })

  const send = async (
    statements: readonly WireStatement[],
    { writes, signal }: RunOptions,
  ): Promise<WireResult[]> => {
    const client = await connect()
    const giveBack = (keep: boolean): void => {
      if (keep) client.off('error', ignore)
      client.release(!keep)
    }
    const isGivenUp = (): boolean => signal?.aborted === true
    if (isGivenUp()) {
      giveBack(true)
      throw signal!.reason
    }
    const unsubscribe = signal && subscribe(signal, () => cancelOnServer(client))
    const sending = pipelinedQuery(client, statements)
    let keep = false
    try {
      client.query(sending.query)
      const received = await sending.results
      keep = true
      return received
    } catch (error) {
      signal?.throwIfAborted()
      if (isQueryTimeout(error)) cancelOnServer(client)
      keep = keepsConnection(error)
      throw sending.isSent() ? toStatementError(error, writes) : toConnectError(error)
    } finally {
      unsubscribe?.()
      // A late cancellation must not meet the next statement.
      giveBack(keep && !isGivenUp())
    }
  }

  const run = async (statements: readonly Statement[], options: RunOptions): Promise<ResultRow[][]> => {
    const { userId } = options
    const isScoped = rowLevelSecurity && userId !== undefined
    const all = isScoped ? [actAs(userId), ...statements] : statements
    const results = await send(
      all.map((statement) => toWireStatement(statement, nameOf(statement))),
      options,
    ).catch((error: unknown) => {
      if (!isStalePreparation(error)) throw error
      // Nothing was done. Every connection may be like this one, so it is not prepared this time.
      return send(
        all.map((statement) => toWireStatement(statement, '')),
        options,
      )
    })
    return (isScoped ? results.slice(1) : results).map(toRows)
  }

  return {
    run(statements, options) {
      const running = run(statements, options)
      inFlight.add(running)
      return running.finally(() => inFlight.delete(running))
    },
    async close() {
      await Promise.allSettled(inFlight)
      if (ownsPool) await within(GOODBYE_MILLIS, pool.end())
      else pool.off('error', ignore)
    },
  }
}

/** Waits for something, but not longer than that. */
async function within(millis: number, promise: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const enough = new Promise<void>((resolve) => (timer = setTimeout(resolve, millis)))
  await Promise.race([promise, enough]).finally(() => clearTimeout(timer))
}
