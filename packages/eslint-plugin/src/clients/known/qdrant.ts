import type { ClientDescription, Method, Place } from '../client-description.ts'

// The first argument of each method is the name of a collection.
const names: readonly Place[] = [{ argument: 0, at: '' }]
const filtered = (...at: string[]): Method => ({ kind: 'scoped', argument: 1, at, names })
const selected = (...ids: string[]): Method => ({
  kind: 'scoped',
  argument: 1,
  at: ['filter'],
  ids: ids.map((at) => ({ argument: 1, at })),
  names,
})

/** Qdrant, where the points of all users are in one collection and a filter tells them apart. */
export const qdrant: ClientDescription = {
  modules: ['@qdrant/js-client-rest'],
  classes: ['QdrantClient'],
  userKeys: ['user_id', 'userId', 'group_id'],
  filter: 'conditions',
  methods: {
    // A query of prefetched points finds nothing beside them.
    query: filtered('filter', 'prefetch.filter', 'prefetch[].filter'),
    queryBatch: filtered('searches[].filter'),
    queryGroups: filtered('filter', 'prefetch.filter', 'prefetch[].filter'),
    search: filtered('filter'),
    searchBatch: filtered('searches[].filter'),
    searchPointGroups: filtered('filter'),
    searchMatrixPairs: filtered('filter'),
    searchMatrixOffsets: filtered('filter'),
    recommend: filtered('filter'),
    recommendBatch: filtered('searches[].filter'),
    recommendPointGroups: filtered('filter'),
    discoverPoints: filtered('filter'),
    discoverBatchPoints: filtered('searches[].filter'),
    scroll: filtered('filter'),
    upsert: filtered('points[].payload', 'batch.payloads[]'),
    retrieve: { kind: 'byId', ids: [{ argument: 1, at: 'ids' }], names },
    delete: selected('points'),
    setPayload: selected('points'),
    overwritePayload: selected('points'),
    deletePayload: selected('points'),
    clearPayload: selected('points'),
    updateVectors: { kind: 'byId', ids: [{ argument: 1, at: 'points[].id' }], names },
    deleteVectors: selected('points'),
  },
}
