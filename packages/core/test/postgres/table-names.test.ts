import { describe, expect, it } from 'vitest'
import { InvalidArgumentError } from '../../src/errors.ts'
import { inSchema, quoted, schemaOf, tableNames, withSuffix } from '../../src/postgres/table-names.ts'

describe('tableNames()', () => {
  it('names the three tables of a memory, in the schema that is named', () => {
    expect(tableNames()).toEqual({
      memories: '"scoped_memories"',
      entities: '"scoped_memories_entities"',
      history: '"scoped_memories_history"',
    })
    expect(tableNames('app.memories')).toEqual({
      memories: '"app"."memories"',
      entities: '"app"."memories_entities"',
      history: '"app"."memories_history"',
    })
    expect([schemaOf(), schemaOf('memories'), schemaOf('app.memories')]).toEqual([
      undefined,
      undefined,
      'app',
    ])
  })

  it('leaves room for what is appended before Postgres cuts a name off', () => {
    const { entities, history } = tableNames(`${'s'.repeat(63)}.${'x'.repeat(40)}`)
    for (const table of [entities, history])
      expect(withSuffix(table, '_p1023').split('.')[1]!.length - 2).toBeLessThanOrEqual(63)
  })

  it.each([
    '',
    'Memories',
    'a-b',
    '1st',
    'a.b.c',
    'a.',
    '.a',
    'a b',
    'a"b',
    "a'b",
    'a;b',
    'ä',
    'a\n',
    'x'.repeat(41),
    `${'s'.repeat(64)}.a`,
    7,
    null,
    ['a'],
  ])('refuses %j', (table) => {
    expect(() => tableNames(table as string)).toThrow(InvalidArgumentError)
  })
})

it('inSchema() names the same tables in full, whatever the schema is called', () => {
  expect(inSchema(tableNames('app.memories'), 'My "own". one').history).toBe(
    '"My ""own"". one"."memories_history"',
  )
  expect(inSchema(tableNames('memories'), 'public').entities).toBe('"public"."memories_entities"')
})

it('quoted() makes one identifier of any name', () => {
  expect(quoted('a"; DROP TABLE b; --')).toBe('"a""; DROP TABLE b; --"')
})
