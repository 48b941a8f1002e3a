import { createHash } from 'node:crypto'
import { AzureAISearch, buildRedisFilterExpr, Memory, UpstashVector } from 'mem0ai/oss'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  createMemoryFactory,
  ScopedMemory,
  UnsafeBackendError,
  type SelfHostedClient,
} from '../../src/index.ts'
import { hashEmbedder } from '../embedded/hash-embedder.ts'
import { openSqlite, sqliteMemory } from '../support/back-ends.ts'
import { naiveMemory } from '../support/naive-memory.ts'

const EXACT = [
  'memory',
  'qdrant',
  'chroma',
  'supabase',
  'vertex_ai_vector_search',
  'pgvector',
  'databricks',
  'neptune',
  'neptune-analytics',
  'elasticsearch',
  'opensearch',
  'upstash_vector',
  'azure_mysql',
  'cassandra',
  'pinecone',
  's3_vectors',
  's3-vectors',
  'turbopuffer',
  'milvus',
  'mongodb',
  'oracledb',
  'baidu',
]
const INEXACT = ['redis', 'valkey', 'weaviate', 'vectorize']

/** A client whose configuration names a store; nothing is sent to it. */
function onStore(provider: string | undefined): SelfHostedClient {
  const none = async () => ({ results: [] })
  return {
    config: { vectorStore: { provider } },
    add: none,
    search: none,
    getAll: none,
    get: none,
    update: none,
    delete: none,
    deleteAll: none,
    history: none,
  } as SelfHostedClient
}

/** A real Memory on SQLite whose store matches user ids as Redis does: whatever their case. */
function caseFolding(memory: Memory): Memory {
  const parts = memory as unknown as {
    config: { vectorStore: { provider: string } }
    vectorStore: {
      filterVector(row: { payload: Record<string, unknown> }, filters?: Record<string, unknown>): boolean
    }
  }
  const matches = parts.vectorStore.filterVector.bind(parts.vectorStore)
  const fold = (value: unknown) => (typeof value === 'string' ? value.toLowerCase() : value)
  parts.vectorStore.filterVector = (row, filters) =>
    matches(
      { ...row, payload: { ...row.payload, user_id: fold(row.payload['user_id']) } },
      filters && { ...filters, user_id: fold(filters['user_id']) },
    )
  parts.config.vectorStore.provider = 'redis'
  return memory
}

describe('39 · the vector store decides whether users can be kept apart', () => {
  it.each(EXACT)('%s is taken', (provider) => {
    expect(new ScopedMemory('u_alice', { client: onStore(provider) }).userId).toBe('u_alice')
  })

  it.each([...INEXACT, 'a-store-of-tomorrow', 'constructor', undefined])(
    '%s is refused, with what to write',
    (provider) => {
      expect(() => new ScopedMemory('u_alice', { client: onStore(provider) })).toThrow(UnsafeBackendError)
      expect(() => createMemoryFactory({ client: onStore(provider) })).toThrow(/storageId: 'sha256'/)
    },
  )

  it.each(INEXACT)('%s is taken with an injective storage id', (provider) => {
    expect(new ScopedMemory('u_alice', { client: onStore(provider), storageId: 'sha256' }).userId).toBe(
      'u_alice',
    )
  })

  it('34 · langchain is refused whatever the options: there mem0 filters nothing', async () => {
    const bobs = { pageContent: 'secret of bob', metadata: { data: 'secret of bob', user_id: 'u_bob' } }
    const client = new Memory({
      embedder: hashEmbedder(8),
      vectorStore: {
        provider: 'langchain',
        config: {
          collectionName: 'c',
          dimension: 8,
          client: {
            addVectors: async () => undefined,
            similaritySearchVectorWithScore: async () => [[bobs, 1]],
          },
        },
      },
      llm: { provider: 'openai', config: { apiKey: 'unused', baseURL: 'http://127.0.0.1:9' } },
      disableHistory: true,
    })
    expect(JSON.stringify(await naiveMemory(client, 'u_alice').search('secret', { threshold: 0 }))).toContain(
      'secret of bob',
    )

    expect(() => new ScopedMemory('u_alice', { client })).toThrow(/langchain.*cannot keep users apart/)
    expect(() => new ScopedMemory('u_alice', { client, storageId: 'sha256' })).toThrow(UnsafeBackendError)
  })

  it.each([
    ['databricks', "o'brien"],
    ['upstash_vector', 'a"b'],
    ['upstash_vector', 'a\\b'],
  ])('%s is not asked for %s, which it may confuse with another id', (provider, id) => {
    expect(() => new ScopedMemory(id, { client: onStore(provider) })).toThrow(/storageId: 'sha256'/)
    expect(new ScopedMemory(id, { client: onStore(provider), storageId: 'sha256' }).userId).toBe(id)
  })

  describe('36 · azure-ai-search', () => {
    afterEach(() => void vi.restoreAllMocks())
    it('warns once', () => {
      const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
      for (let made = 0; made < 3; made++) new ScopedMemory('u_alice', { client: onStore('azure-ai-search') })
      expect(warn).toHaveBeenCalledTimes(1)
      expect(warn.mock.calls[0]![0]).toContain('loses a memory')
    })
  })
})

describe('a filter that a store would read as syntax', () => {
  const { memory, sent } = recording()
  const buildFor = {
    'azure-ai-search': (filters: object): string =>
      (
        AzureAISearch.prototype as unknown as { buildFilterExpression(f: object): string }
      ).buildFilterExpression(filters),
    upstash: (filters: object): string =>
      (UpstashVector.prototype as unknown as { convertFilters(f: object): string }).convertFilters(filters),
    redis: (filters: object): string => buildRedisFilterExpr(filters),
  }

  it.each([
    ['31 · userId beside user_id', 'redis', { userId: 'u_bob' }, '@user_id:{u_bob}'],
    ['32 · a key with a query in it', 'redis', { 'zz:{q} | @user_id': 'u_bob' }, '| @user_id:{u_bob}'],
    ['32 · a key with a query in it', 'upstash', { 'zz = 1 OR user_id': 'u_bob' }, 'OR user_id = "u_bob"'],
    [
      '33 · a list with a query in it',
      'azure-ai-search',
      { agent: ["1 or user_id ne 'zz'"] },
      "or user_id ne 'zz'",
    ],
    [
      '33 · a list with a query in it',
      'upstash',
      { category: ['1 OR user_id != "zz"'] },
      'OR user_id != "zz"',
    ],
  ] as const)('%s · %s', async (_, store, filters, injected) => {
    expect(buildFor[store]({ user_id: 'u_alice', ...filters })).toContain(injected)

    sent.length = 0
    await memory.search('x', { filters }).catch(() => undefined)
    for (const options of sent) expect(buildFor[store](options.filters)).not.toContain(injected)
  })
})

describe('an inexact store with an injective storage id', () => {
  let client: Memory
  let close: () => Promise<void>
  beforeAll(async () => {
    const opened = await openSqlite()
    close = opened.close
    await opened.client.getAll({ filters: { user_id: 'start' } })
    await (opened.client as unknown as { getEntityStore(): Promise<unknown> }).getEntityStore()
    client = caseFolding(opened.client)
  })
  afterAll(() => close())

  it('keeps apart whom the naive wrapper does not', async () => {
    await naiveMemory(client, 'Zoe').add('naive secret', { infer: false })
    expect(JSON.stringify(await naiveMemory(client, 'zoe').getAll())).toContain('naive secret')

    const memoryFor = createMemoryFactory({ client, storageId: 'sha256' })
    await memoryFor('Alice').add('secret of Alice', { infer: false })
    await memoryFor('alice').add('secret of alice', { infer: false })
    expect((await memoryFor('alice').getAll()).results.map(({ memory, userId }) => [memory, userId])).toEqual(
      [['secret of alice', 'alice']],
    )
    expect(
      JSON.stringify(
        await client.getAll({ filters: { user_id: createHash('sha256').update('Alice').digest('hex') } }),
      ),
    ).toContain('secret of Alice')
  })

  it('takes the id in, and gives it back, in every operation', async () => {
    const memory = createMemoryFactory({ client, storageId: 'sha256' })('auth0|Mona')
    await memory.add('a', { infer: false })
    const [record] = (await memory.search('a', { filters: { user_id: 'auth0|Mona' }, threshold: 0 })).results
    expect(record!.userId).toBe('auth0|Mona')
    expect((await memory.get(record!.id)).userId).toBe('auth0|Mona')
    await memory.update(record!.id, 'b')
    expect(await memory.history(record!.id)).toHaveLength(2)
    for await (const listed of memory.list()) expect(listed.userId).toBe('auth0|Mona')
    await memory.delete(record!.id)
    expect(await memory.erase()).toMatchObject({ userId: 'auth0|Mona', deleted: 0 })
  })

  it('deletes record by record, after proof', async () => {
    const memoryFor = createMemoryFactory({ client, storageId: 'sha256' })
    await memoryFor('carol').add('secret of carol', { infer: false })
    await memoryFor('dave').add('secret of dave', { infer: false })
    const deleteAll = vi.spyOn(client, 'deleteAll')
    await memoryFor('carol').deleteAll()
    expect(deleteAll).not.toHaveBeenCalled()
    deleteAll.mockRestore()
    expect((await memoryFor('carol').getAll()).results).toEqual([])
    expect((await memoryFor('dave').getAll()).results).toHaveLength(1)
  })
})

describe('a store whose lists show nothing', () => {
  it.each(['turbopuffer', 'mongodb'])('%s gives no receipt for an erasure', async (provider) => {
    const memory = new ScopedMemory('u_alice', { client: onStore(provider) })
    await expect(memory.erase()).rejects.toMatchObject({ code: 'UNSUPPORTED', status: 501 })
    await memory.deleteAll()
  })
})

describe('35 · two apps on one SQLite file', () => {
  it('share their rows whatever their collections are called, so an id has to say whose it is', async () => {
    const { directory, close } = await openSqlite()
    const [appA, appB] = [sqliteMemory(directory, 'tenantA'), sqliteMemory(directory, 'tenantB')]
    await new ScopedMemory('42', { client: appA }).add('secret of tenant A', { infer: false })
    expect(JSON.stringify(await new ScopedMemory('42', { client: appB }).getAll())).toContain('tenant A')

    const idOf = (tenant: string, user: string) => `${encodeURIComponent(tenant)}:${encodeURIComponent(user)}`
    await new ScopedMemory(idOf('tenantA', '7'), { client: appA }).add('secret of A:7', { infer: false })
    expect((await new ScopedMemory(idOf('tenantB', '7'), { client: appB }).getAll()).results).toEqual([])
    await close()
  })
})

function recording() {
  const sent: { filters: object }[] = []
  const client = {
    ...onStore('qdrant'),
    search: async (_: string, options: object) => (sent.push(options as never), { results: [] }),
  }
  return { memory: new ScopedMemory('u_alice', { client: client as SelfHostedClient }), sent }
}
