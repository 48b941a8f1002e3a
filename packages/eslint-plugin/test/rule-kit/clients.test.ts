import { Linter } from 'eslint'
import { describe, expect, test } from 'vitest'
import plugin, { clients } from '../../src/index.ts'
import { mem0Clients } from '../../src/clients/mem0.ts'
import { clientsOf } from '../../src/rule-kit/clients.ts'

const { pinecone, qdrant } = clients
const own = { modules: ['@acme/vectors'], classes: ['Index'], userKeys: ['tenant'], methods: {} }
const settings = (of: unknown): Record<string, unknown> => ({ 'scoped-memory': { clients: of } })

describe('the clients of a file', () => {
  test('are those of mem0 where none is named', () => {
    expect(clientsOf({ settings: {} })).toBe(mem0Clients)
    expect(clientsOf({ settings: { 'scoped-memory': {} } })).toBe(mem0Clients)
  })

  test('are those of the option, of the settings and of mem0, in that order', () => {
    expect(clientsOf({ settings: settings(['pinecone']) }, ['qdrant', own])).toEqual([
      qdrant,
      own,
      pinecone,
      ...mem0Clients,
    ])
  })

  test('are the same list for the same configuration', () => {
    const option = ['qdrant'] as const
    const shared = settings(['pinecone', own])
    expect(clientsOf({ settings: shared }, option)).toBe(clientsOf({ settings: shared }, option))
    expect(clientsOf({ settings: shared })).toBe(clientsOf({ settings: { ...shared } }))
    expect(clientsOf({ settings: shared })).not.toBe(clientsOf({ settings: shared }, option))
  })
})

test.each([
  [
    'a name that no client has',
    settings(['pinecone', 'pinecon']),
    `settings['scoped-memory'].clients[1] is "pinecon", which is not a client of this plugin. It has: ${Object.keys(clients).join(', ')}.`,
  ],
  [
    'a description without its methods',
    settings([{ modules: ['a'], classes: ['A'], userKeys: ['u'] }]),
    `settings['scoped-memory'].clients[0] has no "methods".`,
  ],
  [
    'something else than a client',
    settings([null]),
    `settings['scoped-memory'].clients[0] has no "modules".`,
  ],
  ['a client beside a list', settings('pinecone'), `settings['scoped-memory'].clients is not a list.`],
  [
    'another key',
    { 'scoped-memory': { client: ['pinecone'] } },
    `settings['scoped-memory'] has no "client", only "clients".`,
  ],
  ['no object', { 'scoped-memory': 'pinecone' }, `settings['scoped-memory'] is not an object.`],
  ['nothing', { 'scoped-memory': null }, `settings['scoped-memory'] is not an object.`],
])('settings with %s are an error', (_, wrong, message) => {
  expect(() => clientsOf({ settings: wrong })).toThrow(new Error(message))
})

function verify(option: unknown, shared: Record<string, unknown>, code: string): readonly string[] {
  return new Linter()
    .verify(code, {
      plugins: { 'scoped-memory': plugin },
      settings: shared,
      rules: { 'scoped-memory/require-user-scope': ['error', { clients: option }] },
    })
    .map(({ message }) => message)
}

describe('the option of a rule', () => {
  const search = (key: string): string => `import { QdrantClient } from '@qdrant/js-client-rest'
await new QdrantClient({}).search('notes', { filter: { must: [{ key: '${key}', match: { value: id } }] } })`

  test('takes the name of a client', () => {
    expect(verify(['qdrant'], {}, search('topic'))).toHaveLength(1)
    expect(verify(['qdrant'], {}, search('user_id'))).toEqual([])
  })

  test('takes a description that is spread and changed, before what the settings say', () => {
    const changed = [{ ...qdrant, userKeys: ['tenant_id'] }]
    expect(verify(changed, settings(['qdrant']), search('tenant_id'))).toEqual([])
    expect(verify(changed, settings(['qdrant']), search('user_id'))).toEqual([
      "search() names no user, so it reaches everybody's records. Write { filter: { must: [{ key: 'tenant_id', match: { value: userId } }] } }.",
    ])
  })

  test('takes each description of the plugin', () => {
    for (const description of Object.values(clients)) {
      // Which keys of Redis belong to users is for a team to say.
      const named = description.tables?.length === 0 ? { ...description, tables: ['user:*'] } : description
      expect(verify([named], {}, 'export const nothing = 1')).toEqual([])
    }
  })

  test.each([
    ['a name that no client has', ['pinecon'], '"pinecon"'],
    ['a part without methods', [{ ...own, parts: { Index: {} } }], 'methods'],
    ['a kind of method that there is not', [{ ...own, methods: { get: { kind: 'byid' } } }], 'kind'],
    ['a scoped method without a place', [{ ...own, methods: { get: { kind: 'scoped' } } }], 'argument'],
    ['a part method without its part', [{ ...own, methods: { get: { kind: 'part' } } }], 'part'],
    [
      'a place without an argument',
      [{ ...own, methods: { get: { kind: 'byId', partitions: [{ at: '' }] } } }],
      'argument',
    ],
    ['a syntax that there is not', [{ ...own, filter: 'sql' }], 'filter'],
  ])('refuses %s', (_, option, mention) => {
    expect(() => verify(option, {}, 'export const nothing = 1')).toThrow(mention)
  })
})

test.each([
  [
    'method',
    { ...own, methods: { open: { kind: 'part', part: 'Indx' } }, parts: { Index: { methods: {} } } },
  ],
  ['property', { ...own, properties: { index: 'Indx' } }],
  ['method of a part', { ...own, parts: { Index: { methods: { open: { kind: 'part', part: 'Indx' } } } } }],
] as const)('a %s that gives a part which is not described is an error', (_, client) => {
  const error = new Error('The client of @acme/vectors gives "Indx", which is not among its parts.')
  expect(() => clientsOf({ settings: {} }, [client])).toThrow(error)
  expect(() => clientsOf({ settings: settings([client]) })).toThrow(error)
})

test('the settings count for every rule', () => {
  const code = `import { Pinecone } from '@pinecone-database/pinecone'
const index = new Pinecone().index('notes')
export const all = () => index.query({ topK: 3 })
export const anyone = (req) => index.namespace(req.body.userId).query({ topK: 3 })
export const fallback = (userId) => index.namespace(userId ?? 'everyone').query({ topK: 3 })`
  const rules = Object.fromEntries(
    ['no-direct-client', 'no-fallback-user-id', 'no-untrusted-user-id', 'require-user-scope'].map((name) => [
      `scoped-memory/${name}`,
      'error' as const,
    ]),
  )
  const found = (shared: Record<string, unknown>): readonly unknown[] =>
    new Linter()
      .verify(code, { plugins: { 'scoped-memory': plugin }, settings: shared, rules })
      .map(({ line, messageId }) => [line, messageId])
  expect(found({})).toEqual([])
  expect(found(settings(['pinecone']))).toEqual([
    [1, 'clientDirect'],
    [3, 'clientMissingUser'],
    [4, 'untrusted'],
    [5, 'fallback'],
  ])
})
