import { PGlite } from '@electric-sql/pglite'
import { vector } from '@electric-sql/pglite-pgvector'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { UnsafeBackendError } from '../../src/errors.ts'
import type { Query } from '../../src/postgres/database.ts'
import { requireRowLevelSecurity } from '../../src/postgres/row-level-security.ts'
import { applySchema } from '../../src/postgres/set-up.ts'
import { harmless, mendingSql, openings, TABLES } from './policy-openings.ts'

describe('requireRowLevelSecurity(), on the Postgres of PGlite', () => {
  let db: PGlite
  const query: Query = async (sql, values) => (await db.query<Record<string, unknown>>(sql, [...values])).rows
  const asOwner = async (sql: string): Promise<void> => {
    await db.exec(`SET SESSION AUTHORIZATION postgres; ${sql}; SET SESSION AUTHORIZATION app`)
  }
  const refusal = async (): Promise<string> => {
    const error: unknown = await requireRowLevelSecurity(query, TABLES).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(UnsafeBackendError)
    return (error as Error).message
  }
  beforeAll(async () => {
    db = await PGlite.create({ extensions: { vector } })
    await db.exec('CREATE ROLE app; CREATE ROLE other')
    const options = { dimensions: 3, table: 'guarded', partitions: 2, rowLevelSecurity: true, role: 'app' }
    await applySchema(query, options)
    await db.exec('SET SESSION AUTHORIZATION app')
  })
  afterAll(() => db.close())

  it('accepts what setUpPostgres() made', () => requireRowLevelSecurity(query, TABLES))

  it.each(openings('app', 'other'))('refuses when %s, and its SQL mends it', async (_name, sql) => {
    await asOwner(sql)
    await asOwner(mendingSql(await refusal()))
    await requireRowLevelSecurity(query, TABLES)
  })

  it.each(openings('app', 'other').filter(([name]) => !/other/.test(name)))(
    'lets setting up again mend it when %s',
    async (_name, sql) => {
      await asOwner(sql)
      await db.exec('SET SESSION AUTHORIZATION postgres')
      await applySchema(query, { dimensions: 3, table: 'guarded', partitions: 2, rowLevelSecurity: true })
      await db.exec('SET SESSION AUTHORIZATION app')
      // Policies of others are not taken away unasked.
      await requireRowLevelSecurity(query, TABLES).catch(async (error: Error) => {
        expect(mendingSql(error.message)).toMatch(/^(DROP POLICY \S+ ON \S+; ?)+$/)
        await asOwner(mendingSql(error.message))
      })
    },
  )

  it.each(harmless('other'))('accepts %s', async (_name, sql, undo) => {
    await asOwner(sql)
    await requireRowLevelSecurity(query, TABLES)
    await asOwner(undo)
  })
})
