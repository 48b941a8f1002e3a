import { createHash } from 'node:crypto'
import {
  AzureAISearch,
  AzureMySQLDB,
  buildRedisFilterExpr,
  Memory,
  SupabaseDB,
  TurbopufferDB,
  UpstashVector,
  ValkeyDB,
  VertexAIVectorSearch,
} from 'mem0ai/oss'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { vectorStore } from '../../src/engines/vector-stores.ts'
import {
  createMemoryFactory,
  ScopedMemory,
  UnsafeBackendError,
  type SelfHostedClient,
} from '../../src/index.ts'
import { hashEmbedder } from '../embedded/hash-embedder.ts'
import { openSqlite, sqliteMemory } from '../support/backends.ts'
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
const WITHOUT_RECEIPT = {
  turbopuffer: /an empty list where listing failed/,
  mongodb: /an empty list where listing failed/,
  milvus: /an empty list where listing failed/,
  elasticsearch: /after a delay, and leaves out what a failed shard holds/,
  opensearch: /after a delay, and leaves out what a failed shard holds/,
  'azure-ai-search': /after a delay/,
  upstash_vector: /after a delay/,
  baidu: /after a delay/,
  pinecone: /search for the nearest vectors.*after a delay/,
  vertex_ai_vector_search: /search for the nearest vectors.*after a delay/,
  vectorize: /search for the nearest vectors.*after a delay/,
  valkey: /search for the nearest vectors/,
  redis: /index built anew at every start/,
  'a-store-of-tomorrow': /not among the stores that were examined/,
}

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

/** A real Memory on SQLite whose store matches user ids as Weaviate does: whatever their case. */
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
  parts.config.vectorStore.provider = 'weaviate'
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

describe('a store whose empty list does not show that nothing is stored', () => {
  const eraseOn = async (provider: string) => {
    const memory = new ScopedMemory('u_alice', { client: onStore(provider), storageId: 'sha256' })
    await memory.deleteAll()
    return memory.erase()
  }

  it.each(Object.entries(WITHOUT_RECEIPT))('%s gives no receipt for an erasure', async (provider, why) => {
    expect(vectorStore(provider).incompleteLists).toMatch(why)
    await expect(eraseOn(provider)).rejects.toMatchObject({ code: 'UNSUPPORTED', status: 501 })
  })

  it.each([...EXACT, ...INEXACT].filter((provider) => !Object.hasOwn(WITHOUT_RECEIPT, provider)))(
    '%s gives one',
    async (provider) => {
      expect(await eraseOn(provider)).toMatchObject({ deleted: 0 })
    },
  )
})

describe("what mem0's own stores answer", () => {
  const bad = () => Promise.reject(new Error('the store is down'))
  const good = () => Promise.resolve({})
  const refused = () =>
    Promise.resolve({ status: { error_code: 'UnexpectedError', reason: 'down' }, data: [] })
  const failing: Record<string, object> = {
    qdrant: { client: { createCollection: good, createPayloadIndex: good, scroll: bad } },
    chroma: { client: { getOrCreateCollection: () => Promise.resolve({ get: bad }) } },
    cassandra: { client: { execute: (cql: string) => (cql.includes('SELECT') ? bad() : good()) } },
    databricks: {
      host: 'unused',
      accessToken: 'unused',
      sqlClient: {
        connect: () =>
          Promise.resolve({
            openSession: () =>
              Promise.resolve({
                executeStatement: (sql: string) =>
                  sql.includes('SELECT') ? bad() : Promise.resolve({ fetchAll: () => Promise.resolve([]) }),
              }),
          }),
      },
      httpClient: { get: () => Promise.resolve({ data: { state: 'ONLINE', status: { ready: true } } }) },
    },
    upstash_vector: { client: { range: bad } },
    pinecone: {
      client: {
        listIndexes: () => Promise.resolve({ indexes: [{ name: 'c' }] }),
        index: () => ({ query: bad }),
      },
    },
    elasticsearch: { client: { indices: { exists: () => Promise.resolve(true) }, search: bad } },
    opensearch: { client: { indices: { exists: () => Promise.resolve({ body: true }) }, search: bad } },
    mongodb: {
      client: {
        db: () => ({
          listCollections: () => ({ toArray: () => Promise.resolve([{}]) }),
          collection: () => ({
            listSearchIndexes: () => ({ toArray: () => Promise.resolve([]) }),
            createSearchIndex: good,
            find: () => ({ limit: () => ({ toArray: bad }) }),
            findOne: bad,
          }),
        }),
      },
    },
    // Milvus's own client resolves, with the failure in the status.
    milvus: {
      client: {
        hasCollection: () => Promise.resolve({ value: true }),
        describeCollection: () => Promise.resolve({ schema: { fields: [] } }),
        insert: refused,
        query: refused,
        get: refused,
      },
    },
    turbopuffer: { apiKey: 'unused' },
    supabase: {},
    'azure-ai-search': {},
  }
  const alices = (memory: Memory) => memory.getAll({ filters: { user_id: 'u_alice' } })

  beforeEach(() => {
    for (const method of ['error', 'warn', 'debug'] as const) vi.spyOn(console, method).mockReturnValue()
    const query: object = new Proxy(
      {},
      { get: (_, name) => (name === 'then' ? undefined : name === 'range' ? bad : () => query) },
    )
    replace(TurbopufferDB, 'getNs', () => Promise.resolve({ query: bad }))
    replace(SupabaseDB, 'initialize', function (this: object) {
      Object.assign(this, { client: { from: () => query } })
      return Promise.resolve()
    })
    replace(AzureAISearch, 'initialize', function (this: object) {
      Object.assign(this, { searchClient: { search: bad } })
      return Promise.resolve()
    })
  })
  afterEach(() => void vi.restoreAllMocks())

  it.each(Object.entries(failing))(
    '%s: a failed list, as the table of stores says',
    async (provider, config) => {
      const memory = memoryOn(provider, config)
      if (vectorStore(provider).incompleteLists === 'mem0 returns an empty list where listing failed') {
        expect(await alices(memory)).toEqual({ results: [] })
        expect(await memory.get('11111111-1111-4111-8111-111111111111')).toBeNull()
      } else {
        await expect(alices(memory)).rejects.toThrow('the store is down')
      }
    },
  )

  it.each([
    ['milvus', failing['milvus']!],
    [
      'elasticsearch',
      {
        client: {
          indices: { exists: () => Promise.resolve(true) },
          bulk: () => Promise.resolve({ errors: true, items: [{ index: { status: 429, error: {} } }] }),
        },
      },
    ],
  ])('%s: a write that was refused passes for one that was taken', async (provider, config) => {
    const { results } = await memoryOn(provider, config).add('tea', { userId: 'u_alice', infer: false })
    expect(results).toMatchObject([{ memory: 'tea' }])
  })

  it.each(['elasticsearch', 'opensearch'])(
    '%s: a list of the shards that answered, as the whole',
    async (provider) => {
      const answer = { _shards: { total: 5, failed: 4 }, timed_out: true, hits: { hits: [], total: 0 } }
      const client = {
        indices: { exists: () => Promise.resolve(true) },
        search: () => Promise.resolve(answer),
      }
      expect(await alices(memoryOn(provider, { client }))).toEqual({ results: [] })
    },
  )

  it.each(['elasticsearch', 'opensearch'])(
    '%s: an empty list while a memory is stored, which deleteAll() leaves and which is found later',
    async (provider) => {
      const cluster = searchCluster()
      const memory = memoryOn(provider, { client: cluster })
      const { results } = await memory.add('tea', { userId: 'u_alice', infer: false })
      await memory.deleteAll({ userId: 'u_alice' })
      expect(await alices(memory)).toEqual({ results: [] })
      await expect(new ScopedMemory('u_alice', { client: memory }).erase()).rejects.toMatchObject({
        status: 501,
      })
      cluster.refresh()
      expect(await alices(memory)).toMatchObject({ results: [{ id: results[0]!.id, memory: 'tea' }] })
    },
  )

  it('pinecone, valkey, vertex_ai_vector_search: a list is a search, for the vectors nearest to zero', async () => {
    const zero = new Array<number>(8).fill(0)
    const query = vi.fn(() => Promise.resolve({ matches: [] }))
    const client = {
      listIndexes: () => Promise.resolve({ indexes: [{ name: 'c' }] }),
      index: () => ({ query }),
    }
    await alices(memoryOn('pinecone', { client }))
    expect(query).toHaveBeenCalledWith(expect.objectContaining({ vector: zero }))

    for (const Store of [ValkeyDB, VertexAIVectorSearch]) {
      const search = vi.fn(() => Promise.resolve([]))
      const store = { embeddingModelDims: 8, config: { dimension: 8 }, initialize: good, search }
      await (Store.prototype as unknown as Listing).list.call(store, { user_id: 'u_alice' }, 10)
      expect(search).toHaveBeenCalledWith(zero, 10, { user_id: 'u_alice' })
    }
  })

  it('azure_mysql: nothing is found and nothing deleted, without an error, so a handle is refused', async () => {
    const rows: { id: string; payload: string }[] = []
    // MySQL compares a JSON string and a string by their characters, and JSON_EXTRACT gives no quotes to the comparison.
    const execute = (sql: string, values: string[] = []) => {
      if (sql.includes('(id, vector, payload)')) rows.push({ id: values[0]!, payload: values[2]! })
      if (sql.includes('DELETE')) rows.splice(0, rows.length, ...rows.filter(({ id }) => id !== values[0]))
      if (!sql.includes('JSON_EXTRACT(payload, ?) = ?')) return Promise.resolve([[]])
      const found = rows.filter((row) => {
        const payload = JSON.parse(row.payload) as Record<string, unknown>
        return payload[values[0]!.slice('$.'.length)] === values[1]
      })
      return Promise.resolve([sql.includes('COUNT(*)') ? [{ cnt: found.length }] : found])
    }
    const connection = {
      execute,
      beginTransaction: good,
      commit: good,
      rollback: good,
      release: () => undefined,
    }
    replace(AzureMySQLDB, 'initialize', function (this: object) {
      Object.assign(this, { pool: { execute, getConnection: () => Promise.resolve(connection) } })
      return Promise.resolve()
    })
    const client = memoryOn('azure_mysql', { host: 'unused', user: 'u', database: 'd' })
    await client.add('tea', { userId: 'u_alice', infer: false })
    expect(await alices(client)).toEqual({ results: [] })
    expect(await client.deleteAll({ userId: 'u_alice' })).toEqual({
      message: 'Memories deleted successfully!',
    })
    expect(rows).toHaveLength(1)

    expect(() => new ScopedMemory('u_alice', { client })).toThrow(/azure_mysql.*finds and deletes nothing/)
    expect(() => new ScopedMemory('u_alice', { client, storageId: 'sha256' })).toThrow(UnsafeBackendError)
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

interface Listing {
  list(filters: object, limit: number): Promise<unknown>
}

/** mem0 on one of its own stores. */
function memoryOn(provider: string, config: object): Memory {
  return new Memory({
    embedder: hashEmbedder(8),
    vectorStore: {
      provider,
      config: { collectionName: 'c', dimension: 8, embeddingModelDims: 8, ...config },
    },
    llm: { provider: 'openai', config: { apiKey: 'unused', baseURL: 'http://127.0.0.1:9' } },
    disableHistory: true,
  })
}

/** Puts a method in place of one that needs a package which is not installed. */
function replace(Store: { prototype: object }, method: string, instead: (this: object) => unknown): void {
  vi.spyOn(Store.prototype as Record<string, (this: object) => unknown>, method).mockImplementation(instead)
}

type Stored = Record<string, Record<string, unknown>>

/** Elasticsearch and OpenSearch as far as mem0 asks: found by id at once, found by a search after a refresh. */
function searchCluster() {
  const stored = new Map<string, Stored>()
  let searchable = new Map<string, Stored>()
  const refresh = () => {
    searchable = new Map(stored)
  }
  const write = (asked: { refresh?: unknown }, change: () => void) => {
    change()
    if (asked.refresh === true || asked.refresh === 'wait_for') refresh()
    return Promise.resolve({ errors: false })
  }
  interface Bulk {
    refresh?: unknown
    operations?: object[]
    body?: object[]
  }
  interface Search {
    query?: { bool: { must: { term: Record<string, string> }[] } }
    body?: { query: { bool: { filter: { term: Record<string, string> }[] } } }
  }
  return {
    refresh,
    indices: { exists: () => Promise.resolve(true) },
    bulk: (asked: Bulk) =>
      write(asked, () => {
        const [action, document] = (asked.operations ?? asked.body) as [{ index: { _id: string } }, Stored]
        stored.set(action.index._id, document)
      }),
    delete: (asked: { id: string; refresh?: unknown }) => write(asked, () => void stored.delete(asked.id)),
    get: ({ id }: { id: string }) => Promise.resolve({ _id: id, _source: stored.get(id) }),
    search: ({ query, body }: Search) => {
      const terms = (query?.bool.must ?? body!.query.bool.filter).flatMap(({ term }) => Object.entries(term))
      const hits = [...searchable]
        .map(([_id, _source]) => ({ _id, _source }))
        .filter(({ _source }) =>
          terms.every(([path, value]) => {
            const [object, field] = path.split('.') as [string, string]
            return _source[object]![field] === value
          }),
        )
      return Promise.resolve({ hits: { hits, total: hits.length } })
    },
  }
}
