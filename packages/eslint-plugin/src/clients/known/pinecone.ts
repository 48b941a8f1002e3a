import type { ClientDescription, Method, PartMethod, UserPlaces } from '../client-description.ts'

const namespace: UserPlaces = { partitions: [{ argument: 0, at: 'namespace' }] }
const index: PartMethod = {
  kind: 'part',
  part: 'Index',
  ...namespace,
  names: [
    { argument: 0, at: '' },
    { argument: 0, at: 'name' },
  ],
}
const scoped = (...at: string[]): Method => ({ kind: 'scoped', argument: 0, at, ...namespace })

/** Pinecone: a namespace of an index is one user's own. */
export const pinecone: ClientDescription = {
  modules: ['@pinecone-database/pinecone'],
  classes: ['Pinecone'],
  userKeys: ['user_id', 'userId'],
  write: '.namespace(userId)',
  methods: { index, Index: index },
  parts: {
    Index: {
      methods: {
        namespace: { kind: 'part', part: 'Index', partitions: [{ argument: 0, at: '' }] },
        query: scoped('filter'),
        searchRecords: scoped('query.filter'),
        fetchByMetadata: scoped('filter'),
        listPaginated: scoped(),
        upsert: scoped('records[].metadata', '[].metadata'),
        upsertRecords: scoped('records[]', '[]'),
        fetch: { kind: 'byId', ...namespace },
        update: { kind: 'byId', ...namespace },
        deleteOne: { kind: 'byId', ...namespace },
        deleteMany: { kind: 'byId', ...namespace },
        deleteAll: { kind: 'projectWide', ...namespace },
      },
    },
  },
}
