import { PGlite } from '@electric-sql/pglite'
import { vector } from '@electric-sql/pglite-pgvector'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { InvalidArgumentError } from '../../src/errors.ts'
import { postgresSchema, versionIn, type PostgresSchemaOptions } from '../../src/postgres/schema.ts'
import { applySchema } from '../../src/postgres/set-up.ts'

describe('postgresSchema()', () => {
  let db: PGlite
  beforeAll(async () => {
    db = await PGlite.create({ extensions: { vector } })
    await db.exec('CREATE ROLE "the ""app"""; CREATE SCHEMA app')
  })
  afterAll(() => db.close())

  const columns = async (table: string): Promise<unknown[]> =>
    (
      await db.query(
        `SELECT attrelid::regclass::text AS table, attname AS column FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
         WHERE attrelid = ANY($1::text[]::regclass[]) AND attnum = 1 AND attnotnull ORDER BY 1`,
        [[table, `${table}_entities`, `${table}_history`]],
      )
    ).rows

  it.each<[string, Partial<PostgresSchemaOptions>]>([
    ['plain', {}],
    ['split', { partitions: 2 }],
    ['guarded', { rowLevelSecurity: true, role: 'the "app"' }],
    ['app.split', { partitions: 1, rowLevelSecurity: true, role: 'the "app"' }],
  ])('makes %s, twice, with the user first in every table and every key', async (table, options) => {
    const sql = postgresSchema({ dimensions: 3, table, ...options })
    await db.exec(sql)
    await db.exec(sql)
    expect(await columns(table)).toEqual(
      [table, `${table}_entities`, `${table}_history`].map((name) => ({ table: name, column: 'user_id' })),
    )
    const { rows: keys } = await db.query<{ columns: string }>(
      `SELECT pg_get_indexdef(indexrelid) AS columns FROM pg_index WHERE indrelid = $1::regclass`,
      [table],
    )
    expect(keys).toHaveLength(2)
    for (const key of keys) expect(key.columns).toMatch(/\(user_id, /)
    await expect(
      db.exec(`INSERT INTO ${table}_history (user_id, memory_id, action)
      VALUES ('', gen_random_uuid(), 'ADD')`),
    ).rejects.toMatchObject({ code: '23514' })
  })

  it('says what Citus needs, and splits nothing itself', () => {
    const sql = postgresSchema({ dimensions: 3, distribute: 'citus' })
    expect(sql).toContain(`create_distributed_table('"scoped_memories"', 'user_id')`)
    expect(sql).toContain(`colocate_with => '"scoped_memories"'`)
    expect(sql).not.toContain('PARTITION')
  })

  it.each<[Partial<Record<keyof PostgresSchemaOptions, unknown>>, string]>([
    [{ dimensions: undefined }, 'dimensions must be'],
    [{ dimensions: 0 }, 'dimensions must be'],
    [{ dimensions: 16_001 }, 'dimensions must be'],
    [{ dimensions: 1.5 }, 'dimensions must be'],
    [{ dimensions: '3); DROP TABLE x; --' }, 'dimensions must be'],
    [{ partitions: 0 }, 'partitions must be'],
    [{ partitions: 1025 }, 'partitions must be'],
    [{ role: '' }, 'role must be'],
    [{ role: 'a\0b' }, 'role must be'],
    [{ rowLevelSecurity: 'yes' }, 'rowLevelSecurity must be'],
    [{ distribute: 'shards' }, 'distribute must be'],
    [{ distribute: 'citus', partitions: 2 }, 'distribute must be'],
    [{ table: 'x; DROP TABLE y' }, 'table must be'],
  ])('refuses %j', (options, message) => {
    const all = { dimensions: 3, ...options } as PostgresSchemaOptions
    expect(() => postgresSchema(all)).toThrow(InvalidArgumentError)
    expect(() => postgresSchema(all)).toThrow(message)
  })
})

it('versionIn() reads the comment of this package and no other', () => {
  expect(['scoped-memory schema 12', 'scoped-memory schema 1 (do not drop)'].map(versionIn)).toEqual([12, 1])
  for (const comment of [
    null,
    undefined,
    7,
    '',
    'schema 1',
    'my scoped-memory schema 1',
    'scoped-memory schema 1a',
  ])
    expect(versionIn(comment)).toBeUndefined()
})

it('applySchema() says what to install where pgvector is missing, and leaves nothing behind', async () => {
  const db = await PGlite.create()
  const query = async (sql: string, values: readonly unknown[]) =>
    (await db.query<Record<string, unknown>>(sql, [...values])).rows
  await expect(applySchema(query, { dimensions: 3 })).rejects.toMatchObject({
    code: 'SCHEMA_MISMATCH',
    message: expect.stringContaining('Install pgvector'),
  })
  expect(await query(`SELECT FROM pg_class WHERE relname LIKE 'scoped%'`, [])).toEqual([])
  await db.close()
})
