import { describe, expect, it } from 'vitest'
import { select } from './filters.ts'
import { Store } from './store.ts'

const store = new Store()
store.seed([
  {
    text: 'Likes green tea',
    id: 'id-1',
    userId: 'u_alice',
    runId: 'r1',
    categories: ['food', 'personal_details'],
    metadata: { price: 10, camelCase: 'Yes', tags: ['x', 'y'] },
    createdAt: new Date('2024-01-10T12:00:00Z'),
  },
  {
    text: 'Lives in Oslo',
    id: 'id-2',
    userId: 'u_alice',
    agentId: 'a1',
    metadata: { price: 20 },
    createdAt: new Date('2024-06-10T12:00:00Z'),
  },
  { text: 'Likes coffee', id: 'id-3', userId: 'u_bob', runId: 'r1', createdAt: new Date('2024-01-10') },
])

const idsOf = (filters: unknown) => select(store, filters).map(({ id }) => id)
const ofAlice = (clause: object) => idsOf({ AND: [{ user_id: 'u_alice' }, clause] })

describe('filters', () => {
  it.each<[string, object, string[]]>([
    ['equality', { run_id: 'r1' }, ['id-1']],
    ['null', { run_id: null }, ['id-2']],
    ['*', { run_id: '*' }, ['id-1']],
    ['in', { run_id: { in: ['r1', 'r2'] } }, ['id-1']],
    ['ne', { run_id: { ne: 'r1' } }, ['id-2']],
    ['memory_ids', { memory_ids: ['id-2', 'id-3'] }, ['id-2']],
    ['memory_ids with in', { memory_ids: { in: ['id-1'] } }, ['id-1']],
    ['categories contains', { categories: { contains: 'personal' } }, ['id-1']],
    ['categories in', { categories: { in: ['food'] } }, ['id-1']],
    ['categories in, in part', { categories: { in: ['personal'] } }, []],
    ['keywords contains', { keywords: { contains: 'Tea' } }, []],
    ['keywords icontains', { keywords: { icontains: 'TEA' } }, ['id-1']],
    ['created_at range', { created_at: { gte: '2024-01-01', lt: '2024-06-10' } }, ['id-1']],
    ['created_at in Unix seconds', { created_at: { gt: 1_717_000_000 } }, ['id-2']],
    ['metadata', { metadata: { camelCase: 'Yes' } }, ['id-1']],
    ['metadata range', { metadata: { price: { gt: 10 } } }, ['id-2']],
    ['metadata list', { metadata: { tags: 'x' } }, ['id-1']],
    ['a key of the metadata', { price: { lte: 10 } }, ['id-1']],
    ['a name that every object has', { metadata: { constructor: '*' } }, []],
    ['OR', { OR: [{ run_id: 'r1' }, { agent_id: 'a1' }] }, ['id-1', 'id-2']],
    ['NOT as a list', { NOT: [{ run_id: 'r1' }, { agent_id: 'a2' }] }, ['id-2']],
    ['NOT as an object', { NOT: { run_id: 'r1' } }, ['id-2']],
    ['nested', { OR: [{ AND: [{ run_id: 'r1' }, { NOT: { keywords: { contains: 'tea' } } }] }] }, []],
    ['two keys', { run_id: 'r1', metadata: { price: 20 } }, []],
  ])('%s', (_name, clause, expected) => {
    expect(ofAlice(clause)).toEqual(expected)
    expect(idsOf({ user_id: 'u_alice', ...clause })).toEqual(expected)
  })

  it.each([
    undefined,
    null,
    [],
    {},
    'u_alice',
    { user_id: 'u_alice', AND: { run_id: 'r1' } },
    { user_id: 'u_alice', OR: ['r1'] },
    { user_id: 'u_alice', metadata: 'x' },
    { user_id: 'u_alice', price: { near: 10 } },
    { user_id: 'u_alice', run_id: { in: 'r1' } },
  ])('refuses %o', (filters) => {
    expect(() => idsOf(filters)).toThrow(/^400 /)
  })
})
