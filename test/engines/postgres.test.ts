import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createMemoryFactory, ensureUserIndex, ScopedMemory } from '@scoped-memory/core'
import { isolationContract } from '@scoped-memory/core/testing'
import type { Memory } from 'mem0ai/oss'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hashEmbedder } from '../../packages/core/test/embedded/hash-embedder.ts'
import { startFactModel } from '../../packages/core/test/support/fact-model.ts'
import { sentenceEmbedder } from '../../packages/core/src/embedded/sentence-embedder.ts'
import { sqlOf } from '../docs/sql-of.ts'
import { disconnect, postgresMemory, type PostgresMemoryOptions } from './postgres-memory.ts'
import { openPostgres } from './postgres-server.ts'

const DIMENSIONS = 64
const postgres = await openPostgres()
const url = 'url' in postgres ? postgres.url : ''
if ('unavailable' in postgres) console.warn(`Skipped, PostgreSQL: ${postgres.unavailable}`)
afterAll(() => ('close' in postgres ? postgres.close() : undefined))

describe.skipIf(url === '')('mem0ai/oss on a PostgreSQL server', () => {
  const opened: Memory[] = []
  const open = async (options: Partial<PostgresMemoryOptions>): Promise<Memory> => {
    const memory = postgresMemory({
      url,
      embedder: hashEmbedder(DIMENSIONS),
      dimensions: DIMENSIONS,
      ...options,
    })
    opened.push(memory)
    // One at a time: of two that make the tables at once, mem0 leaves a connection open that nobody can end.
    await memory.getAll({ filters: { user_id: 'u_alice' } })
    return memory
  }
  afterAll(async () => void (await Promise.all(opened.map(disconnect))))

  describe('the isolation contract', () => {
    const directory = mkdtempSync(join(tmpdir(), 'postgres-history-'))
    let model: Awaited<ReturnType<typeof startFactModel>>
    let client: Memory
    beforeAll(async () => {
      model = await startFactModel()
      client = await open({
        collectionName: 'isolation',
        historyDbPath: join(directory, 'history.db'),
        modelUrl: model.url,
      })
      await ensureUserIndex(client)
    })
    afterAll(async () => {
      await model.close()
      rmSync(directory, { recursive: true, force: true })
    })
    isolationContract({ describe, it, createMemory: (userId) => new ScopedMemory(userId, { client }) })
  })

  it('recalls by meaning, keeps two users apart and deletes one of them, as the quick start says', async () => {
    const client = await open({
      collectionName: 'quickstart',
      embedder: await sentenceEmbedder(),
      dimensions: 512,
    })
    await ensureUserIndex(client)
    const memoryFor = createMemoryFactory({ client })
    const [alice, bob] = [memoryFor('u_alice'), memoryFor('u_bob')]
    await alice.add('I am vegetarian and allergic to peanuts', { infer: false })
    await bob.add('I always book the window seat', { infer: false })

    const texts = async (memory: ScopedMemory) =>
      (await memory.getAll()).results.map((record) => record.memory)
    const { results } = await alice.search('food preferences')
    expect(results).toMatchObject([{ memory: 'I am vegetarian and allergic to peanuts', userId: 'u_alice' }])
    expect(JSON.stringify(await bob.search('food preferences'))).not.toContain('vegetarian')

    await alice.deleteAll()
    expect(await texts(alice)).toEqual([])
    expect(await texts(bob)).toEqual(['I always book the window seat'])
  })

  it('serves a user from any client, by id too: a process keeps nothing that another one needs', async () => {
    const one = await open({ collectionName: 'shared' })
    const other = await open({ collectionName: 'shared' })
    const { results } = await new ScopedMemory('u_alice', { client: one }).add('tea', { infer: false })
    const elsewhere = new ScopedMemory('u_alice', { client: other })
    expect(await elsewhere.get(results[0]!.id)).toMatchObject({ memory: 'tea', userId: 'u_alice' })
    await expect(new ScopedMemory('u_bob', { client: other }).get(results[0]!.id)).rejects.toMatchObject({
      code: 'MEMORY_NOT_FOUND',
    })
    await elsewhere.delete(results[0]!.id)
    expect((await new ScopedMemory('u_alice', { client: one }).getAll()).results).toEqual([])
  })

  it('keeps to one partition of a table partitioned as docs/scaling.md says', async () => {
    const statements = sqlOf('scaling.md', "## mem0's own `pgvector` provider")
    const sql = new Client({ connectionString: url })
    await sql.connect()
    await sql.query(statements.replace('vector(1536)', `vector(${DIMENSIONS})`))
    await sql.end()

    const client = await open({ collectionName: 'memories' })
    expect((await ensureUserIndex(client)).tables[0]).toMatchObject({ status: 'exists' })
    const memoryFor = createMemoryFactory({ client })
    const users = Array.from({ length: 8 }, (_, index) => memoryFor(`u_${index}`))
    for (const user of users) await user.add(`tea for ${user.userId}`, { infer: false })
    const alice = users[0]!
    const plans = await plansOf(client, async () => {
      expect(await alice.search('tea')).toMatchObject({ results: [{ memory: 'tea for u_0' }] })
    })
    for (const plan of plans) expect(new Set(plan.match(/memories_\d/g)).size).toBe(1)

    const [record] = (await alice.getAll()).results
    await alice.update(record!.id, 'coffee')
    expect(await alice.get(record!.id)).toMatchObject({ memory: 'coffee', userId: 'u_0' })
    await expect(users[1]!.get(record!.id)).rejects.toMatchObject({ code: 'MEMORY_NOT_FOUND' })
    await alice.deleteAll()
    expect((await alice.getAll()).results).toEqual([])
    expect((await users[1]!.getAll()).results).toHaveLength(1)
  })

  describe('ensureUserIndex()', () => {
    let sql: Client
    beforeAll(async () => {
      sql = new Client({ connectionString: url })
      await sql.connect()
    })
    afterAll(() => sql.end())

    it("makes the index that mem0's own queries use, however many other users there are", async () => {
      const memory = await open({ collectionName: 'used' })
      await memory.add('I am vegetarian', { userId: 'u_alice', infer: false })
      await sql.query(`
        INSERT INTO used SELECT gen_random_uuid(), array_fill(0.1, ARRAY[${DIMENSIONS}])::vector,
               jsonb_build_object('user_id', 'u_' || n / 10, 'data', 'x') FROM generate_series(1, 50000) n`)
      const plans = await plansOf(memory, async () => {
        await memory.search('food', { filters: { user_id: 'u_alice' } })
        await memory.getAll({ filters: { user_id: 'u_alice' } })
      })
      expect(plans.join('\n')).toContain('Seq Scan on used')

      expect(await ensureUserIndex(memory)).toMatchObject({ status: 'created', warnings: [] })
      const after = await plansOf(memory, async () => {
        await memory.search('food', { filters: { user_id: 'u_alice' } })
        await memory.getAll({ filters: { user_id: 'u_alice' } })
      })
      expect(after.length).toBeGreaterThanOrEqual(4)
      for (const plan of after) {
        expect(plan).toContain('used_user_id_idx')
        // Planned for a user's rows: for half a percent of all, Postgres would compile the query at a million users.
        expect(Number(/used_user_id_idx.*rows=(\d+)/.exec(plan)![1])).toBeLessThan(30)
      }
      expect(await ensureUserIndex(memory)).toMatchObject({ status: 'exists' })
    })

    it('lets other connections write while it builds, and says that it is building', async () => {
      const builder = await open({ collectionName: 'busy' })
      const writer = await open({ collectionName: 'busy' })
      const observer = await open({ collectionName: 'busy' })
      // A build waits for the transactions that began before it.
      await sql.query('BEGIN')
      await sql.query(`INSERT INTO busy (id, payload) VALUES (gen_random_uuid(), '{"user_id":"u_carol"}')`)
      const built = ensureUserIndex(builder)
      try {
        await expect.poll(() => progress(url)).toBe(1)
        await writer.add('written meanwhile', { userId: 'u_alice', infer: false })
        expect((await writer.getAll({ filters: { user_id: 'u_alice' } })).results).toHaveLength(1)
        expect((await ensureUserIndex(observer)).tables[0]).toMatchObject({ status: 'building' })
      } finally {
        await sql.query('COMMIT')
      }
      expect(await built).toMatchObject({ tables: [{ status: 'created' }, {}] })
      expect((await ensureUserIndex(observer)).tables[0]).toMatchObject({ status: 'exists' })
    })

    it('makes one when several processes first start at once, although mem0 makes its tables without a lock', async () => {
      const start = `
        import { ensureUserIndex } from '@scoped-memory/core'
        import { hashEmbedder } from '../packages/core/test/embedded/hash-embedder.ts'
        import { postgresMemory } from './engines/postgres-memory.ts'
        const memory = postgresMemory({
          url: process.env.DATABASE_URL, embedder: hashEmbedder(8), dimensions: 8, collectionName: 'raced',
        })
        const { tables } = await ensureUserIndex(memory)
        // The entity store is of use only if it could be opened.
        await (await memory.getEntityStore()).list({ user_id: 'u_alice' }, 1)
        console.log(tables.map(({ index }) => index).join())
        process.exit()`
      const processes = Array.from({ length: 4 }, () => runModule(start, { DATABASE_URL: url }))
      for (const printed of await Promise.all(processes))
        expect(printed).toBe('raced_user_id_idx,raced_entities_user_id_idx')
      const { rows } =
        await sql.query(`SELECT indisvalid AS valid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        WHERE c.relname LIKE 'raced%user_id_idx'`)
      expect(rows).toEqual([{ valid: true }, { valid: true }])
    })
  })
})

describe('the script that gets a server', () => {
  const script = new URL('../../scripts/pgvector-up.sh', import.meta.url).pathname
  it('says in one line why it cannot, where there is no apt', () => {
    const { status, stdout, stderr } = spawnSync('/bin/bash', [script], {
      env: { PATH: '/nowhere' },
      encoding: 'utf8',
    })
    expect({ status, stdout }).toEqual({ status: 69, stdout: '' })
    expect(stderr).toMatch(/^No PostgreSQL with pgvector here: it needs apt-get.*\n$/)
  })

  it('takes no name that could be a path', () => {
    const { status, stderr } = spawnSync('/bin/bash', [script, '--stop', '../x'], { encoding: 'utf8' })
    expect(status).toBe(1)
    expect(stderr).toContain('letters, digits, - and _ only')
  })
})

/** How Postgres carries out what mem0 asks meanwhile. */
async function plansOf(memory: Memory, work: () => Promise<void>): Promise<string[]> {
  const { client } = (memory as unknown as { vectorStore: { client: { query: Query } } }).vectorStore
  const query = client.query.bind(client)
  const plans: string[] = []
  client.query = async (sql, values) => {
    const { rows } = await query(`EXPLAIN ${sql}`, values)
    plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'))
    return query(sql, values)
  }
  await work()
  client.query = query
  return plans
}

/** Runs a program in a process of its own, and resolves to what it prints. */
async function runModule(program: string, env: Record<string, string>): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=@scoped-memory/source', '--import', 'tsx', '--input-type=module', '--eval', program],
    { cwd: new URL('..', import.meta.url), env: { ...process.env, ...env } },
  )
  return stdout.trim()
}

/** How many indexes are being built at this moment. */
async function progress(url: string): Promise<number> {
  const client = new Client({ connectionString: url })
  await client.connect()
  const { rowCount } = await client.query('SELECT FROM pg_stat_progress_create_index')
  await client.end()
  return rowCount ?? 0
}

type Query = (sql: string, values?: unknown[]) => Promise<{ rows: Record<string, string>[] }>
