/** Where one kind of call says whose memory it is about. */
export interface ScopedMethod {
  readonly kind: 'scoped'
  /** Position of the argument that carries the user. */
  readonly argument: number
  /** Property paths inside that argument under which the user may stand; `''` is the argument itself. */
  readonly at: readonly string[]
  /** Keys that name the user in this method, when they differ from the client's. */
  readonly userKeys?: readonly string[]
}

export type Method =
  | ScopedMethod
  /** Acts on one record by its id, whoever owns it. */
  | { readonly kind: 'byId' }
  /** Acts on, or reveals, every user of the project. */
  | { readonly kind: 'projectWide' }

/** What a multi-tenant client looks like. The rules know nothing about a client that is not said here. */
export interface ClientDescription {
  /** Module specifiers the client comes from. */
  readonly modules: readonly string[]
  /** Exported classes (`default` for the default export). */
  readonly classes: readonly string[]
  /** Static methods and exported functions that build a client, such as `fromConfig`. */
  readonly factories?: readonly string[]
  /** Keys that name the user, the preferred one first. */
  readonly userKeys: readonly string[]
  /** Keys that narrow a call without naming a user. */
  readonly otherKeys?: readonly string[]
  readonly methods: Readonly<Record<string, Method>>
  /** Properties of the client behind which nothing is scoped. A name that starts with `_` always counts. */
  readonly internals?: readonly string[]
  /** Hosts of the client's own HTTP API. */
  readonly hosts?: readonly string[]
}

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

/** The package of a module specifier: `mem0ai` of `mem0ai/oss`. */
export function packageOf(module: string): string {
  return module
    .split('/')
    .slice(0, module.startsWith('@') ? 2 : 1)
    .join('/')
}
