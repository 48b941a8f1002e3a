import type { ClientDescription, Method, ScopedMethod } from './client-description.ts'

const scoped = (argument: number, ...at: string[]): ScopedMethod => ({ kind: 'scoped', argument, at })
const byId: Method = { kind: 'byId' }
const projectWide: Method = { kind: 'projectWide' }

const userKeys = ['userId', 'user_id']
const otherKeys = ['agentId', 'agent_id', 'runId', 'run_id', 'appId', 'app_id', 'actor_id']

/** The hosted client: one API key reaches every user of the project. */
const hosted: ClientDescription = {
  modules: ['mem0ai'],
  classes: ['MemoryClient', 'default'],
  userKeys,
  otherKeys,
  methods: {
    add: scoped(1, ''),
    // SDKs before 3.0 read the user beside `filters`; 3.x refuses it there, so no version leaks.
    search: scoped(1, 'filters', ''),
    getAll: scoped(0, 'filters', ''),
    deleteAll: scoped(0, ''),
    getProfile: { ...scoped(0, ''), userKeys: ['entityId'] },
    generateProfile: { ...scoped(0, ''), userKeys: ['entityId'] },
    createMemoryExport: scoped(0, 'filters'),
    getMemoryExport: scoped(0, 'filters'),
    get: byId,
    update: byId,
    delete: byId,
    history: byId,
    batchUpdate: byId,
    batchDelete: byId,
    feedback: byId,
    users: projectWide,
    deleteUser: projectWide,
    deleteUsers: projectWide,
    getProject: projectWide,
    updateProject: projectWide,
    getWebhooks: projectWide,
    createWebhook: projectWide,
    updateWebhook: projectWide,
    deleteWebhook: projectWide,
    sampleProfiles: projectWide,
    getProfileJob: projectWide,
    getProfileSettings: projectWide,
    updateProfileSettings: projectWide,
  },
  internals: ['client', 'headers', 'apiKey'],
  hosts: ['api.mem0.ai'],
}

/** The self-hosted engine. */
const selfHosted: ClientDescription = {
  modules: ['mem0ai/oss'],
  classes: ['Memory'],
  factories: ['fromConfig'],
  userKeys,
  otherKeys,
  methods: {
    add: scoped(1, '', 'filters'),
    search: scoped(1, 'filters', ''),
    getAll: scoped(0, 'filters', ''),
    deleteAll: scoped(0, ''),
    get: byId,
    update: byId,
    delete: byId,
    history: byId,
    reset: projectWide,
  },
  internals: ['vectorStore', 'db', 'llm', 'embedder', 'config', 'getEntityStore'],
}

/** The vector stores that the self-hosted engine exports: no user of their own, only a filter. */
const stores: ClientDescription = {
  modules: ['mem0ai/oss'],
  classes: [
    'AzureAISearch',
    'AzureMySQLDB',
    'BaiduDB',
    'CassandraDB',
    'DatabricksVectorStore',
    'ElasticsearchDB',
    'LangchainVectorStore',
    'MemoryVectorStore',
    'Milvus',
    'MongoDB',
    'NeptuneAnalyticsVectorStore',
    'OpenSearchDB',
    'OracleAIVectorSearch',
    'PGVector',
    'PineconeDB',
    'Qdrant',
    'RedisDB',
    'S3Vectors',
    'SupabaseDB',
    'TurbopufferDB',
    'UpstashVector',
    'ValkeyDB',
    'VectorizeDB',
    'VectorStore',
    'VectorStoreFactory',
    'VertexAIVectorSearch',
    'WeaviateDB',
  ],
  factories: ['create'],
  userKeys: ['user_id'],
  otherKeys,
  methods: {
    search: scoped(2, ''),
    keywordSearch: scoped(2, ''),
    list: scoped(0, ''),
    get: byId,
    update: byId,
    delete: byId,
    deleteCol: projectWide,
  },
}

export const mem0Clients: readonly ClientDescription[] = [hosted, selfHosted, stores]

/** The clients that a ScopedMemory can be made of: they have its methods under the same names. */
export const scopable: ReadonlySet<ClientDescription> = new Set([hosted, selfHosted])

/** Whether a client is one of mem0's, for which there is a ScopedMemory. */
export const isMem0 = (client: ClientDescription): boolean => mem0Clients.includes(client)
