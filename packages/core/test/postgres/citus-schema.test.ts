import { describe, expect, it } from 'vitest'
import { postgresSchema } from '../../src/postgres/schema.ts'

describe('the schema for Citus', () => {
  it('has the extension before the tables, the user in every key, and the tables of a user on one node', () => {
    const statements = postgresSchema({ dimensions: 3, table: 'app.facts', distribute: 'citus' })
      .split(';\n')
      .map((statement) => statement.trim())
      .filter((statement) => statement !== '')
    expect(statements.slice(0, 2)).toEqual([
      'CREATE EXTENSION IF NOT EXISTS citus',
      'CREATE EXTENSION IF NOT EXISTS vector',
    ])
    const keys = statements.join('\n').match(/(?:PRIMARY KEY|ON \S+) \([^)]*\)/g)
    expect(keys).toEqual([
      'PRIMARY KEY (user_id, id)',
      'ON "app"."facts" (user_id, seq)',
      'PRIMARY KEY (user_id, id)',
      'PRIMARY KEY (user_id, memory_id, id)',
    ])
    const unlessDone = (table: string): string =>
      `WHERE NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = '"app"."${table}"'::regclass)`
    expect(statements.filter((statement) => statement.includes('create_distributed_table'))).toEqual([
      `SELECT create_distributed_table('"app"."facts"', 'user_id') ${unlessDone('facts')}`,
      `SELECT create_distributed_table('"app"."facts_entities"', 'user_id', colocate_with => '"app"."facts"') ${unlessDone('facts_entities')}`,
      `SELECT create_distributed_table('"app"."facts_history"', 'user_id', colocate_with => '"app"."facts"') ${unlessDone('facts_history')}`,
    ])
  })

  it('is refused with partitions, which Citus makes itself, and with policies, whose user it passes to no node', () => {
    const schema = { dimensions: 3, distribute: 'citus' } as const
    expect(() => postgresSchema({ ...schema, partitions: 2 })).toThrow('without partitions')
    expect(() => postgresSchema({ ...schema, rowLevelSecurity: true })).toThrow('Leave out one of the two')
  })
})
