import { EventEmitter } from 'node:events'
import { Client, Pool, type PoolConfig } from 'pg'
import { Pool as OldestPool } from 'pg-oldest'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Database, RunOptions, Statement } from '../../packages/core/src/postgres/database.ts'
import { poolDatabase, type PoolDatabase } from '../../packages/core/src/postgres/pool-database.ts'
import { openPostgres } from './postgres-server.ts'
import { startProxy } from './proxy.ts'

const postgres = await openPostgres()
const url = 'url' in postgres ? postgres.url : ''
if ('unavailable' in postgres) console.warn(`Skipped, PostgreSQL: ${postgres.unavailable}`)

const READ: RunOptions = { userId: undefined, writes: false, signal: undefined }
const WRITE: RunOptions = { ...READ, writes: true }
const sql = (text: string, ...values: unknown[]): Statement => ({ text, values, prepared: true })
const insert = (n: number): Statement => sql('INSERT INTO notes VALUES ($1)', n)
const PID = sql('SELECT pg_backend_pid() AS pid')
const SLEEP = sql(`SELECT pg_sleep(600)::text /* asleep */`)

// Not by events.once, which an error of the pool would reject.
const isRemoved = (pool: Pool) => new Promise((resolve) => void pool.once('remove', resolve))

const DRIVERS: Readonly<Record<string, (config: PoolConfig) => Pool>> = {
  'pg 8.11.3': (config) => new OldestPool(config as object) as unknown as Pool,
  'pg 8.23': (config) => new Pool(config),
  'pg 8.23 with pipeline: true': (config) => new Pool({ ...config, pipeline: true }),
}

describe.skipIf(url === '')('a database over a pool', () => {
  let admin: Client
  const warnings: Error[] = []
  const recordWarning = (warning: Error): void => void warnings.push(warning)
  beforeAll(async () => {
    process.on('warning', recordWarning)
    admin = new Client({ connectionString: url })
    await admin.connect()
    await admin.query('CREATE TABLE notes (n int PRIMARY KEY)')
  })
  afterAll(async () => {
    process.off('warning', recordWarning)
    await admin.end()
    if ('close' in postgres) await postgres.close()
  })
  beforeEach(() => admin.query('TRUNCATE notes'))
  afterEach(() => {
    expect(warnings).toEqual([])
  })

  const notes = async (): Promise<number[]> =>
    (await admin.query<{ n: number }>('SELECT n FROM notes ORDER BY n')).rows.map(({ n }) => n)
  const asleep = async (): Promise<number> =>
    (
      await admin.query(
        `SELECT FROM pg_stat_activity WHERE query LIKE '%/* asleep */%' AND state = 'active' AND pid <> pg_backend_pid()`,
      )
    ).rows.length
  const isAsleep = (count: number) =>
    vi.waitFor(async () => expect(await asleep()).toBe(count), { timeout: 10_000 })

  describe.each(Object.entries(DRIVERS))('%s', (_name, makePool) => {
    const opened: { pool: Pool; database: PoolDatabase; lent: () => number }[] = []
    const open = (config: PoolConfig = {}): { pool: Pool; database: PoolDatabase } => {
      const pool = makePool({ connectionString: url, max: 1, idleTimeoutMillis: 0, ...config })
      let lent = 0
      pool.on('acquire', () => lent++)
      // Its type names none of its arguments.
      ;(pool as EventEmitter).on('release', () => lent--)
      const database = poolDatabase(pool, {
        ownsPool: true,
        rowLevelSecurity: false,
        preparedStatements: true,
      })
      opened.push({ pool, database, lent: () => lent })
      return { pool, database }
    }
    afterEach(async () => {
      for (const { database, lent } of opened.splice(0)) {
        await database.close()
        // Every connection was given back, and once.
        expect(lent()).toBe(0)
      }
    })
    const pidOf = async (database: Database): Promise<unknown> =>
      (await database.run([PID], READ))[0]![0]!['pid']

    it('writes all of its statements, or none', async () => {
      const { database } = open()
      await database.run([insert(1), insert(2)], WRITE)
      await expect(database.run([insert(3), insert(2)], WRITE)).rejects.toMatchObject({ code: '23505' })
      await expect(database.run([insert(4), sql('nonsense'), insert(5)], WRITE)).rejects.toMatchObject({
        code: '42601',
      })
      expect(await notes()).toEqual([1, 2])
    })

    it('prepares what an earlier error kept from being prepared, on the same connection', async () => {
      const { database } = open()
      const pid = await pidOf(database)
      await database.run([insert(1)], WRITE)
      const count = sql('SELECT count(*) AS count FROM notes')
      for (let times = 0; times < 2; times++) {
        await expect(database.run([insert(1), count], WRITE)).rejects.toMatchObject({ code: '23505' })
        await expect(database.run([count, insert(1)], WRITE)).rejects.toMatchObject({ code: '23505' })
      }
      expect(await database.run([count, insert(2), count], WRITE)).toEqual([
        [{ count: 1 }],
        [],
        [{ count: 2 }],
      ])
      expect(await pidOf(database)).toBe(pid)
    })

    it('is not done before the transaction is: a deferred constraint fails after the last statement', async () => {
      await admin.query(
        `CREATE TABLE IF NOT EXISTS deferred (n int REFERENCES notes DEFERRABLE INITIALLY DEFERRED)`,
      )
      const { database } = open()
      const dangling = sql('INSERT INTO deferred VALUES ($1) RETURNING n', 7)
      await expect(database.run([insert(1), dangling], WRITE)).rejects.toMatchObject({ code: '23503' })
      expect(await notes()).toEqual([])
      expect(await database.run([insert(7), dangling], WRITE)).toEqual([[], [{ n: 7 }]])
      await admin.query('DROP TABLE deferred')
    })

    it.each([['BEGIN'], ['BEGIN', 'nonsense']])(
      'does not take part in a transaction that other code left open: %s',
      async (...statements) => {
        const { pool, database } = open()
        const pid = await pidOf(database)
        const client = await pool.connect()
        for (const statement of statements) await client.query(statement).catch(() => undefined)
        client.release()
        await expect(database.run([insert(1)], WRITE)).rejects.toMatchObject({
          code: 'UNAVAILABLE',
          status: 503,
        })
        await database.run([insert(2)], WRITE)
        expect(await pidOf(database)).not.toBe(pid)
        expect(await notes()).toEqual([2])
      },
    )

    it('prepares anew where the server has forgotten, or a migration has changed what comes back', async () => {
      await admin.query('CREATE TABLE wide (a int)')
      const { pool, database } = open({ max: 3 })
      const all = sql('SELECT * FROM wide')
      const nine = <T>(call: () => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: 9 }, call))
      const connections = await Promise.all([1, 2, 3].map(() => pool.connect()))
      for (const connection of connections) connection.release()
      await Promise.all([1, 2, 3].map(() => database.run([all, sql('SELECT pg_sleep(0.05)::text')], READ)))
      expect(pool.totalCount).toBe(3)
      // Nine for three connections: what is sent again may meet one that is stale too.
      await admin.query('ALTER TABLE wide ADD b int')
      expect(await nine(() => database.run([all], READ))).toEqual(Array.from({ length: 9 }, () => [[]]))
      for (const connection of await Promise.all([1, 2, 3].map(() => pool.connect()))) {
        await connection.query('DEALLOCATE ALL')
        connection.release()
      }
      let next = 0
      await nine(() => database.run([insert(next++), all], WRITE))
      expect(await notes()).toHaveLength(9)
      await admin.query('DROP TABLE wide')
    })

    it('sends values as they are, and reads by parsers of its own', async () => {
      const { pool, database } = open()
      pool.on('connect', (client) => {
        client.setTypeParser(20, () => 'changed')
        client.setTypeParser(114, () => 'changed')
      })
      const texts = ['', 'NULL', 'null', '"', '\\', '\\"', '{a,b}', "'; --", ' x ', 'ü 猫 🐈', 'a\nb', '$1']
      const [rows] = await database.run(
        [
          sql(
            'SELECT to_json($1::text[]) AS texts, $2::text AS text, $3::int8 AS big, $4::float8 AS float, $5::text AS nothing, $6::boolean AS boolean, $7::text[] AS empty',
            [...texts, null],
            texts.join(),
            5_000_000_000,
            0.1,
            null,
            true,
            [],
          ),
        ],
        READ,
      )
      expect(rows).toEqual([
        {
          texts: [...texts, null],
          text: texts.join(),
          big: 5_000_000_000,
          float: 0.1,
          nothing: null,
          boolean: true,
          empty: '{}',
        },
      ])
      const many = Array.from({ length: 100_000 }, (_, index) => `"${index}`)
      expect(await database.run([sql('SELECT to_json($1::text[]) AS many', many)], READ)).toEqual([
        [{ many }],
      ])
    })

    it.each([
      ['nothing', [undefined]],
      ['an object', [{}]],
      ['a list of numbers', [[1]]],
      ['a list with a gap', [[undefined]]],
    ])('lends no connection for values that it cannot send: %s', async (_kind, values) => {
      const { pool, database } = open()
      await expect(database.run([sql('SELECT $1', ...values)], READ)).rejects.toThrow(
        /has no text in Postgres/,
      )
      expect(pool.totalCount).toBe(0)
    })

    it('gives up with the `query_timeout` of a pool, ends the statement, and touches nothing that came before', async () => {
      const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
      const { database } = open({ query_timeout: 400 })
      const before = timers()
      const pid = await pidOf(database)
      // Those of earlier tests may end meanwhile.
      expect(timers()).toBeLessThanOrEqual(before)
      await expect(database.run([insert(1), SLEEP], WRITE)).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' })
      await isAsleep(0)
      expect(await pidOf(database)).not.toBe(pid)
      await expect(database.run([SLEEP], READ)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
      await isAsleep(0)
      expect(await notes()).toEqual([])
    })

    it('says that nothing was written where no connection is to be had, and passes on what a setting has wrong', async () => {
      const nobody = open({ connectionString: 'postgres://app:secret@127.0.0.1:9/app' }).database
      const failure = await nobody.run([insert(1)], WRITE).catch((error: unknown) => error)
      expect(failure).toMatchObject({
        code: 'UNAVAILABLE',
        status: 503,
        message: expect.stringMatching(
          /^Postgres cannot be reached \(ECONNREFUSED\)\. Nothing was written\./,
        ),
      })
      expect(String(failure)).not.toContain('secret')

      const wrong = new URL(url)
      wrong.password = 'secret'
      const refused = await open({ connectionString: wrong.href })
        .database.run([insert(1)], WRITE)
        .catch((error: unknown) => error)
      expect(refused).toMatchObject({ code: '28P01', message: expect.not.stringContaining('secret') })

      await admin.query(`CREATE ROLE narrow LOGIN PASSWORD 'narrow' CONNECTION LIMIT 0`)
      const full = new URL(url)
      full.username = full.password = 'narrow'
      await expect(open({ connectionString: full.href }).database.run([PID], READ)).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        message: expect.stringContaining('(53300)'),
      })
      await admin.query('DROP ROLE narrow')
    })

    it('says when all connections are in use for too long', async () => {
      const { pool, database } = open()
      const client = await pool.connect()
      pool.options.connectionTimeoutMillis = 50
      await expect(database.run([insert(1)], WRITE)).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        message: expect.stringContaining('poolSize'),
      })
      client.release()
    })

    it('survives the end of every connection, idle or lent, and leaves no listener behind', async () => {
      const { pool, database } = open()
      const listeners = async (): Promise<number> => {
        const client = await pool.connect()
        const count =
          client.listenerCount('error') +
          (client as unknown as { connection: EventEmitter }).connection.listenerCount('readyForQuery')
        client.release()
        return count
      }
      await pidOf(database)
      const few = await listeners()
      for (let times = 0; times < 20; times++) {
        await pidOf(database)
        await database.run([sql('nonsense')], READ).catch(() => undefined)
      }
      expect(await listeners()).toBe(few)

      const idle = await pidOf(database)
      const removed = isRemoved(pool)
      await admin.query('SELECT pg_terminate_backend($1)', [idle])
      await removed
      const busy = await pidOf(database)
      const sleeping = database.run([insert(1), SLEEP], WRITE).catch((error: unknown) => error)
      await isAsleep(1)
      await admin.query('SELECT pg_terminate_backend($1)', [busy])
      expect(await sleeping).toMatchObject({ code: 'OUTCOME_UNKNOWN', status: 503 })
      expect(await pidOf(database)).not.toBe(busy)
      expect(await notes()).toEqual([])
    })

    it('says where it is not known whether something was written, and where it is', async () => {
      await using proxy = await startProxy(url)
      const { database } = open({ connectionString: proxy.url })
      await pidOf(database)
      proxy.traffic = 'cut after the server'
      await expect(database.run([insert(1)], WRITE)).rejects.toMatchObject({
        code: 'OUTCOME_UNKNOWN',
        status: 503,
        message: expect.stringContaining('look before you repeat it'),
      })
      proxy.traffic = 'forwarded'
      await pidOf(database)
      proxy.traffic = 'cut before the server'
      await expect(database.run([insert(2)], WRITE)).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' })
      proxy.traffic = 'forwarded'
      await pidOf(database)
      proxy.traffic = 'cut before the server'
      await expect(database.run([PID], READ)).rejects.toMatchObject({ code: 'UNAVAILABLE', status: 503 })
      expect(await notes()).toEqual([1])
    })

    it('sends nothing over a connection that has ended before', async () => {
      const { pool, database } = open()
      pool.on('acquire', (client) => {
        // Between the pool's look at it and its use.
        ;(
          client as unknown as { connection: { stream: { destroy(error: Error): void } } }
        ).connection.stream.destroy(new Error('gone'))
      })
      await expect(database.run([insert(1)], WRITE)).rejects.toMatchObject({
        code: 'UNAVAILABLE',
      })
      expect(await notes()).toEqual([])
    })

    it('gives a connection back whose client throws', async () => {
      const { pool, database } = open()
      pool.once('acquire', (client) => {
        client.query = () => {
          throw new Error('not today')
        }
      })
      await expect(database.run([insert(1)], WRITE)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
      await database.run([insert(2)], WRITE)
      expect(await notes()).toEqual([2])
    })

    it('leaves a server that takes no writes, and asks it again by another connection', async () => {
      const { database } = open({ options: '-c default_transaction_read_only=on' })
      const pid = await pidOf(database)
      await expect(database.run([insert(1)], WRITE)).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        message: expect.stringContaining('primary'),
      })
      expect(await pidOf(database)).not.toBe(pid)
    })

    it('ends a statement on the server when it is given up, and no other one', async () => {
      const { database } = open({ max: 2 })
      const controller = new AbortController()
      const given = database
        .run([insert(1), SLEEP], { ...WRITE, signal: controller.signal })
        .catch((error: unknown) => error)
      await isAsleep(1)
      controller.abort(new Error('enough'))
      expect(await given).toMatchObject({ message: 'enough' })
      await isAsleep(0)
      expect(await notes()).toEqual([])
      await Promise.all(Array.from({ length: 20 }, (_, index) => database.run([insert(index)], WRITE)))
      expect(await notes()).toHaveLength(20)
    })

    it('does not use a connection again whose cancellation may still be on its way', async () => {
      const { database } = open()
      for (let times = 0; times < 5; times++) {
        const controller = new AbortController()
        const given = database.run([PID], { ...READ, signal: controller.signal }).catch(() => undefined)
        // Sent, and very likely done before it can be cancelled.
        await new Promise(setImmediate)
        await new Promise(setImmediate)
        controller.abort(new Error('enough'))
        await given
        await database.run([insert(times), sql('SELECT pg_sleep(0.05)::text')], WRITE)
      }
      expect(await notes()).toHaveLength(5)
    })

    it('sends nothing that is given up while it waits for a connection', async () => {
      const { pool, database } = open()
      const client = await pool.connect()
      const controller = new AbortController()
      const given = database.run([insert(1)], { ...WRITE, signal: controller.signal })
      controller.abort(new Error('enough'))
      client.release()
      await expect(given).rejects.toThrow('enough')
      expect(await notes()).toEqual([])
    })

    it('ends the connection itself where the server does not answer a cancellation', async () => {
      await using proxy = await startProxy(url)
      const { pool, database } = open({ connectionString: proxy.url })
      await pidOf(database)
      const removed = isRemoved(pool)
      proxy.traffic = 'swallowed'
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
      try {
        const controller = new AbortController()
        const given = database
          .run([insert(1)], { ...WRITE, signal: controller.signal })
          .catch((error: unknown) => error)
        await new Promise(setImmediate)
        controller.abort(new Error('enough'))
        await new Promise(setImmediate)
        vi.advanceTimersByTime(5000)
        expect(await given).toMatchObject({ message: 'enough' })
      } finally {
        vi.useRealTimers()
      }
      await removed
      proxy.traffic = 'forwarded'
      await database.run([insert(2)], WRITE)
      expect(await notes()).toEqual([2])
    })

    it('warns of no leak however many calls one signal has', async () => {
      const { database } = open({ max: 20 })
      const { signal } = new AbortController()
      await Promise.all(Array.from({ length: 60 }, (_, n) => database.run([insert(n)], { ...WRITE, signal })))
      expect(await notes()).toHaveLength(60)
    })

    it('closes after what is under way', async () => {
      const { pool, database } = open({ max: 2 })
      const running = database.run([insert(1), sql('SELECT pg_sleep(0.3)::text'), insert(2)], WRITE)
      await pidOf(database)
      const ended: string[] = []
      const closing = database.close().then(() => ended.push('database'))
      await running.then(() => ended.push('statements'))
      await closing
      expect(ended).toEqual(['statements', 'database'])
      expect(pool.ended).toBe(true)
      expect(await notes()).toEqual([1, 2])
      opened.pop()
    })

    it('does not wait for ever for a server that is gone', async () => {
      await using proxy = await startProxy(url)
      const { database } = open({ connectionString: proxy.url })
      await pidOf(database)
      proxy.traffic = 'swallowed'
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
      try {
        const closing = database.close()
        await new Promise(setImmediate)
        vi.advanceTimersByTime(5000)
        await closing
      } finally {
        vi.useRealTimers()
      }
      opened.pop()
    })
  })

  it('refuses clients that are not of JavaScript, as those of pg.native', async () => {
    const release = vi.fn()
    const pool = Object.assign(new EventEmitter(), {
      connect: (callback: (error: undefined, client: object) => void) => callback(undefined, { release }),
    })
    const database = poolDatabase(pool as unknown as Pool, {
      ownsPool: false,
      rowLevelSecurity: false,
      preparedStatements: true,
    })
    await expect(database.run([PID], READ)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('pg.native'),
    })
    expect(release).toHaveBeenCalledOnce()
  })

  it('leaves a pool that was given to it open', async () => {
    const pool = new Pool({ connectionString: url })
    const database = poolDatabase(pool, {
      ownsPool: false,
      rowLevelSecurity: false,
      preparedStatements: true,
    })
    await database.run([insert(1)], WRITE)
    await database.close()
    expect(pool.listenerCount('error')).toBe(0)
    expect((await pool.query('SELECT n FROM notes')).rows).toEqual([{ n: 1 }])
    await pool.end()
  })
})
