/**
 * How a vector store of mem0ai/oss 3.3.1 matches the user id it is asked for.
 *
 * `exact`: that id and no other. `inexact`: others too, by case, by word or by prefix. `never`: the filter is not
 * passed on, or finds nothing at all.
 */
type Matching = 'exact' | 'inexact' | 'never'

/**
 * How a vector store finds the rows of one user.
 *
 * `built-in`: by an index of its own, or one that mem0 asks it for. `on-request`: by one that `ensureUserIndex` makes.
 * Otherwise it has none and `advice` says what to do; `readsEveryUser` where that makes a search cost what everybody's
 * memories cost.
 */
type UserIndex = 'built-in' | 'on-request' | { readonly advice: string; readonly readsEveryUser: boolean }

/** What is known of a vector store. */
export interface VectorStore {
  readonly matching: Matching
  /** Undefined where it was not examined. */
  readonly userIndex?: UserIndex
  /** Why the matching is `inexact` or `never`, in words for an error. */
  readonly reason?: string
  /** Characters of a user id that the store cannot hold apart from others. */
  readonly ambiguous?: RegExp
  /** A danger that this package cannot stop. */
  readonly warning?: string
  /** Why a list may leave out what is stored, in words for an error. Where it is set, an empty list proves nothing. */
  readonly incompleteLists?: string
  /** The store looks at the first operator of a condition only. */
  readonly oneOperatorPerField?: true
}

const exact: VectorStore = { matching: 'exact' }
const indexed: VectorStore = { matching: 'exact', userIndex: 'built-in' }

const FAILURES_LOOK_EMPTY = 'mem0 returns an empty list where listing failed'
const DELAYED = 'it lists what was just written only after a delay'
const NEAREST = 'mem0 lists by a search for the nearest vectors, which may leave some out'
const NEAREST_AND_DELAYED =
  'mem0 lists by a search for the nearest vectors, which may leave some out and finds what was just written only after a delay'
// mem0 asks for no refresh after a write, and does not look at how many shards have failed.
const DELAYED_AND_PARTIAL =
  'it lists what was just written only after a delay, and leaves out what a failed shard holds'

const VECTOR_STORES: Readonly<Record<string, VectorStore>> = {
  memory: {
    matching: 'exact',
    oneOperatorPerField: true,
    userIndex: {
      readsEveryUser: true,
      advice:
        'mem0 reads the whole SQLite file, every user of it, for every search. Beyond a few thousand memories, use ' +
        'openPostgresMemory() of @scoped-memory/core/postgres.',
    },
  },
  // The client of the testing subpath: it answers as `memory` does, and is for a handful of memories.
  'in-memory': { matching: 'exact', oneOperatorPerField: true },
  // The store of this package itself, met without its engine where a client is wrapped.
  'scoped-memory': indexed,
  qdrant: indexed,
  chroma: indexed,
  supabase: {
    matching: 'exact',
    userIndex: {
      readsEveryUser: true,
      advice:
        'mem0 searches Supabase through a SQL function that no index can serve, so every search reads every user. Use ' +
        'openPostgresMemory() of @scoped-memory/core/postgres with the connection string of the same database.',
    },
  },
  vertex_ai_vector_search: { ...exact, incompleteLists: NEAREST_AND_DELAYED },
  pgvector: { matching: 'exact', userIndex: 'on-request' },
  databricks: { matching: 'exact', ambiguous: /'/ },
  neptune: exact,
  'neptune-analytics': exact,
  elasticsearch: { ...indexed, incompleteLists: DELAYED_AND_PARTIAL },
  opensearch: { ...indexed, incompleteLists: DELAYED_AND_PARTIAL },
  upstash_vector: { matching: 'exact', ambiguous: /["\\]/, incompleteLists: DELAYED },
  azure_mysql: {
    matching: 'never',
    reason:
      'mem0 asks it for the id in quotes, which no memory is stored under, so it finds and deletes nothing, without an error',
  },
  cassandra: exact,
  pinecone: { ...indexed, incompleteLists: NEAREST_AND_DELAYED },
  s3_vectors: indexed,
  's3-vectors': indexed,
  turbopuffer: { ...indexed, incompleteLists: FAILURES_LOOK_EMPTY },
  milvus: { ...exact, incompleteLists: FAILURES_LOOK_EMPTY },
  mongodb: {
    matching: 'exact',
    incompleteLists: FAILURES_LOOK_EMPTY,
    userIndex: {
      readsEveryUser: false,
      advice:
        "mem0 filters by user after MongoDB's vector search, so with many users a user's own memories are not among " +
        'the candidates. Use openPostgresMemory() of @scoped-memory/core/postgres.',
    },
  },
  oracledb: exact,
  // mem0 has three copies made, and reads any of them.
  baidu: { ...exact, incompleteLists: DELAYED },
  'azure-ai-search': {
    ...indexed,
    incompleteLists: DELAYED,
    warning:
      'mem0 gives the first memory of an Azure AI Search index to its telemetry id at every start, so one user loses a ' +
      'memory each time (mem0 issue 7347). Prefer another vector store until that is fixed.',
  },
  redis: {
    matching: 'inexact',
    reason: 'it lower-cases ids and splits them at "|"',
    userIndex: 'built-in',
    incompleteLists:
      'mem0 has its index built anew at every start, and until that is done it lists only a part',
  },
  valkey: {
    matching: 'inexact',
    reason: 'it ignores case and splits ids at ","',
    userIndex: 'built-in',
    incompleteLists: NEAREST,
  },
  weaviate: {
    matching: 'inexact',
    reason: 'it compares word by word, so "alice" finds "alice@example.com"',
    userIndex: 'built-in',
  },
  vectorize: {
    matching: 'inexact',
    reason: 'it compares the first 64 bytes only',
    incompleteLists: NEAREST_AND_DELAYED,
    userIndex: {
      readsEveryUser: false,
      advice:
        'mem0 indexes `userId` but filters by `user_id`. Run: ' +
        'npx wrangler vectorize create-metadata-index <index> --property-name=user_id --type=string',
    },
  },
  langchain: {
    matching: 'never',
    reason: 'mem0 does not pass the filter to it, so every search reads every user',
    userIndex: {
      readsEveryUser: true,
      advice:
        'mem0 passes no filter to a LangChain store, so users are not kept apart at all. Use openPostgresMemory() of ' +
        '@scoped-memory/core/postgres.',
    },
  },
}

/** A store that was not examined is assumed to be the worst that a handle can work with. */
const UNKNOWN: VectorStore = {
  matching: 'inexact',
  reason: 'it is not among the stores that were examined',
  incompleteLists: 'it is not among the stores that were examined',
}

/** What is known of the store mem0 calls `provider`. */
export function vectorStore(provider: string | undefined): VectorStore {
  return provider !== undefined && Object.hasOwn(VECTOR_STORES, provider) ? VECTOR_STORES[provider]! : UNKNOWN
}
