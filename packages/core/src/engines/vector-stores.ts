/**
 * How a vector store of mem0ai/oss 3.3.1 matches the user id it is asked for.
 *
 * `exact`: that id and no other. `inexact`: others too, by case, by word or by prefix. `never`: the filter is not
 * passed on at all.
 */
export type Matching = 'exact' | 'inexact' | 'never'

/** What is known of a vector store. */
export interface VectorStore {
  readonly matching: Matching
  /** Why, in words for an error. */
  readonly reason?: string
  /** Characters of a user id that the store cannot hold apart from others. */
  readonly ambiguous?: RegExp
  /** A danger that this package cannot stop. */
  readonly warning?: string
  /** The store looks at the first operator of a condition only. */
  readonly oneOperatorPerField?: true
}

const exact: VectorStore = { matching: 'exact' }

const VECTOR_STORES: Readonly<Record<string, VectorStore>> = {
  memory: { matching: 'exact', oneOperatorPerField: true },
  qdrant: exact,
  chroma: exact,
  supabase: exact,
  vertex_ai_vector_search: exact,
  pgvector: exact,
  databricks: { matching: 'exact', ambiguous: /'/ },
  neptune: exact,
  'neptune-analytics': exact,
  elasticsearch: exact,
  opensearch: exact,
  upstash_vector: { matching: 'exact', ambiguous: /["\\]/ },
  azure_mysql: exact,
  cassandra: exact,
  pinecone: exact,
  s3_vectors: exact,
  's3-vectors': exact,
  turbopuffer: exact,
  milvus: exact,
  mongodb: exact,
  oracledb: exact,
  baidu: exact,
  'azure-ai-search': {
    matching: 'exact',
    warning:
      'mem0 gives the first memory of an Azure AI Search index to its telemetry id at every start, so one user loses a ' +
      'memory each time (mem0 issue 7347). Prefer another vector store until that is fixed.',
  },
  redis: { matching: 'inexact', reason: 'it lower-cases ids and splits them at "|"' },
  valkey: { matching: 'inexact', reason: 'it ignores case and splits ids at ","' },
  weaviate: { matching: 'inexact', reason: 'it compares word by word, so "alice" finds "alice@example.com"' },
  vectorize: { matching: 'inexact', reason: 'it compares the first 64 bytes only' },
  langchain: {
    matching: 'never',
    reason: 'mem0 does not pass the filter to it, so every search reads every user',
  },
}

/** What is known of the store mem0 calls `provider`. One that is not known counts as inexact. */
export function vectorStore(provider: string | undefined): VectorStore {
  return provider !== undefined && Object.hasOwn(VECTOR_STORES, provider)
    ? VECTOR_STORES[provider]!
    : { matching: 'inexact', reason: 'it is not among the stores that were examined' }
}
