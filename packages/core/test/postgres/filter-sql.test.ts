import { PGlite } from '@electric-sql/pglite'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseFilter } from '../../src/input/filters.ts'
import type { Plain, PlainObject } from '../../src/input/snapshot.ts'
import { filterConditions, Parameters } from '../../src/postgres/filter-sql.ts'
import { holds } from '../support/evaluate-filter.ts'
import { filter, payload } from '../support/filter-arbitraries.ts'

let db: PGlite
beforeAll(async () => {
  db = await PGlite.create()
  await db.exec('CREATE TABLE rows (position int, payload jsonb)')
})
afterAll(() => db.close())

/** A filter as it reaches the database. */
function sqlOf(filter: PlainObject): { text: string; values: unknown[] } {
  const parameters = new Parameters()
  const conditions = filterConditions(
    parseFilter(filter, { userId: 'u_alice' }, 'u_alice', 'self-hosted'),
    parameters,
  )
  return { text: conditions.length === 0 ? 'true' : conditions.join(' AND '), values: parameters.values }
}

async function matching(filter: PlainObject, payloads: readonly PlainObject[]): Promise<number[]> {
  await db.query('DELETE FROM rows')
  await db.query(
    'INSERT INTO rows SELECT position, payload FROM unnest($1::jsonb[]) WITH ORDINALITY AS new (payload, position)',
    [payloads.map((payload) => JSON.stringify(payload))],
  )
  return found(filter)
}

async function found(filter: PlainObject): Promise<number[]> {
  const { text, values } = sqlOf(filter)
  const { rows } = await db.query<{ position: number }>(
    `SELECT position FROM rows WHERE ${text} ORDER BY position`,
    values,
  )
  return rows.map(({ position }) => position - 1)
}

describe('a filter in SQL', () => {
  it('holds for the same payloads as the plain evaluation', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(payload, { minLength: 40, maxLength: 60 }),
        fc.array(filter, { minLength: 25, maxLength: 25 }),
        async (payloads, filters) => {
          const [first, ...others] = filters
          const check = (one: PlainObject, rows: number[]) => {
            const expected = payloads.flatMap((row, index) => (holds(one, row) ? [index] : []))
            expect(rows, JSON.stringify(one)).toEqual(expected)
          }
          check(first!, await matching(first!, payloads))
          for (const one of others) check(one, await found(one))
        },
      ),
      { numRuns: 15 },
    )
  })

  it('holds exactly where its negation does not', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(payload, { minLength: 20, maxLength: 20 }), filter, async (payloads, one) => {
        const yes = await matching(one, payloads)
        expect([...yes, ...(await found({ NOT: one }))].sort((a, b) => a - b)).toEqual([...payloads.keys()])
      }),
      { numRuns: 25 },
    )
  })

  it('has nothing of the caller in its text: filters of one shape have one text', () => {
    // Another key, and another value of the same kind.
    const other = (value: Plain): Plain => {
      if (typeof value === 'number') return value + 1
      if (typeof value === 'string') return value === '*' || isNumeric(value) ? value : `${value}'$1;--`
      return value
    }
    const renamed = (one: Plain, isCondition = false): Plain => {
      if (Array.isArray(one)) return one.map((item) => renamed(item as Plain, isCondition))
      if (typeof one !== 'object' || one === null) return other(one)
      return Object.fromEntries(
        Object.entries(one).map(([key, value]) =>
          ['AND', 'OR', 'NOT'].includes(key)
            ? [key, renamed(value)]
            : [isCondition ? key : `${key}_other`, renamed(value, true)],
        ),
      )
    }
    fc.assert(
      fc.property(filter, (one) => {
        const { text, values } = sqlOf(one)
        expect(sqlOf(renamed(one) as PlainObject).text).toBe(text)
        expect(text).not.toMatch(/C_1|a\.b|日本|🎉|straße/)
        expect(new Set(text.match(/\$\d+/g) ?? []).size).toBe(values.length)
      }),
      { numRuns: 500 },
    )
  })

  it.each<[string, PlainObject, PlainObject[], number[]]>([
    ['numbers and texts that say the same are equal', { a: 5 }, [{ a: 5 }, { a: '5' }, { a: 5.5 }, {}], [0, 1]],
    ['"5" too', { a: '5' }, [{ a: 5 }, { a: '5' }, { a: '5.0' }], [0, 1]],
    ['numbers are equal by value', { a: 1e21 }, [{ a: 1e21 }, { a: '1e+21' }, { a: 1 }], [0, 1]],
    ['huge and tiny numbers too', { a: { in: [1e300, 5e-324] } }, [{ a: 1e300 }, { a: 5e-324 }, { a: 0 }], [0, 1]],
    ['and have an order', { a: { gt: 1e299 } }, [{ a: 1e300 }, { a: 1.7e308 }, { a: 2 }], [0, 1]],
    ['null is what is missing or null', { a: null }, [{}, { a: null }, { a: 'null' }, { a: 0 }], [0, 1]],
    ['ne holds without the field', { a: { ne: 1 } }, [{}, { a: null }, { a: 1 }, { a: 2 }], [0, 1, 3]],
    ['nin too', { a: { nin: [1, 2] } }, [{}, { a: 1 }, { a: 3 }], [0, 2]],
    ['NOT too', { NOT: { a: { gt: 1 } } }, [{}, { a: 1 }, { a: 2 }, { a: 'x' }], [0, 1, 3]],
    ['a list holds one of its values', { a: [1, null] }, [{}, { a: 1 }, { a: 2 }], [0, 1]],
    ['* is any value', { a: '*' }, [{}, { a: null }, { a: '' }, { a: false }], [2, 3]],
    ['numbers compare as numbers', { a: { gt: 9 } }, [{ a: 10 }, { a: '10' }, { a: 9 }, { a: 'x' }, {}], [0, 1]],
    ['dates compare', { a: { gte: '2024-05-01', lt: '2024-06' } }, [{ a: '2024-05-31T10:00Z' }, { a: '2024-06-01' }, { a: '2023' }], [0]],
    ['a year compares with dates', { a: { gte: '2024' } }, [{ a: '2024-05-01' }, { a: '2023-12-31' }, { a: 2024 }], [0, 2]],
    ['texts compare by code point', { a: { gt: 'Z' } }, [{ a: 'a' }, { a: 'ä' }, { a: 'A' }, { a: '🎉' }], [0, 1, 3]],
    ['true has no order', { a: { gte: true } }, [{ a: true }, { a: 'true' }], []],
    ['% and _ are letters', { a: { contains: '%_' } }, [{ a: 'x%_y' }, { a: 'xaby' }], [0]],
    ['contains looks in a list', { a: { contains: 'red' } }, [{ a: ['red', 'blue'] }, { a: ['blue'] }], [0]],
    ['in any case of any script', { a: { icontains: 'ΣΑΣ' } }, [{ a: 'σας' }, { a: 'ΣΑΣΩ' }, { a: 'σασω' }, { a: 'σα' }], [0, 1, 2]],
    ['ß is SS', { a: { icontains: 'STRASSE' } }, [{ a: 'Hauptstraße' }, { a: 'Strasse' }, { a: 'Strase' }], [0, 1]],
    ['a Turkish İ is İ, whatever the case of the rest', { a: { icontains: 'İSTANBUL' } }, [{ a: 'İstanbul' }, { a: 'istanbul' }], [0]],
    ['AND, OR and NOT nest', { OR: [{ AND: [{ a: 1 }, { NOT: { b: 2 } }] }, { OR: [{ b: 3 }, { NOT: [{ a: '*' }] }] }] }, [{ a: 1 }, { a: 1, b: 2 }, { a: 9, b: 3 }, {}], [0, 2, 3]],
    ['two conditions on one field both hold', { AND: [{ a: { gt: 1 } }, { a: { gt: 2 } }] }, [{ a: 2 }, { a: 3 }], [1]],
  ])('%s', async (_, one, payloads, expected) => {
    expect(await matching(one, payloads)).toEqual(expected)
    expect(payloads.flatMap((row, index) => (holds(one, row) ? [index] : []))).toEqual(expected)
  }) // prettier-ignore
})

function isNumeric(text: string): boolean {
  return /^[-+]?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]{1,2})?$/.test(text)
}
