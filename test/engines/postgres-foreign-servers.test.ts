import { ScopedMemory, type ScopedMemoryError } from '@scoped-memory/core'
import { openPostgresMemory, setUpPostgres, type ClosableMemory } from '@scoped-memory/core/postgres'
import { Client, Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hashEmbedder } from '../../packages/core/test/embedded/hash-embedder.ts'
import { sqlOf } from '../docs/sql-of.ts'
import { collect, everyOperation } from './every-operation.ts'
import { startPostgres, type PostgresServer } from './postgres-server.ts'

const DIMENSIONS = 16
const TABLES = ['scoped_memories', 'scoped_memories_entities', 'scoped_memories_history']
const HERE = 'u_alice'
const THERE = 'u_5'

const started = await Promise.all([startPostgres(), startPostgres(), startPostgres()])
const servers = started.filter((server): server is PostgresServer => 'url' in server)
const [unavailable] = started.filter((server) => 'unavailable' in server)
if (unavailable !== undefined) console.warn(`Skipped, several servers: ${unavailable.unavailable}`)
afterAll(async () => void (await Promise.all(servers.map((server) => server.close()))))

describe.skipIf(unavailable !== undefined)('tables whose partitions are on other servers', () => {
  const [coordinator, ...others] = servers as [PostgresServer, PostgresServer, PostgresServer]
  const appUrl = new URL(coordinator?.url ?? 'http://x')
  const schema = { dimensions: DIMENSIONS, role: 'app' }
  const onCoordinator = {
    connectionString: coordinator?.url,
    ...schema,
    partitions: 2,
    rowLevelSecurity: true,
  }
  const plans: string[] = []
  const pools: Pool[] = []
  let owner: Client

  const open = async (rowLevelSecurity: boolean): Promise<ClosableMemory> => {
    const pool = new Pool({ connectionString: appUrl.href, max: 4 })
    pools.push(pool)
    pool.on('connect', (connection) => connection.on('notice', ({ message }) => plans.push(message!)))
    return openPostgresMemory({ pool, embedder: hashEmbedder(DIMENSIONS), rowLevelSecurity })
  }

  beforeAll(async () => {
    for (const { url } of servers) await query(url, `CREATE ROLE app LOGIN PASSWORD 'secret'`)
    for (const { url } of others) await setUpPostgres({ connectionString: url, ...schema })
    await setUpPostgres(onCoordinator)
    owner = new Client({ connectionString: coordinator.url })
    await owner.connect()
    await owner.query(
      others.reduce(
        (sql, { url }, index) =>
          sql.replace(
            `host 'db${index}.internal', port '5432'`,
            `host '127.0.0.1', port '${new URL(url).port}'`,
          ),
        sqlOf('scaling.md', '### Several servers')
          .replaceAll("'…'", "'secret'")
          .replaceAll("dbname 'app'", "dbname 'postgres'"),
      ),
    )
    // Each plan is a notice to the connection that sent the statement.
    for (const [name, value] of Object.entries({
      session_preload_libraries: 'auto_explain',
      'auto_explain.log_min_duration': '0',
      'auto_explain.log_verbose': 'on',
      'auto_explain.log_level': 'notice',
    }))
      await owner.query(`ALTER ROLE app SET ${name} = '${value}'`)
    Object.assign(appUrl, { username: 'app', password: 'secret' })
  })
  afterAll(async () => {
    await Promise.all(pools.map((pool) => pool.end()))
    await owner.end()
  })

  it('are what setUpPostgres() takes for its own: run again, it changes nothing', async () => {
    expect(await setUpPostgres(onCoordinator as never)).toEqual({ version: 1, versionBefore: 1 })
  })

  it.each([
    { policies: 'DISABLE', rowLevelSecurity: false },
    { policies: 'ENABLE', rowLevelSecurity: true },
  ])(
    'touch the server of the user in every call and no other, row-level security $rowLevelSecurity',
    async ({ policies, rowLevelSecurity }) => {
      for (const table of TABLES) await owner.query(`ALTER TABLE ${table} ${policies} ROW LEVEL SECURITY`)
      for (const [index, userId] of [HERE, THERE].entries()) {
        const before = await Promise.all(others.map(rowsTouched))
        const client = await open(rowLevelSecurity)
        plans.length = 0
        // More often than Postgres needs to see a prepared statement before it may plan it once for all values.
        for (let time = 0; time < 7; time++) await everyOperation(new ScopedMemory(userId, { client }))

        const asked = plans.flatMap((plan) => plan.match(/Remote SQL: .*/g) ?? [])
        expect(asked.length).toBeGreaterThan(7 * 20)
        for (const sql of asked) expect(sql).toMatch(new RegExp(`user_id = '${userId}'|WHERE ctid = \\$1`))
        expect(new Set(plans.flatMap((plan) => plan.match(/_p\d\b/g) ?? []))).toEqual(new Set([`_p${index}`]))

        // The other one has not even been connected to.
        const connections = await Promise.all(others.map(connectionsOfApp))
        expect(connections[index]).toBeGreaterThan(0)
        expect(connections[1 - index]).toBe(0)
        await client.close()
        await pools.pop()!.end()
        await expect.poll(() => rowsTouched(others[index]!)).toBeGreaterThan(before[index]!)
        expect(await rowsTouched(others[1 - index]!)).toBe(before[1 - index])
      }
    },
  )

  it('keep users of two servers, and of one, apart', async () => {
    const client = await open(true)
    const [alice, bob, other] = [HERE, 'u_bob', THERE].map((userId) => new ScopedMemory(userId, { client }))
    const { results } = await alice!.add('tea', { infer: false })
    for (const stranger of [bob!, other!]) {
      expect((await stranger.getAll()).results).toEqual([])
      expect((await stranger.search('tea')).results).toEqual([])
      await expect(stranger.get(results[0]!.id)).rejects.toMatchObject({ code: 'MEMORY_NOT_FOUND' })
      await expect(stranger.update(results[0]!.id, 'x')).rejects.toMatchObject({ code: 'MEMORY_NOT_FOUND' })
      await expect(stranger.delete(results[0]!.id)).rejects.toMatchObject({ code: 'MEMORY_NOT_FOUND' })
    }
    // Past the handles, the policies of the coordinator hold for rows of other servers too.
    const direct = await pools.at(-1)!.query('SELECT FROM scoped_memories')
    expect(direct.rowCount).toBe(0)
    expect((await query(others[0].url, 'SELECT FROM scoped_memories')).rowCount).toBe(1)
    await alice!.erase()
  })

  it('fail with 503 for the users of a server that is gone, go on for all others, and work again when it is back', async () => {
    const client = await open(true)
    const [here, there] = [HERE, THERE].map((userId) => new ScopedMemory(userId, { client })) as [
      ScopedMemory,
      ScopedMemory,
    ]
    const { results } = await there.add('kept', { infer: false })
    const id = results[0]!.id
    // Every connection of the pool has been to that server.
    await Promise.all(Array.from({ length: 8 }, () => there.getAll()))

    const lock = new Client({ connectionString: others[1].url })
    lock.on('error', () => {})
    await lock.connect()
    await lock.query('BEGIN; LOCK TABLE scoped_memories')
    const underWay = Promise.allSettled([there.add('lost', { infer: false }), there.getAll()])
    await expect.poll(async () => (await lock.query(WAITING)).rowCount).toBe(2)
    await others[1].halt()
    expect(await underWay).toMatchObject([
      { status: 'rejected', reason: { code: 'OUTCOME_UNKNOWN', status: 503 } },
      { status: 'rejected', reason: { code: 'UNAVAILABLE', status: 503 } },
    ])

    const calls: Record<string, () => Promise<unknown>> = {
      getAll: () => there.getAll(),
      search: () => there.search('kept'),
      list: () => collect(there.list()),
      get: () => there.get(id),
      history: () => there.history(id),
      exportAll: () => collect(there.exportAll()),
      add: () => there.add('lost', { infer: false }),
      update: () => there.update(id, 'lost'),
      batchUpdate: () => there.batchUpdate([{ memoryId: id, text: 'lost' }]),
      delete: () => there.delete(id),
      batchDelete: () => there.batchDelete([id]),
      deleteAll: () => there.deleteAll(),
      erase: () => there.erase(),
    }
    for (let round = 0; round < 2; round++) {
      for (const [name, call] of Object.entries(calls)) {
        const [error] = await Promise.all([failureOf(call), here.getAll()])
        expect(error, name).toMatchObject({ code: 'UNAVAILABLE', status: 503 })
        expect(error.message, name).not.toContain('lost')
      }
    }
    await everyOperation(here)

    await others[1].restart()
    expect((await there.getAll()).results).toMatchObject([{ id, memory: 'kept' }])
    await there.deleteAll()
    await everyOperation(there)
    await everyOperation(here)
  })
})

const WAITING = `SELECT FROM pg_stat_activity WHERE usename = 'app' AND wait_event_type = 'Lock'`

async function failureOf(call: () => Promise<unknown>): Promise<ScopedMemoryError> {
  return call().then(
    () => expect.fail('It should have failed.'),
    (error: ScopedMemoryError) => error,
  )
}

/** How often rows of a server's tables were written or found by an index, as the server counts. */
async function rowsTouched({ url }: PostgresServer): Promise<number> {
  const { rows } = await query(
    url,
    'SELECT sum(coalesce(idx_scan, 0) + seq_tup_read + n_tup_ins + n_tup_upd + n_tup_del) AS touched FROM pg_stat_user_tables',
  )
  return Number(rows[0]!['touched'])
}

async function connectionsOfApp({ url }: PostgresServer): Promise<number> {
  return (await query(url, `SELECT FROM pg_stat_activity WHERE usename = 'app'`)).rowCount ?? 0
}

async function query(url: string, sql: string) {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return await client.query<Record<string, unknown>>(sql)
  } finally {
    await client.end()
  }
}
