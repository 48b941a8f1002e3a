import { describe, expect, it } from 'vitest'
import { InvalidArgumentError, ScopeEscapeError } from '../../src/index.ts'
import { parseFilter } from '../../src/input/filters.ts'
import type { EngineName } from '../../src/types.ts'

const alice = { userId: 'u_alice' }
const parse = (
  filter: unknown,
  engine: EngineName = 'hosted',
  scope: typeof alice & { runId?: string } = alice,
) => parseFilter(filter, scope, 'u_alice', engine)

describe('a filter', () => {
  it('becomes clauses that all hold', () => {
    expect(
      parse({ run_id: 'r', AND: [{ category: 'food' }, { AND: [{ score: { gte: 1, lt: 5 } }] }] }),
    ).toEqual([
      { kind: 'field', key: 'run_id', condition: 'r' },
      { kind: 'field', key: 'category', condition: 'food' },
      { kind: 'field', key: 'score', condition: { gte: 1, lt: 5 } },
    ])
  })

  it('keeps OR and NOT, as a list and as an object', () => {
    expect(parse({ OR: [{ a: 1 }, { b: 2, c: 3 }], NOT: { d: 4 } })).toEqual([
      {
        kind: 'OR',
        list: true,
        of: [
          [{ kind: 'field', key: 'a', condition: 1 }],
          [
            { kind: 'field', key: 'b', condition: 2 },
            { kind: 'field', key: 'c', condition: 3 },
          ],
        ],
      },
      { kind: 'NOT', list: false, of: [[{ kind: 'field', key: 'd', condition: 4 }]] },
    ])
  })

  it.each([
    { user_id: 'u_alice' },
    { AND: [{ user_id: 'u_alice' }] },
    { AND: [{ AND: { user_id: 'u_alice' } }] },
    { user_id: { eq: 'u_alice' } },
    { user_id: { in: ['u_alice'] } },
    { AND: [{ user_id: { eq: 'u_alice' } }, { user_id: { in: ['u_alice'] } }] },
  ])('may repeat its own user where mem0 documents it: %j', (filter) => {
    expect(parse(filter)).toEqual([])
  })

  it.each([
    { user_id: 'u_bob' },
    { user_id: '*' },
    { user_id: { ne: 'zz' } },
    { user_id: { eq: 'u_bob' } },
    { user_id: { eq: 'u_alice', ne: 'u_bob' } },
    { user_id: { eq: 'u_alice', in: ['u_bob'] } },
    { user_id: { in: ['u_alice', 'u_bob'] } },
    { user_id: { in: ['u_bob'] } },
    { user_id: { in: [] } },
    { user_id: { contains: 'u_alice' } },
    { user_id: {} },
    { OR: [{ user_id: { eq: 'u_alice' } }] },
    { NOT: { user_id: { in: ['u_bob'] } } },
    { user_id: ['u_alice', 'u_bob'] },
    { user_id: ['u_alice'] },
    { userId: 'u_alice' },
    { USER_ID: 'u_alice' },
    { 'user-id': 'u_alice' },
    { AND: [{ user_id: 'u_bob' }] },
    { OR: [{ user_id: 'u_alice' }, { a: 1 }] },
    { NOT: { user_id: 'u_alice' } },
    { NOT: [{ AND: [{ user_id: 'u_bob' }] }] },
    { OR: [{ a: 1 }, { NOT: [{ userId: 'x' }] }] },
    { metadata: { user_id: 'u_bob' } },
    { metadata: { a: [{ userId: 'u_bob' }] } },
  ])('cannot choose a user: %j', (filter) => {
    expect(() => parse(filter)).toThrow(ScopeEscapeError)
  })

  it.each([
    'zz:{q} | @user_id',
    'zz = 1 OR user_id',
    '$or',
    '$and',
    'a b',
    '1a',
    '',
    "a'b",
    'a"',
    'ключ',
    'toString',
    'valueOf',
    '__defineGetter__',
  ])('has names as keys, and %j is syntax', (key) => {
    expect(() => parse({ [key]: 'x' }, 'self-hosted')).toThrow(InvalidArgumentError)
    expect(() => parse({ OR: [{ [key]: 'x' }] }, 'hosted')).toThrow(InvalidArgumentError)
  })

  it.each([
    { a: { $ne: 1 } },
    { a: { regex: '.*' } },
    { a: {} },
    { a: { in: 'x' } },
    { a: { eq: ['x'] } },
    { a: { icontains: 5 } },
    { a: { in: [{ b: 1 }] } },
    { a: [{ b: 1 }] },
    { a: [['x']] },
    { OR: { a: 1 } },
    { OR: [] },
    { OR: [{}] },
    { NOT: [] },
    { NOT: {} },
    { AND: ['x'] },
    { OR: [1] },
  ])('refuses %j, and says what to write', (filter) => {
    expect(() => parse(filter)).toThrow(InvalidArgumentError)
  })

  it('compares metadata by its own keys on the hosted API only', () => {
    expect(parse({ metadata: { camelKey: 1, nested: { b: [1] } } })).toHaveLength(1)
    expect(() => parse({ metadata: { $where: 1 } })).toThrow(/no "\$"/)
    expect(() => parse({ metadata: { category: 'x' } }, 'self-hosted')).toThrow(/with its own keys/)
  })

  it('cannot choose a project on the hosted API, where a self-hosted one has metadata of that name', () => {
    expect(() => parse({ project_id: 'p' })).toThrow(ScopeEscapeError)
    expect(() => parse({ org_id: 'o' })).toThrow(ScopeEscapeError)
    expect(parse({ project_id: 'p' }, 'self-hosted')).toHaveLength(1)
  })

  it('writes dimensions as mem0 does', () => {
    expect(() => parse({ runId: 'r' })).toThrow(/Write "run_id"/)
    expect(parse({ run_id: '*', agent_id: { in: ['a'] }, app_id: null })).toHaveLength(3)
  })

  it('leaves a bound dimension as it is', () => {
    const scope = { userId: 'u_alice', runId: 'r1' }
    expect(parse({ run_id: 'r1' }, 'hosted', scope)).toEqual([])
    expect(parse({ run_id: '*' }, 'hosted', scope)).toEqual([])
    for (const filter of [
      { run_id: 'r2' },
      { OR: [{ run_id: 'r1' }, { a: 1 }] },
      { OR: [{ run_id: 'r1', a: 1 }, { b: 2 }] },
      { NOT: { run_id: 'r1', a: 1 } },
      { NOT: { run_id: '*', a: 1 } },
    ]) {
      expect(() => parse(filter, 'hosted', scope)).toThrow(ScopeEscapeError)
    }
  })

  it('compares with null', () => {
    expect(parse({ a: { ne: null }, b: { in: [null, 'x'] }, c: [null] })).toHaveLength(3)
  })

  it.each([
    { agent_id: ' a' },
    { run_id: ['r'] },
    { run_id: { in: ['r'] } },
    { agent_id: 1 },
    { run_id: '' },
  ])('gives mem0ai/oss dimensions that it does not convert: %j is refused', (filter) => {
    expect(() => parse(filter, 'self-hosted')).toThrow(InvalidArgumentError)
  })

  it('takes a Date for a time', () => {
    expect(parse({ created_at: { gte: new Date(0) } })).toEqual([
      { kind: 'field', key: 'created_at', condition: { gte: '1970-01-01T00:00:00.000Z' } },
    ])
  })

  it('does not repeat a long hostile key in its error', () => {
    expect(() => parse({ [`$${'x'.repeat(5000)}`]: 1 })).toThrow(/^.{0,400}$/s)
  })
})
