import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Memory } from 'mem0ai/oss'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createMemoryFactory, ScopedMemory } from '../../src/index.ts'
import { createInMemoryClient, type InMemoryClient } from '../../src/testing/index.ts'
import { hashEmbedder } from '../embedded/hash-embedder.ts'

const directory = mkdtempSync(join(tmpdir(), 'in-memory-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

let files = 0
function mem0(): Memory {
  const name = join(directory, String(files++))
  return new Memory({
    embedder: hashEmbedder(64),
    vectorStore: {
      provider: 'memory',
      config: { collectionName: 'm', dimension: 64, dbPath: `${name}-vectors.db` },
    },
    llm: { provider: 'openai', config: { apiKey: 'unused', baseURL: 'http://127.0.0.1:9' } },
    historyDbPath: `${name}-history.db`,
  })
}

describe('behaves like Memory of mem0ai/oss', () => {
  type Client = Record<keyof InMemoryClient, (...args: unknown[]) => Promise<unknown>>
  const seeds = [
    [
      'I am vegetarian',
      { userId: 'u_alice', metadata: { topic: 'food', n: 1, deepValue: { a: [1, null] } } },
    ],
    ['I prefer a window seat', { userId: 'u_alice', runId: 'r1', metadata: { topic: 'travel', n: 2 } }],
    ['Tea at four', { userId: 'u_alice', agentId: 'a1', runId: 'r2', metadata: { topic: 'food', n: 3 } }],
    ['An old plan', { userId: 'u_alice', expirationDate: '2020-01-01' }],
    ['A coming plan', { userId: 'u_alice', expirationDate: '2999-01-01', metadata: { user_id: 'u_bob' } }],
    ['My steak has to be rare', { userId: 'u_bob', metadata: { topic: 'food', n: 4 } }],
  ] as const

  type Seeded = readonly [client: Client, ids: ReadonlyMap<string, string>]
  const seeded = (): Promise<readonly Seeded[]> =>
    Promise.all(
      [mem0(), createInMemoryClient()].map(async (memory) => {
        const client = memory as unknown as Client
        const ids = new Map<string, string>()
        for (const [text, options] of seeds) {
          const { results } = (await client.add(text, { ...options, infer: false })) as {
            results: { id: string }[]
          }
          ids.set(text, results[0]!.id)
        }
        return [client, ids] as const
      }),
    )
  const results = async (
    pair: Promise<readonly Seeded[]>,
    ask: (client: Client, id: string) => Promise<unknown>,
  ): Promise<unknown[]> =>
    Promise.all(
      (await pair).map(async ([client, ids]) => {
        const result = await ask(client, ids.get('I am vegetarian')!).catch((error: unknown) => ({
          threw: error instanceof Error,
        }))
        return comparable(result, ids)
      }),
    )

  it.each<[string, (client: Client, id: string) => Promise<unknown>]>([
    ['add', (client) => client.add('One more', { userId: 'u_alice', infer: false, metadata: { a: 1 } })],
    [
      'add of a conversation',
      (client) =>
        client.add(
          [
            { role: 'system', content: 'Be kind.' },
            { role: 'user', content: 'I moved to Rome' },
            { role: 'assistant', content: 'Noted.' },
          ],
          { userId: 'u_alice', infer: false },
        ),
    ],
    [
      'update of the text',
      async (client, id) => [
        await client.update(id, 'I am vegan'),
        await client.get(id),
        await client.history(id),
      ],
    ],
    [
      'update of the metadata',
      async (client, id) => [
        await client.update(id, { metadata: { n: 9, user_id: 'u_bob' } }),
        await client.get(id),
      ],
    ],
    [
      'update of the expiration date',
      async (client, id) => [await client.update(id, { expirationDate: null }), await client.get(id)],
    ],
    [
      'delete',
      async (client, id) => [await client.delete(id), await client.get(id), await client.history(id)],
    ],
    [
      'deleteAll',
      async (client) => [
        await client.deleteAll({ userId: 'u_alice' }),
        await client.getAll({ filters: { user_id: '*' }, showExpired: true }),
      ],
    ],
    [
      'deleteAll of a run',
      async (client) => [
        await client.deleteAll({ userId: 'u_alice', runId: 'r1' }),
        await client.getAll({ filters: { user_id: '*' }, showExpired: true }),
      ],
    ],
    [
      'an owner written into the filters of an add',
      async (client) => {
        const filters = {}
        await client.add('x', { userId: 'u_alice', infer: false, filters })
        return filters
      },
    ],
  ])('%s', async (_name, ask) => {
    const [real, ours] = await results(seeded(), ask)
    expect(ours).toEqual(real)
  })

  describe('without writing', () => {
    let pair: Promise<readonly Seeded[]>
    beforeAll(() => {
      pair = seeded()
    })

    it.each<[string, (client: Client, id: string) => Promise<unknown>]>([
      ['get', (client, id) => client.get(id)],
      ['get of an id that does not exist', (client) => client.get('nobody')],
      ['getAll', (client) => client.getAll({ filters: { user_id: 'u_alice' } })],
      ['getAll with a trimmed id', (client) => client.getAll({ filters: { user_id: ' u_alice ' } })],
      ['getAll of every user', (client) => client.getAll({ filters: { user_id: '*' } })],
      ['getAll with topK', (client) => client.getAll({ filters: { user_id: 'u_alice' }, topK: 2 })],
      [
        'getAll with expired',
        (client) => client.getAll({ filters: { user_id: 'u_alice' }, showExpired: true }),
      ],
      ['getAll of a run', (client) => client.getAll({ filters: { user_id: 'u_alice', run_id: 'r1' } })],
      ['add without an owner', (client) => client.add('x', { infer: false })],
      ['add of nothing', (client) => client.add('  ', { userId: 'u_alice', infer: false })],
      ['add of no messages', (client) => client.add([], { userId: 'u_alice', infer: false })],
      ['add with a space in the id', (client) => client.add('x', { userId: 'u alice', infer: false })],
      [
        'add with an expiration date that is not a date',
        (client) => client.add('x', { userId: 'u', infer: false, expirationDate: 'soon' }),
      ],
      ['search without an owner', (client) => client.search('x', { filters: { topic: 'food' } })],
      ['search with a user beside the filters', (client) => client.search('x', { userId: 'u_alice' })],
      [
        'search with a threshold above 1',
        (client) => client.search('x', { filters: { user_id: 'u' }, threshold: 2 }),
      ],
      ['getAll without an owner', (client) => client.getAll({})],
      ['getAll with a fractional topK', (client) => client.getAll({ filters: { user_id: 'u' }, topK: 0.5 })],
      ['update of nothing', (client, id) => client.update(id, {})],
      ['update of an id that does not exist', (client) => client.update('nobody', 'x')],
      ['delete of an id that does not exist', (client) => client.delete('nobody')],
      ['deleteAll without an owner', (client) => client.deleteAll({})],
    ])('%s', async (_name, ask) => {
      const [real, ours] = await results(pair, ask)
      expect(ours).toEqual(real)
    })

    const filters = [
      { topic: 'food' },
      { topic: 'nothing' },
      { n: 2 },
      { topic: { eq: 'food' } },
      { topic: { ne: 'food' } },
      { n: { gt: 1 } },
      { n: { gte: 2 } },
      { n: { lt: 2 } },
      { n: { lte: 2 } },
      { n: { in: [1, 3] } },
      { n: { nin: [1, 3] } },
      { topic: { contains: 'oo' } },
      { topic: { icontains: 'FOO' } },
      { topic: '*' },
      { run_id: 'r1' },
      { run_id: '*' },
      { topic: ['food', 'travel'] },
      { OR: [{ topic: 'travel' }, { n: 1 }] },
      { NOT: [{ topic: 'food' }] },
      { topic: 'food', NOT: [{ n: 1 }] },
      { AND: [{ topic: 'food' }, { n: 1 }] },
      { AND: [{ user_id: 'u_bob' }] },
    ]
    it.each([
      ...filters.map((filter) => ['search', filter] as const),
      ...filters.map((filter) => ['getAll', filter] as const),
      ['getAll', { $or: [{ topic: 'travel' }, { n: 1 }] }] as const,
      ['getAll', { $not: [{ topic: 'food' }] }] as const,
      ['getAll', { $or: [{ n: 1 }], $not: [{ topic: 'travel' }] }] as const,
    ])('%s filtered by %j', async (method, filter) => {
      const [real, ours] = await results(pair, async (client) => {
        const options = { filters: { user_id: 'u_alice', ...filter } }
        const { results } = (
          method === 'search'
            ? await client.search('plan', { ...options, threshold: 0 })
            : await client.getAll(options)
        ) as { results: { memory: string }[] }
        return results.map(({ memory }) => memory).sort()
      })
      expect(ours).toEqual(real)
    })

    it('search, row by row', async () => {
      const [real, ours] = await results(pair, async (client) => {
        const { results } = (await client.search('vegetarian', {
          filters: { user_id: 'u_alice', n: 1 },
          threshold: 0,
        })) as { results: { score: number }[] }
        return results.map(({ score, ...row }) => ({ ...row, score: typeof score }))
      })
      expect(ours).toEqual(real)
    })
  })
})

describe('in a unit test', () => {
  let client: InMemoryClient
  let alice: ScopedMemory
  beforeEach(() => {
    client = createInMemoryClient()
    alice = new ScopedMemory('u_alice', { client })
  })

  it('stores messages verbatim without `infer: false`', async () => {
    await alice.add('I am vegetarian')
    await alice.add([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Look' },
          { type: 'image_url', image_url: { url: 'http://x/y.png' } },
        ],
      },
      { role: 'assistant', content: 'A cat.' },
    ])
    const { results } = await alice.getAll()
    expect(results.map(({ memory }) => memory)).toEqual([
      'I am vegetarian',
      'Look',
      'http://x/y.png',
      'A cat.',
    ])
  })

  it('finds by similar spelling, best match first, and leaves nothing out', async () => {
    for (const text of [
      'I prefer an aisle seat',
      'My favourite food is ramen',
      'Dentist on Tuesday',
      '我喜欢喝茶',
    ]) {
      await alice.add(text)
    }
    const first = async (query: string): Promise<unknown> => (await alice.search(query)).results[0]?.memory
    expect(await first('food preferences')).toBe('My favourite food is ramen')
    expect(await first('seating preference')).toBe('I prefer an aisle seat')
    expect(await first('when is the dentist?')).toBe('Dentist on Tuesday')
    expect(await first('喜欢喝茶')).toBe('我喜欢喝茶')
    const { results } = await alice.search('food preferences')
    expect(results).toHaveLength(4)
    expect(results.map(({ score }) => score)).toEqual(
      results.map(({ score }) => score!).sort((a, b) => b - a),
    )
    for (const { score } of results) expect(score).toBeGreaterThanOrEqual(0.2)
    expect((await alice.search('food', { threshold: 0.9 })).results.map(({ memory }) => memory)).toEqual([
      'My favourite food is ramen',
    ])
    expect((await alice.search('!?')).results).toHaveLength(4)
  })

  it('does not share objects with its callers', async () => {
    const metadata = { tags: ['a'] }
    await alice.add('tagged', { metadata })
    metadata.tags.push('b')
    expect((await alice.getAll()).results[0]?.metadata).toEqual({ tags: ['a'] })
    ;(await client.getAll({ filters: { user_id: 'u_alice' } })).results[0]!.metadata['tags'] = 'changed'
    expect((await alice.getAll()).results[0]?.metadata).toEqual({ tags: ['a'] })
  })

  it('deletes everything on reset', async () => {
    const { results } = await alice.add('I am vegetarian')
    await client.reset()
    expect((await alice.getAll()).results).toEqual([])
    expect(await client.history(results[0]!.id)).toEqual([])
  })

  it('shares nothing with other in-memory clients', async () => {
    await alice.add('I am vegetarian')
    const elsewhere = createMemoryFactory({ client: createInMemoryClient() })('u_alice')
    expect((await elsewhere.getAll()).results).toEqual([])
  })
})

/** A value without what differs each time: ids become the names of their memories, times and row numbers their types. */
function comparable(value: unknown, ids: ReadonlyMap<string, string>): unknown {
  const names = new Map([...ids].map(([text, id]) => [id, `id of ${text}`]))
  const replaced = JSON.stringify(value, (key, item: unknown) => {
    if (key === 'id' || key === 'memory_id') {
      return typeof item === 'number' ? 'number' : (names.get(item as string) ?? 'new id')
    }
    if (/^(createdAt|updatedAt|created_at|updated_at)$/.test(key)) return item === null ? null : typeof item
    return item
  })
  return replaced === undefined ? undefined : (JSON.parse(replaced) as unknown)
}
