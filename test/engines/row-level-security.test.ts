import { createMemoryFactory } from '@scoped-memory/core'
import { openPostgresMemory, setUpPostgres, type ClosableMemory } from '@scoped-memory/core/postgres'
import { Client, Pool } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ResultRow } from '../../packages/core/src/postgres/database.ts'
import { poolDatabase, type PoolDatabase } from '../../packages/core/src/postgres/pool-database.ts'
import { requireRowLevelSecurity } from '../../packages/core/src/postgres/row-level-security.ts'
import { hashEmbedder } from '../../packages/core/test/embedded/hash-embedder.ts'
import { harmless, mendingSql, openings, TABLES } from '../../packages/core/test/postgres/policy-openings.ts'
import { createRoles, type PostgresRoles, type Role } from './postgres-roles.ts'
import { openPostgres } from './postgres-server.ts'

const DIMENSIONS = 8
const postgres = await openPostgres()
const url = 'url' in postgres ? postgres.url : ''
if ('unavailable' in postgres) console.warn(`Skipped, PostgreSQL: ${postgres.unavailable}`)

describe.skipIf(url === '')('row-level security on a PostgreSQL server', () => {
  let roles: PostgresRoles
  let client: ClosableMemory
  let memoryFor: ReturnType<typeof createMemoryFactory>
  const embedder = hashEmbedder(DIMENSIONS)
  const tables = ['scoped_memories', 'scoped_memories_entities', 'scoped_memories_history']

  beforeAll(async () => {
    roles = await createRoles(url)
    await setUpPostgres({
      connectionString: roles.owner.url,
      dimensions: DIMENSIONS,
      role: roles.app.name,
      rowLevelSecurity: true,
    })
    client = await openPostgresMemory({ connectionString: roles.app.url, embedder, rowLevelSecurity: true })
    memoryFor = createMemoryFactory({ client })
  })
  afterAll(async () => {
    await client?.close()
    await roles?.[Symbol.asyncDispose]()
    if ('close' in postgres) await postgres.close()
  })
  beforeEach(async () => {
    await roles.admin(`TRUNCATE ${tables.join(', ')}`)
    await memoryFor('u_alice').add('Alice drinks tea in Lisbon', { infer: false })
    await memoryFor('u_bob').add('Bob drinks coffee in Porto', { infer: false })
    await roles.admin(`INSERT INTO scoped_memories_entities (user_id, id, vector, links, payload)
      SELECT user_id, gen_random_uuid(), vector, ARRAY[id], '{"data":"drink"}' FROM scoped_memories`)
  })
  const rowsIn = async (table: string) =>
    roles
      .admin(`SELECT user_id FROM ${table} ORDER BY user_id`)
      .then((rows) => rows.map((row) => row['user_id']))

  describe('statements of ours without a WHERE', () => {
    let pool: Pool
    let database: PoolDatabase
    beforeEach(() => {
      pool = new Pool({ connectionString: roles.app.url, max: 1 })
      database = poolDatabase(pool, { ownsPool: true, rowLevelSecurity: true, preparedStatements: true })
    })
    afterEach(() => database.close())
    const run = async (userId: string | undefined, ...texts: string[]): Promise<ResultRow[]> =>
      (
        await database.run(
          texts.map((text) => ({ text, values: [], prepared: false })),
          { userId, writes: true, signal: undefined },
        )
      ).at(-1)!
    const insertFor = (table: string, user: string): string =>
      ({
        scoped_memories: `INSERT INTO scoped_memories (user_id, id, vector, words, payload)
          VALUES ('${user}', gen_random_uuid(), '[1,1,1,1,1,1,1,1]', '', '{}')`,
        scoped_memories_entities: `INSERT INTO scoped_memories_entities (user_id, id, vector, links, payload)
          VALUES ('${user}', gen_random_uuid(), '[1,1,1,1,1,1,1,1]', '{}', '{}')`,
        scoped_memories_history: `INSERT INTO scoped_memories_history (user_id, memory_id, action)
          VALUES ('${user}', gen_random_uuid(), 'ADD')`,
      })[table]!

    it.each(tables)('see and write nothing in %s without a user', async (table) => {
      expect(await rowsIn(table)).toEqual(['u_alice', 'u_bob'])
      expect(await run(undefined, `SELECT * FROM ${table}`)).toEqual([])
      expect(await run(undefined, `UPDATE ${table} SET user_id = 'u_eve' RETURNING user_id`)).toEqual([])
      expect(await run(undefined, `DELETE FROM ${table} RETURNING user_id`)).toEqual([])
      for (const user of ['u_alice', 'u_eve'])
        await expect(run(undefined, insertFor(table, user))).rejects.toMatchObject({ code: '42501' })
      expect(await rowsIn(table)).toEqual(['u_alice', 'u_bob'])
    })

    it.each(tables)("see and write the user's rows only in %s", async (table) => {
      expect(await run('u_alice', `SELECT user_id FROM ${table}`)).toEqual([{ user_id: 'u_alice' }])
      // A row of one's own cannot be given to somebody else, nor be made for them.
      await expect(run('u_alice', `UPDATE ${table} SET user_id = 'u_bob'`)).rejects.toMatchObject({
        code: '42501',
      })
      await expect(run('u_alice', insertFor(table, 'u_bob'))).rejects.toMatchObject({ code: '42501' })
      await run('u_alice', insertFor(table, 'u_alice'))
      expect(await run('u_alice', `DELETE FROM ${table} RETURNING user_id`)).toEqual([
        { user_id: 'u_alice' },
        { user_id: 'u_alice' },
      ])
      expect(await rowsIn(table)).toEqual(['u_bob'])
    })

    it('cannot be widened by what a user id says', async () => {
      for (const id of ["' OR true --", 'u_alice,u_bob', '%', 'u_alice ', 'U_ALICE', '*'])
        expect(await run(id, 'SELECT * FROM scoped_memories')).toEqual([])
      await expect(run('', insertFor('scoped_memories', ''))).rejects.toMatchObject({ code: '23514' })
    })

    it('see the same when workers of the server read in parallel', async () => {
      await roles.admin(`INSERT INTO scoped_memories (user_id, id, vector, words, payload)
        SELECT 'u_' || n % 100, gen_random_uuid(), '[1,1,1,1,1,1,1,1]', '', '{}' FROM generate_series(1, 20000) n`)
      const inParallel = ['parallel_setup_cost', 'parallel_tuple_cost', 'min_parallel_table_scan_size'].map(
        (name) => `SET LOCAL ${name} = 0`,
      )
      const count = 'SELECT count(*) FROM scoped_memories'
      // The one index leads with the user, so that a whole scan has to be asked for.
      const scan = ['enable_indexscan', 'enable_indexonlyscan', 'enable_bitmapscan'].map(
        (name) => `SET LOCAL ${name} = off`,
      )
      const plan = await run('u_7', ...inParallel, ...scan, `EXPLAIN (ANALYZE) ${count}`)
      expect(JSON.stringify(plan)).toMatch(/Workers Launched: [1-9]/)
      expect(await run('u_7', ...inParallel, ...scan, count)).toEqual([{ count: 200 }])
      expect(await run(undefined, ...inParallel, ...scan, count)).toEqual([{ count: 0 }])
    })

    describe('leave no user on the pooled connection', () => {
      const SETTING = `SELECT coalesce(current_setting('scoped_memory.user_id', true), '') AS "user"`
      const pid = async (): Promise<unknown> =>
        (await run(undefined, 'SELECT pg_backend_pid()::text AS pid'))[0]!['pid']
      const expectNoUser = async (): Promise<void> => {
        expect(await run(undefined, SETTING)).toEqual([{ user: '' }])
        expect(await run(undefined, 'SELECT * FROM scoped_memories')).toEqual([])
        const { rows } = await pool.query('SELECT * FROM scoped_memories')
        expect(rows).toEqual([])
      }
      /** Waits until the connection sleeps, then lets the administrator act on it. */
      const whileItSleeps = async (act: string): Promise<unknown> => {
        const sleeping = pid().then((id) => {
          const failure = run('u_alice', 'SELECT user_id FROM scoped_memories', 'SELECT pg_sleep(600)').catch(
            (error: unknown) => error,
          )
          return { id, failure }
        })
        const { id, failure } = await sleeping
        await expect
          .poll(() =>
            roles.admin(`SELECT FROM pg_stat_activity WHERE pid = $1 AND wait_event = 'PgSleep'`, [id]),
          )
          .toHaveLength(1)
        await roles.admin(`SELECT ${act}($1)`, [id])
        return failure
      }

      it('after a success', async () => {
        const before = await pid()
        expect(await run('u_alice', SETTING)).toEqual([{ user: 'u_alice' }])
        await expectNoUser()
        expect(await pid()).toBe(before)
      })

      it('after an error', async () => {
        const before = await pid()
        await expect(run('u_alice', SETTING, 'SELECT 1 / 0')).rejects.toMatchObject({ code: '22012' })
        await expectNoUser()
        expect(await pid()).toBe(before)
      })

      it('after a cancelled statement', async () => {
        const before = await pid()
        expect(await whileItSleeps('pg_cancel_backend')).toMatchObject({ code: '57014' })
        await expectNoUser()
        expect(await pid()).toBe(before)
      })

      it('after a statement that took too long', async () => {
        const before = await pid()
        const slow = run('u_alice', 'SET LOCAL statement_timeout = 50', 'SELECT pg_sleep(600)')
        await expect(slow).rejects.toMatchObject({ code: '57014' })
        await expectNoUser()
        expect(await pid()).toBe(before)
      })

      it('after a connection that broke in the middle', async () => {
        expect(await whileItSleeps('pg_terminate_backend')).toMatchObject({ code: 'OUTCOME_UNKNOWN' })
        await expectNoUser()
      })

      it('after a call that was given up', async () => {
        const controller = new AbortController()
        const id = await pid()
        const given = database.run([{ text: 'SELECT pg_sleep(600)', values: [], prepared: false }], {
          userId: 'u_alice',
          writes: false,
          signal: controller.signal,
        })
        given.catch(() => {})
        await expect
          .poll(() =>
            roles.admin(`SELECT FROM pg_stat_activity WHERE pid = $1 AND wait_event = 'PgSleep'`, [id]),
          )
          .toHaveLength(1)
        controller.abort(new Error('enough'))
        await expect(given).rejects.toThrow('enough')
        await expectNoUser()
      })
    })
  })

  describe('the client, asked past a handle', () => {
    const state = async () => {
      const rows: unknown[] = []
      for (const table of tables)
        rows.push(await roles.admin(`SELECT t::text FROM ${table} t ORDER BY user_id, t::text`))
      return rows
    }
    it('reads nothing and writes nothing, by id and by filter', async () => {
      const [{ id }] = (await roles.admin(`SELECT id FROM scoped_memories WHERE user_id = 'u_alice'`)) as [
        { id: string },
      ]
      const before = await state()
      const filters = { user_id: 'u_alice' }
      expect(await client.get(id)).toBeNull()
      expect(await client.history(id)).toEqual([])
      expect((await client.getAll({ filters })).results).toEqual([])
      expect((await client.search('tea', { filters, threshold: 0 })).results).toEqual([])
      const writes = [
        () => client.add('mine', { userId: 'u_alice', infer: false }),
        () => client.update(id, 'mine'),
        () => client.delete(id),
        () => client.reset(),
      ]
      for (const write of writes) await expect(write()).rejects.toMatchObject({ code: 'UNSUPPORTED' })
      await expect(client.deleteAll({ userId: 'u_alice' })).rejects.toMatchObject({ code: 'UNSUPPORTED' })
      expect(await state()).toEqual(before)
      expect((await memoryFor('u_alice').getAll()).results).toHaveLength(1)
    })
  })

  it('keeps many users at once over few connections apart', async () => {
    const few = await openPostgresMemory({
      connectionString: roles.app.url,
      embedder,
      rowLevelSecurity: true,
      poolSize: 3,
    })
    await using _closing = few
    const handles = Array.from({ length: 40 }, (_, n) =>
      createMemoryFactory({ client: few, onForeignRecord: 'throw' })(`u_many_${n}`),
    )
    const pool = new Pool({ connectionString: roles.app.url, max: 3 })
    const raw = poolDatabase(pool, { ownsPool: true, rowLevelSecurity: true, preparedStatements: true })
    await Promise.all(handles.map((handle) => handle.add(`tea for ${handle.userId}`, { infer: false })))
    for (let round = 0; round < 3; round++)
      await Promise.all(
        handles.map(async (handle) => {
          const { userId } = handle
          const everything = { text: 'SELECT user_id FROM scoped_memories', values: [], prepared: true }
          const failing = { text: 'SELECT 1 / 0', values: [], prepared: false }
          const [found, listed, [seen]] = await Promise.all([
            handle.search('tea'),
            handle.getAll(),
            raw.run([everything], { userId, writes: false, signal: undefined }),
            raw.run([everything, failing], { userId, writes: false, signal: undefined }).catch(() => {}),
          ])
          expect([found, listed].map(({ results }) => results.map((record) => record.memory))).toEqual([
            [`tea for ${userId}`],
            [`tea for ${userId}`],
          ])
          expect(seen).toEqual([{ user_id: userId }])
        }),
      )
    await raw.close()
  })

  it('asks the tables that were there when it opened, whatever is put before them later', async () => {
    await roles.admin(`CREATE SCHEMA shadow; GRANT USAGE, CREATE ON SCHEMA shadow TO PUBLIC`)
    const pool = new Pool({ connectionString: roles.app.url, max: 1 })
    const memory = await openPostgresMemory({ pool, embedder, rowLevelSecurity: true })
    await pool.query('CREATE TEMPORARY TABLE scoped_memories (LIKE public.scoped_memories)')
    await pool.query('CREATE TABLE shadow.scoped_memories_history (LIKE public.scoped_memories_history)')
    await pool.query('SET search_path = shadow, public')
    const alice = createMemoryFactory({ client: memory })('u_alice')
    const { results } = await alice.getAll()
    expect(results).toMatchObject([{ memory: 'Alice drinks tea in Lisbon' }])
    expect(await alice.history(results[0]!.id)).toHaveLength(1)
    await memory.close()
    // What is before them while it opens is refused.
    await expect(openPostgresMemory({ pool, embedder, rowLevelSecurity: true })).rejects.toMatchObject({
      code: 'SCHEMA_MISMATCH',
    })
    await pool.end()
    await roles.admin('DROP SCHEMA shadow CASCADE')
  })

  describe('openPostgresMemory({ rowLevelSecurity: true })', () => {
    const open = async (role: Role): Promise<void> => {
      const memory = await openPostgresMemory({
        connectionString: role.url,
        embedder,
        rowLevelSecurity: true,
      })
      await memory.close()
    }
    const refusal = async (role: Role): Promise<string> => {
      const error: unknown = await open(role).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'UNSAFE_BACKEND' })
      return (error as Error).message
    }
    const grant = (role: Role) =>
      roles.admin(`GRANT SELECT, INSERT, UPDATE, DELETE ON ${tables.join(', ')} TO ${role.name}`)

    it('accepts the owner, whom the policies bind too', () => open(roles.owner))

    it('refuses a superuser, and its SQL makes a role that is none', async () => {
      const superuser = await roles.addRole('superuser', 'SUPERUSER')
      const sql = mendingSqlOfConnect(await refusal(superuser))
      const password = 'secret'
      const name = `made_${superuser.name}`
      await roles.admin(
        sql.replace('ROLE app', `ROLE ${name}`).replace('…', password).replace('TO app', `TO ${name}`),
      )
      const made = new URL(superuser.url)
      made.username = name
      await open({ name, url: made.href })
      await roles.admin(`DROP OWNED BY ${name}; DROP ROLE ${name}`)
    })

    it('refuses a role with BYPASSRLS, and its SQL mends it', async () => {
      const role = await roles.addRole('bypassing', 'BYPASSRLS')
      await grant(role)
      await roles.admin(mendingSql(await refusal(role)))
      await open(role)
    })

    it('refuses a member of such a role, over other roles too, and its SQL mends it', async () => {
      const bypassing = await roles.addRole('master', 'BYPASSRLS')
      const between = await roles.addRole('between', 'NOINHERIT')
      const member = await roles.addRole('member', 'NOINHERIT')
      await grant(member)
      await roles.admin(`GRANT ${bypassing.name} TO ${between.name}; GRANT ${between.name} TO ${member.name}`)
      expect(await refusal(member)).toContain(`"${member.name}" is a member of "${bypassing.name}"`)
      await roles.admin(mendingSql(await refusal(member)))
      await open(member)
    })

    it('refuses a session of a superuser that acts as another role', async () => {
      const superuser = await roles.addRole('acting', 'SUPERUSER')
      await roles.admin(`ALTER ROLE ${superuser.name} SET role = '${roles.app.name}'`)
      expect(await refusal(superuser)).toContain(`"${superuser.name}" is a superuser`)
    })

    it('refuses connections that begin with a user, and its SQL mends it', async () => {
      const { database } = (await roles.admin('SELECT current_database() AS database'))[0] as {
        database: string
      }
      const { name } = roles.app
      for (const place of [`ROLE ${name}`, `DATABASE ${database}`, `ROLE ${name} IN DATABASE ${database}`]) {
        await roles.admin(`ALTER ${place} SET scoped_memory.user_id = 'u_alice'`)
        await roles.admin(mendingSql(await refusal(roles.app)))
        await open(roles.app)
      }
    })

    it('accepts roles that read all data, which policies bind too', async () => {
      const reader = await roles.addRole('reader')
      await roles.admin(`GRANT pg_read_all_data, pg_write_all_data TO ${reader.name}`)
      await open(reader)
    })

    it('says what to grant to a role that may not use the tables', async () => {
      const stranger = await roles.addRole('stranger')
      const error: unknown = await open(stranger).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'SCHEMA_MISMATCH' })
      await roles.admin(mendingSql((error as Error).message.replace('their owner, run', 'the owner: Run')))
      await open(stranger)
    })
  })

  describe('requireRowLevelSecurity()', () => {
    let app: Client
    const require = () =>
      requireRowLevelSecurity(
        async (sql, values) => (await app.query<Record<string, unknown>>(sql, [...values])).rows,
        TABLES,
      )
    const refusal = async (): Promise<string> => {
      const error: unknown = await require().catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'UNSAFE_BACKEND' })
      return (error as Error).message
    }
    const cases = openings('THE_APP', 'THE_OTHER')
    const named = (sql: string): string =>
      sql.replaceAll('THE_APP', roles.app.name).replaceAll('THE_OTHER', roles.owner.name)
    beforeAll(async () => {
      app = new Client({ connectionString: roles.app.url })
      await app.connect()
      const options = { dimensions: 3, table: 'guarded', partitions: 2, rowLevelSecurity: true }
      await setUpPostgres({ connectionString: roles.owner.url, ...options, role: roles.app.name })
    })
    afterAll(() => app.end())

    it.each(cases)('refuses when %s, and its SQL mends it', async (_name, sql) => {
      await roles.admin(named(sql))
      await roles.admin(mendingSql(await refusal()))
      await require()
    })

    it.each(harmless('THE_OTHER'))('accepts %s', async (_name, sql, undo) => {
      await roles.admin(named(sql))
      await require()
      await roles.admin(undo)
    })

    it('refuses a policy that calls a function which prints like the one of Postgres', async () => {
      const [, sql] = cases.find(([name]) => name.includes('function of the same name'))!
      await roles.admin(named(sql))
      await app.query('SET search_path = public, pg_catalog')
      const message = await refusal()
      expect(message).toContain('public.guarded lets more rows through')
      const mend = mendingSql(message)
      await app.query('RESET search_path')
      await roles.admin(mend)
      await roles.admin('DROP FUNCTION public.current_setting')
      await require()
    })

    it('refuses a foreign partition that the role may ask by its own name, and its SQL mends it', async () => {
      const { name } = roles.app
      await roles.admin(`CREATE EXTENSION postgres_fdw; CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw;
        ALTER TABLE guarded_history DETACH PARTITION guarded_history_p1;
        ALTER TABLE guarded_history DROP CONSTRAINT guarded_history_pkey;
        CREATE FOREIGN TABLE guarded_history_far PARTITION OF guarded_history FOR VALUES WITH (MODULUS 2, REMAINDER 1)
          SERVER elsewhere`)
      await require()
      await roles.admin(`GRANT SELECT (new_value) ON guarded_history_far TO ${name}`)
      await roles.admin(mendingSql(await refusal()))
      await require()
    })
  })
})

/** The SQL that an error tells one to run before one connects as another role. */
function mendingSqlOfConnect(message: string): string {
  return /Connect as another role: (.*)$/.exec(message)![1]!
}
