import { ScopedMemory } from '@scoped-memory/core'
import { openPostgresMemory, setUpPostgres, type ClosableMemory } from '@scoped-memory/core/postgres'
import { Client, Pool } from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { hashEmbedder } from '../../packages/core/test/embedded/hash-embedder.ts'
import { everyOperation } from './every-operation.ts'
import { startPgBouncer } from './pgbouncer.ts'
import { startPostgres } from './postgres-server.ts'

const DIMENSIONS = 16
const SERVER_CONNECTIONS = 2

const postgres = await startPostgres()
const url = 'url' in postgres ? postgres.url : ''
const appUrl = new URL(url || 'http://x')
Object.assign(appUrl, { username: 'app', password: 'secret' })
const pooler = url === '' ? postgres : await startPgBouncer(appUrl.href, SERVER_CONNECTIONS)
if ('unavailable' in pooler) console.warn(`Skipped, PgBouncer: ${pooler.unavailable}`)
afterAll(async () => {
  if (url !== '' && 'close' in pooler) await pooler.close()
  if ('close' in postgres) await postgres.close()
})

describe.skipIf('unavailable' in pooler)('a PgBouncer in transaction mode', () => {
  const pooledUrl = 'url' in pooler ? pooler.url : ''
  const pools: Pool[] = []
  const open = async (options: object): Promise<ClosableMemory> => {
    const pool = new Pool({ connectionString: pooledUrl, max: 6 })
    pools.push(pool)
    return openPostgresMemory({
      pool,
      embedder: hashEmbedder(DIMENSIONS),
      rowLevelSecurity: true,
      ...options,
    })
  }
  let owner: Client
  beforeAll(async () => {
    owner = new Client({ connectionString: url })
    owner.on('error', () => {})
    await owner.connect()
    await owner.query(`CREATE ROLE app LOGIN PASSWORD 'secret'`)
    await setUpPostgres({
      connectionString: url,
      dimensions: DIMENSIONS,
      role: 'app',
      rowLevelSecurity: true,
    })
  })
  afterEach(async () => void (await Promise.all(pools.splice(0).map((pool) => pool.end()))))
  afterAll(() => owner.end().catch(() => {}))

  it.each([{ preparedStatements: false }, { preparedStatements: true }])(
    'keeps twelve users apart on two connections, and the user that is set for one from all others, preparedStatements: $preparedStatements',
    async (options) => {
      const client = await open(options)
      const kept = new ScopedMemory('u_kept', { client })
      await kept.add('stays', { infer: false })
      const others = new Pool({ connectionString: pooledUrl, max: 2 })
      pools.push(others)
      let isDone = false
      let looks = 0
      const look = async (): Promise<void> => {
        while (!isDone) {
          const { rows } = await others.query<{ user: string | null; rows: string }>(
            `SELECT current_setting('scoped_memory.user_id', true) AS user, count(*) AS rows FROM scoped_memories GROUP BY 1`,
          )
          expect(rows).toEqual([])
          looks++
        }
      }
      const looking = look()
      await Promise.all(
        Array.from({ length: 12 }, (_, index) => everyOperation(new ScopedMemory(`u_${index}`, { client }))),
      )
      isDone = true
      await looking
      expect(looks).toBeGreaterThan(10)
      expect((await owner.query(`SELECT FROM pg_stat_activity WHERE usename = 'app'`)).rowCount).toBe(
        SERVER_CONNECTIONS,
      )
      expect((await kept.getAll()).results).toMatchObject([{ memory: 'stays' }])
      await kept.erase()
    },
  )

  it('has the server end a statement that its caller gave up', async () => {
    const client = await open({ preparedStatements: false })
    const alice = new ScopedMemory('u_alice', { client })
    const { results } = await alice.add('tea', { infer: false })
    await owner.query('BEGIN; LOCK TABLE scoped_memories')
    const controller = new AbortController()
    const given = alice.get(results[0]!.id, { signal: controller.signal })
    await expect.poll(waiting).toBe(1)
    controller.abort(new Error('enough'))
    await expect(given).rejects.toThrow('enough')
    await expect.poll(waiting).toBe(0)
    await owner.query('ROLLBACK')
    expect(await alice.get(results[0]!.id)).toMatchObject({ memory: 'tea' })
    await alice.erase()
  })

  it('refuses settings of a connection by an error that names them', async () => {
    const pool = new Pool({ connectionString: pooledUrl, statement_timeout: 1000 })
    pools.push(pool)
    await expect(openPostgresMemory({ pool, embedder: hashEmbedder(DIMENSIONS) })).rejects.toThrow(
      'unsupported startup parameter: statement_timeout',
    )
  })

  it('leaves the fate of a write open when the server is lost meanwhile, and connects again', async () => {
    const client = await open({ preparedStatements: false })
    const alice = new ScopedMemory('u_alice', { client })
    await owner.query('BEGIN; LOCK TABLE scoped_memories')
    const calls = Promise.allSettled([alice.add('tea', { infer: false }), alice.getAll()])
    await expect.poll(waiting).toBe(2)
    if (!('halt' in postgres)) throw new Error('It is started above.')
    await postgres.halt()
    expect(await calls).toMatchObject([
      { status: 'rejected', reason: { code: 'OUTCOME_UNKNOWN', status: 503 } },
      { status: 'rejected', reason: { code: 'UNAVAILABLE', status: 503 } },
    ])
    await postgres.restart()
    await expect
      .poll(() =>
        alice.getAll().then(
          ({ results }) => results,
          () => undefined,
        ),
      )
      .toEqual([])
  })

  /** How many statements of the application wait for a lock, by what the server says. */
  async function waiting(): Promise<number> {
    const { rowCount } = await owner.query(
      `SELECT FROM pg_stat_activity WHERE usename = 'app' AND wait_event_type = 'Lock'`,
    )
    return rowCount ?? 0
  }
})
