import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { createMemoryFactory } from '@scoped-memory/core'
import {
  openPostgresMemory,
  postgresSchema,
  setUpPostgres,
  type PostgresSetUp,
  type SetUpPostgresOptions,
} from '@scoped-memory/core/postgres'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SCHEMA_STEPS, type SchemaStep } from '../../packages/core/src/postgres/schema.ts'
import { applySchema } from '../../packages/core/src/postgres/set-up.ts'
import { hashEmbedder } from '../../packages/core/test/embedded/hash-embedder.ts'
import { createRoles, type PostgresRoles } from './postgres-roles.ts'
import { openPostgres } from './postgres-server.ts'

const DIMENSIONS = 8
const postgres = await openPostgres()
const url = 'url' in postgres ? postgres.url : ''
if ('unavailable' in postgres) console.warn(`Skipped, PostgreSQL: ${postgres.unavailable}`)

describe.skipIf(url === '')('setUpPostgres() and postgresSchema() on a PostgreSQL server', () => {
  let roles: PostgresRoles
  let owner: Client
  let counter = 0
  const embedder = hashEmbedder(DIMENSIONS)
  const newTable = (): string => `set_up_${counter++}`
  const setUp = (options: Partial<SetUpPostgresOptions>): Promise<PostgresSetUp> =>
    setUpPostgres({ connectionString: roles.owner.url, dimensions: DIMENSIONS, ...options })
  const refusal = (options: Partial<SetUpPostgresOptions>): Promise<Error> =>
    setUp(options).then(
      () => new Error('It was not refused.'),
      (error: Error) => error,
    )

  beforeAll(async () => {
    roles = await createRoles(url)
    owner = new Client({ connectionString: roles.owner.url })
    await owner.connect()
    await roles.admin(
      `CREATE SCHEMA app; GRANT USAGE, CREATE ON SCHEMA app TO ${roles.owner.name} WITH GRANT OPTION`,
    )
  })
  afterAll(async () => {
    await owner?.end()
    await roles?.[Symbol.asyncDispose]()
    if ('close' in postgres) await postgres.close()
  })

  /** All that the catalog says of a table and of those beside it, with the name of the table left out. */
  const catalogOf = async (table: string): Promise<unknown> => {
    const name = table.replace('app.', '')
    const rows = await roles.admin(
      `SELECT c.relname, c.relkind, c.relrowsecurity, c.relforcerowsecurity, c.relacl::text[] AS acl,
        obj_description(c.oid, 'pg_class') AS comment, pg_get_expr(c.relpartbound, c.oid) AS bound,
        pg_get_partkeydef(c.oid) AS key, pg_get_indexdef(c.oid) AS index, n.nspname,
        ARRAY(SELECT concat_ws(' ', attname, format_type(atttypid, atttypmod), attnotnull, attidentity, attcollation::regcollation, pg_get_expr(adbin, adrelid))
          FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
          WHERE attrelid = c.oid AND attnum > 0 ORDER BY attnum) AS columns,
        ARRAY(SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = c.oid ORDER BY 1) AS constraints,
        ARRAY(SELECT concat_ws(' ', polname, polcmd, polpermissive, polroles::text, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
          FROM pg_policy WHERE polrelid = c.oid ORDER BY 1) AS policies
      FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
      WHERE relname = $1 OR relname LIKE $2 ORDER BY relname, n.nspname`,
      [name, `${name}\\_%`],
    )
    return JSON.parse(JSON.stringify(rows).replaceAll(name, 'TABLE')) as unknown
  }

  const options: readonly [string, Partial<SetUpPostgresOptions>][] = [
    ['plain tables', {}],
    ['partitions', { partitions: 3 }],
    ['row-level security', { rowLevelSecurity: true }],
    ['partitions with row-level security', { partitions: 2, rowLevelSecurity: true }],
  ]
  describe.each(options)('%s', (_name, some) => {
    it('are made once, and a second run changes nothing', async () => {
      const all = { ...some, table: newTable(), role: roles.app.name }
      expect(await setUp(all)).toEqual({ version: SCHEMA_STEPS.length, versionBefore: null })
      const before = await catalogOf(all.table)
      expect(before).not.toEqual([])
      expect(await setUp(all)).toEqual({ version: SCHEMA_STEPS.length, versionBefore: SCHEMA_STEPS.length })
      expect(await catalogOf(all.table)).toEqual(before)
    })

    it('are the same by the SQL that is printed, run twice', async () => {
      const [byCall, bySql] = [newTable(), newTable()]
      await setUp({ ...some, table: byCall, role: roles.app.name })
      const sql = postgresSchema({ ...some, dimensions: DIMENSIONS, table: bySql, role: roles.app.name })
      await owner.query(sql)
      expect(await catalogOf(bySql)).toEqual(await catalogOf(byCall))
      await owner.query(sql)
      expect(await catalogOf(bySql)).toEqual(await catalogOf(byCall))
      // Each statement by itself, as a tool for migrations may run them.
      for (const statement of sql.split(';\n').filter((text) => text.trim() !== ''))
        await owner.query(statement)
      expect(await catalogOf(bySql)).toEqual(await catalogOf(byCall))
      expect(await setUp({ ...some, table: bySql })).toMatchObject({ versionBefore: SCHEMA_STEPS.length })
    })
  })

  it('makes tables once when four processes run it at once', async () => {
    const some = { partitions: 2, rowLevelSecurity: true, dimensions: DIMENSIONS, role: roles.app.name }
    const all = { ...some, connectionString: roles.owner.url, table: newTable() }
    const program = `
      import { setUpPostgres } from '@scoped-memory/core/postgres'
      console.log(JSON.stringify(await setUpPostgres(${JSON.stringify(all)})))`
    const done = await Promise.all(Array.from({ length: 4 }, () => runModule(program)))
    expect(done.filter((text) => text.includes('"versionBefore":null'))).toHaveLength(1)
    const alone = newTable()
    await setUp({ ...some, table: alone })
    expect(await catalogOf(all.table)).toEqual(await catalogOf(alone))
  })

  it('makes tables in a schema, and the role of the application works in it', async () => {
    const table = `app.${newTable()}`
    await setUp({ table, role: roles.app.name, rowLevelSecurity: true })
    await using client = await openPostgresMemory({
      connectionString: roles.app.url,
      embedder,
      table,
      rowLevelSecurity: true,
    })
    const alice = createMemoryFactory({ client })('u_alice')
    await alice.add('tea', { infer: false })
    expect((await alice.getAll()).results).toMatchObject([{ memory: 'tea' }])
    const byCall = await catalogOf(table)
    await setUp({ table, role: roles.app.name, rowLevelSecurity: true })
    expect(await catalogOf(table)).toEqual(byCall)
  })

  it('names everything in full for the longest name and the most partitions', async () => {
    const table = `app.${'x'.repeat(40)}`
    await setUp({ table, partitions: 12 })
    const names = await roles.admin(
      `SELECT relname FROM pg_class WHERE relname LIKE 'xxx%' AND relkind IN ('r', 'p')`,
    )
    expect(names).toHaveLength(3 * 13)
    expect(await setUp({ table, partitions: 12 })).toMatchObject({ versionBefore: SCHEMA_STEPS.length })
  })

  it('repairs no more than what is open: row-level security can be turned on later', async () => {
    const table = newTable()
    await setUp({ table, partitions: 2 })
    await setUp({ table, partitions: 2, rowLevelSecurity: true })
    const whole = newTable()
    await setUp({ table: whole, partitions: 2, rowLevelSecurity: true })
    expect(await catalogOf(table)).toEqual(await catalogOf(whole))
  })

  describe('versions', () => {
    const later: SchemaStep = ({ memories }) => [
      `ALTER TABLE ${memories} ADD COLUMN IF NOT EXISTS pinned boolean NOT NULL DEFAULT false`,
    ]
    const apply = (table: string, steps: readonly SchemaStep[]): Promise<PostgresSetUp> =>
      applySchema(
        async (sql, values) => (await owner.query<Record<string, unknown>>(sql, [...values])).rows,
        { dimensions: DIMENSIONS, table },
        steps,
      )

    it('moves tables of an earlier version up, and refuses those of a later one', async () => {
      const table = newTable()
      await setUp({ table, role: roles.app.name })
      const now = SCHEMA_STEPS.length
      expect(await apply(table, [...SCHEMA_STEPS, later])).toEqual({ version: now + 1, versionBefore: now })
      expect(await apply(table, [...SCHEMA_STEPS, later])).toEqual({
        version: now + 1,
        versionBefore: now + 1,
      })
      const before = await catalogOf(table)
      expect(JSON.stringify(before)).toContain('pinned')
      expect(await refusal({ table })).toMatchObject({
        code: 'SCHEMA_MISMATCH',
        message: expect.stringContaining('npm install @scoped-memory/core@latest'),
      })
      expect(await catalogOf(table)).toEqual(before)
      const opening = openPostgresMemory({ connectionString: roles.app.url, embedder, table })
      await expect(opening).rejects.toMatchObject({ code: 'SCHEMA_MISMATCH' })
    })

    it('leaves the version as it was where a step fails', async () => {
      const table = newTable()
      await setUp({ table })
      const before = await catalogOf(table)
      const broken: SchemaStep = (names, schema) => [...later(names, schema), 'SELECT 1 / 0']
      await expect(apply(table, [...SCHEMA_STEPS, broken])).rejects.toMatchObject({ code: '22012' })
      expect(await catalogOf(table)).toEqual(before)
    })
  })

  it('goes on beside a service that writes, and never holds it up', async () => {
    const table = newTable()
    await setUp({ table, role: roles.app.name, rowLevelSecurity: true })
    await using client = await openPostgresMemory({
      connectionString: roles.app.url,
      embedder,
      table,
      rowLevelSecurity: true,
    })
    const alice = createMemoryFactory({ client })('u_alice')
    // A transaction that has written, and stays open.
    await roles.admin('BEGIN')
    await roles.admin(
      `INSERT INTO ${table}_history (user_id, memory_id, action) VALUES ('u_long', gen_random_uuid(), 'ADD')`,
    )
    await roles.admin(`LOCK TABLE ${table}, ${table}_entities, ${table}_history IN ROW EXCLUSIVE MODE`)
    try {
      const settingUp = setUp({ table, role: roles.app.name, rowLevelSecurity: true })
      await alice.add('written meanwhile', { infer: false })
      expect(await settingUp).toMatchObject({ versionBefore: SCHEMA_STEPS.length })
      expect((await alice.getAll()).results).toHaveLength(1)
    } finally {
      await roles.admin('COMMIT')
    }
  })

  it('lets writers go first while a table that it has to change is locked, and changes it afterwards', async () => {
    const table = newTable()
    await setUp({ table, role: roles.app.name })
    const holder = new Client({ connectionString: roles.owner.url })
    await holder.connect()
    await holder.query(`BEGIN; LOCK TABLE ${table} IN ROW EXCLUSIVE MODE`)
    const settingUp = setUp({ table, rowLevelSecurity: true })
    const waiting = () =>
      roles.admin('SELECT FROM pg_locks WHERE relation = $1::regclass AND NOT granted', [table])
    await expect.poll(waiting).toHaveLength(1)
    // Behind the lock that is waited for, this waits too, until setting up gives way.
    await roles.admin(`INSERT INTO ${table} (user_id, id, vector, words, payload)
      VALUES ('u_alice', gen_random_uuid(), array_fill(1, ARRAY[${DIMENSIONS}])::vector, '', '{}')`)
    await holder.query('COMMIT')
    await holder.end()
    expect(await settingUp).toMatchObject({ versionBefore: SCHEMA_STEPS.length })
    const [{ forced }] = (await roles.admin(
      'SELECT relforcerowsecurity AS forced FROM pg_class WHERE oid = $1::regclass',
      [table],
    )) as [{ forced: boolean }]
    expect(forced).toBe(true)
  })

  describe('refuses', () => {
    it.each(['', '_entities', '_history'])(
      'a table of the name with "%s" that is not of this package',
      async (suffix) => {
        const table = newTable()
        await owner.query(`CREATE TABLE ${table}${suffix} (id int)`)
        const before = await catalogOf(table)
        expect(await refusal({ table })).toMatchObject({
          code: 'SCHEMA_MISMATCH',
          message: expect.stringContaining("table: 'agent_memories'"),
        })
        expect(await catalogOf(table)).toEqual(before)
      },
    )

    it('a view of the name, whatever its comment', async () => {
      const table = newTable()
      await setUp({ table: `${table}_x` })
      await owner.query(`CREATE VIEW ${table} AS SELECT * FROM ${table}_x; COMMENT ON VIEW ${table} IS 'scoped-memory schema 1';
        CREATE TABLE ${table}_entities (); CREATE TABLE ${table}_history ()`)
      expect(await refusal({ table })).toMatchObject({ code: 'SCHEMA_MISMATCH' })
    })

    it('other dimensions and other partitions', async () => {
      const table = newTable()
      await setUp({ table, partitions: 2 })
      for (const other of [{ dimensions: 9, partitions: 2 }, { partitions: 3 }, {}])
        expect(await refusal({ table, ...other })).toMatchObject({
          code: 'INVALID_ARGUMENT',
          message: expect.stringContaining(`${DIMENSIONS} dimensions and 2 partitions`),
        })
    })

    it('a role that is not there', async () => {
      const table = newTable()
      expect(await refusal({ table, role: 'no "such" role' })).toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: expect.stringContaining(`CREATE ROLE "no ""such"" role" LOGIN`),
      })
      expect(await catalogOf(table)).toEqual([])
    })

    it('a schema that is not there', async () => {
      expect(await refusal({ table: 'nowhere.memories' })).toMatchObject({
        code: 'SCHEMA_MISMATCH',
        message: expect.stringContaining('CREATE SCHEMA "nowhere";'),
      })
    })

    it('a role that may make no tables', async () => {
      await roles.admin('REVOKE CREATE ON SCHEMA public FROM PUBLIC')
      expect(await refusal({ table: newTable(), connectionString: roles.app.url })).toMatchObject({
        code: 'SCHEMA_MISMATCH',
        message: expect.stringContaining('GRANT USAGE, CREATE ON SCHEMA "public"'),
      })
    })

    it('a server that cannot be reached', async () => {
      const elsewhere = new URL(roles.owner.url)
      elsewhere.port = '9'
      expect(await refusal({ connectionString: elsewhere.href })).toMatchObject({
        code: 'UNAVAILABLE',
        status: 503,
      })
    })
  })

  describe('openPostgresMemory()', () => {
    it('says what to run where the tables are missing or not of this package', async () => {
      const open = (table: string) => openPostgresMemory({ connectionString: roles.app.url, embedder, table })
      const foreign = newTable()
      await owner.query(`CREATE TABLE ${foreign} (id int)`)
      for (const table of ['missing', foreign])
        await expect(open(table)).rejects.toMatchObject({
          code: 'SCHEMA_MISMATCH',
          message: expect.stringContaining(
            `setUpPostgres({ connectionString, dimensions: ${DIMENSIONS}, table: '${table}' })`,
          ),
        })
    })
  })
})

/** Runs a program in a process of its own, and resolves to what it prints. */
async function runModule(program: string): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=@scoped-memory/source', '--import', 'tsx', '--input-type=module', '--eval', program],
    { cwd: new URL('..', import.meta.url) },
  )
  return stdout.trim()
}
