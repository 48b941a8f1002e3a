import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { setUpPostgres } from '@scoped-memory/core/postgres'
import { Client } from 'pg'
import { openPostgres, type PostgresServer } from '../engines/postgres-server.ts'
import { FaultCounter, type SoakBackend, type StoredText } from './backend.ts'

/** The length of the vectors in the soak. */
export const DIMENSIONS = 8

const OUTAGE_EVERY_MILLIS = 5000
const OF_THE_POOL = `pid <> pg_backend_pid() AND application_name = 'scoped-memory'`
const FAULTS: Readonly<Record<string, string>> = {
  'all connections ended': `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${OF_THE_POOL}`,
  'one connection ended': `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${OF_THE_POOL} ORDER BY random() LIMIT 1`,
  'statements cancelled': `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE ${OF_THE_POOL}`,
}

/**
 * A Postgres server whose connections and statements are ended at random, and which is itself stopped, or crashes, every
 * few seconds.
 *
 * @returns why there is none, where this machine cannot have one
 */
export async function postgresBackend(options: {
  readonly rowLevelSecurity: boolean
}): Promise<SoakBackend | { readonly unavailable: string }> {
  const postgres = await openPostgres()
  if ('unavailable' in postgres) return postgres
  const role = `soak_${process.pid}`
  const app = new URL(postgres.url)
  app.username = app.password = role
  const admin = new Admin(postgres.url)
  await admin.query(`CREATE ROLE ${role} LOGIN PASSWORD '${role}'`)
  await setUpPostgres({ connectionString: postgres.url, dimensions: DIMENSIONS, role, ...options })

  return {
    env: {
      DATABASE_URL: app.href,
      ...(options.rowLevelSecurity && { ROW_LEVEL_SECURITY: 'true' }),
    },
    tellsFate: true,
    injectFaults({ seconds, faultEveryMillis }, isServed) {
      const counter = new FaultCounter()
      const { server } = postgres
      const stopping = new AbortController()
      const isStopping = once(stopping.signal, 'abort')
      let recoveryMillis = 0
      const outage = async (name: string, act: (server: PostgresServer) => Promise<void>): Promise<void> => {
        if (server === undefined) return
        counter.count(name)
        await act(server)
        await admin.untilItAnswers()
        const since = performance.now()
        await Promise.race([isServed(), isStopping])
        recoveryMillis = Math.max(recoveryMillis, performance.now() - since)
      }
      const outages = [
        () =>
          outage('server stopped and started', async (server) => {
            await server.halt()
            await sleep(200)
            await server.restart()
          }),
        () => outage('server crashed', () => admin.crash()),
      ]
      const between = Math.min(OUTAGE_EVERY_MILLIS, (seconds * 1000) / 3)
      const injecting = (async () => {
        let next = performance.now() + between
        for (let turn = 0; !stopping.signal.aborted; ) {
          await sleep(faultEveryMillis)
          if (performance.now() > next) {
            await outages[turn++ % outages.length]!()
            next = performance.now() + between
          } else await admin.query(FAULTS[counter.pick(Object.keys(FAULTS))]!)
        }
      })()
      return {
        async stop() {
          stopping.abort()
          await injecting
          return { counts: counter.counts, recoveryMillis: Math.round(recoveryMillis) }
        },
      }
    },
    stored: () => admin.query<StoredText>(STORED),
    async [Symbol.asyncDispose]() {
      await admin.query(`DROP OWNED BY ${role}`)
      await admin.query(`DROP ROLE ${role}`)
      await admin.end()
      await postgres.close()
    },
  }
}

/** A memory is whole with its one entry of history; an entry without its memory is half of one. */
const STORED = `
  SELECT coalesce(memory.payload ->> 'data', history.text, '') AS text,
    coalesce(memory.user_id, history.user_id) AS "userId",
    memory.id IS NOT NULL AND coalesce(history.entries, 0) = 1 AS "isWhole"
  FROM scoped_memories memory FULL JOIN (
    SELECT user_id, memory_id AS id, count(*) AS entries, min(new_value) AS text
    FROM scoped_memories_history GROUP BY user_id, memory_id) history USING (user_id, id)`

/** The owner of the database, who connects again after an outage. */
class Admin {
  readonly #url: string
  #client: Client | undefined

  constructor(url: string) {
    this.#url = url
  }

  async query<Row>(text: string): Promise<Row[]> {
    if (this.#client === undefined) {
      const client = new Client({ connectionString: this.#url })
      client.on('error', () => (this.#client = undefined))
      await client.connect()
      this.#client = client
    }
    return (await this.#client.query(text)).rows as Row[]
  }

  /** Kills a process of the server, after which Postgres ends all others and recovers. */
  async crash(): Promise<void> {
    const [row] = await this.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
    const ended = new Promise((resolve) => this.#client!.once('end', resolve))
    process.kill(row!.pid, 'SIGKILL')
    await ended
  }

  async untilItAnswers(): Promise<void> {
    for (;;) {
      const answered = await this.query('SELECT').then(
        () => true,
        () => false,
      )
      if (answered) return
      await sleep(10)
    }
  }

  async end(): Promise<void> {
    await this.#client?.end()
  }
}
