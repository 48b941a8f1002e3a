import { ScopedMemory } from '@scoped-memory/core'
import { openPostgresMemory, setUpPostgres } from '@scoped-memory/core/postgres'
import { Client, Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hashEmbedder } from '../../packages/core/test/embedded/hash-embedder.ts'
import { everyOperation } from './every-operation.ts'
import { openPostgres } from './postgres-server.ts'

const DIMENSIONS = 16
const PARTITIONS = 4
const USERS = ['u_alice', 'u_bob']
// More often than Postgres needs to see a prepared statement before it may plan it once for all values.
const TIMES = 7

const postgres = await openPostgres()
const url = 'url' in postgres ? postgres.url : ''
if ('unavailable' in postgres) console.warn(`Skipped, partitions: ${postgres.unavailable}`)
afterAll(() => ('close' in postgres ? postgres.close() : undefined))

describe.skipIf(url === '')('tables split by user', () => {
  const role = `app_${new URL(url || 'http://x').pathname.slice(-8)}`
  const appUrl = new URL(url || 'http://x')
  let owner: Client
  beforeAll(async () => {
    owner = new Client({ connectionString: url })
    await owner.connect()
    await owner.query(`CREATE ROLE ${role} LOGIN PASSWORD 'secret'`)
    // Each plan as it was carried out is a notice to the connection that sent the statement.
    for (const [name, value] of Object.entries({
      session_preload_libraries: 'auto_explain',
      'auto_explain.log_min_duration': '0',
      'auto_explain.log_analyze': 'on',
      'auto_explain.log_timing': 'off',
      'auto_explain.log_level': 'notice',
    }))
      await owner.query(`ALTER ROLE ${role} SET ${name} = '${value}'`)
    Object.assign(appUrl, { username: role, password: 'secret' })
  })
  afterAll(async () => {
    await owner.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`)
    await owner.end()
  })

  describe.each([
    { table: 'plain', planCacheMode: 'auto', rowLevelSecurity: false },
    { table: 'generic', planCacheMode: 'force_generic_plan', rowLevelSecurity: false },
    { table: 'secured', planCacheMode: 'auto', rowLevelSecurity: true },
    { table: 'secured_generic', planCacheMode: 'force_generic_plan', rowLevelSecurity: true },
  ])('$table', ({ table, planCacheMode, rowLevelSecurity }) => {
    it('touches one partition of each table in every call, also once the plans of prepared statements are kept', async () => {
      await setUpPostgres({
        connectionString: url,
        dimensions: DIMENSIONS,
        table,
        partitions: PARTITIONS,
        role,
        rowLevelSecurity,
      })
      const plans: string[] = []
      const pool = new Pool({
        connectionString: appUrl.href,
        max: 1,
        options: `-c plan_cache_mode=${planCacheMode}`,
      })
      pool.on('connect', (connection) => connection.on('notice', ({ message }) => plans.push(message!)))
      const client = await openPostgresMemory({
        pool,
        embedder: hashEmbedder(DIMENSIONS),
        table,
        rowLevelSecurity,
      })
      const used = new Set<string>()
      for (const userId of USERS) {
        const partition = await partitionOf(owner, table, userId)
        used.add(partition)
        const memory = new ScopedMemory(userId, { client })
        plans.length = 0
        for (let time = 0; time < TIMES; time++) await everyOperation(memory)
        const ours = plans.filter((plan) => plan.includes(`"${table}`))
        expect(ours.length).toBeGreaterThan(TIMES * 30)
        for (const plan of ours) {
          // An insert does not name its partition.
          const expected = /WHERE.*user_id/s.test(queryIn(plan)) ? [partition] : []
          expect(partitionsIn(plan, table, planCacheMode), plan).toEqual(expected)
        }
      }
      await client.close()
      await pool.end()

      // What no user of these has was neither read nor written. The counters come a moment after the last connection.
      expect(used.size).toBeLessThan(PARTITIONS)
      await expect.poll(() => partitionsTouched(owner, table)).toEqual([...used].sort())
    })
  })
})

/** The partition of a user, as its suffix: by what Postgres itself computes. */
async function partitionOf(owner: Client, table: string, userId: string): Promise<string> {
  for (let remainder = 0; ; remainder++) {
    const { rows } = await owner.query<{ holds: boolean }>(
      `SELECT satisfies_hash_partition('${table}'::regclass, ${PARTITIONS}, ${remainder}, $1::text COLLATE "C") AS holds`,
      [userId],
    )
    if (rows[0]!.holds) return `p${remainder}`
  }
}

/** The partitions that the server counted a read or a write of. */
async function partitionsTouched(owner: Client, table: string): Promise<string[]> {
  const { rows } = await owner.query<{ partition: string }>(
    `SELECT DISTINCT right(relname, 2) AS partition FROM pg_stat_user_tables
     WHERE relname ~ '^${table}(_entities|_history)?_p[0-9]$'
       AND coalesce(idx_scan, 0) + seq_tup_read + n_tup_ins + n_tup_upd + n_tup_del > 0 ORDER BY 1`,
  )
  return rows.map(({ partition }) => partition)
}

function queryIn(plan: string): string {
  return /Query Text: (.*?)\n\S[^\n]*\(cost=/s.exec(plan)![1]!
}

/** The partitions that are in a plan. */
function partitionsIn(plan: string, table: string, planCacheMode: string): string[] {
  const steps = plan.split('\n').filter(
    // A plan for all values names every partition that may be written to, and leaves their reads out when it is run.
    (line) => planCacheMode === 'auto' || !/^ +(?:Update|Delete) on /.test(line),
  )
  const found = steps.join('\n').matchAll(new RegExp(`\\b${table}(?:_entities|_history)?_(p\\d)`, 'g'))
  return [...new Set([...found].map(([, partition]) => partition!))].sort()
}
