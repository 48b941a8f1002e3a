import type { ClientDescription, Method, PartMethod, Place, UserPlaces } from '../client-description.ts'

const first = (at: string): Place => ({ argument: 0, at })
const namespace: UserPlaces = { partitions: [first('namespace')] }
const scoped = (...at: string[]): Method => ({ kind: 'scoped', argument: 0, at, ...namespace })
const byId = (...ids: string[]): Method => ({ kind: 'byId', ids: ids.map(first), ...namespace })

const index: PartMethod = { kind: 'part', part: 'Index', ...namespace, names: [first(''), first('name')] }

/** Pinecone, where one user's records are in a namespace of their own, or carry the user in their metadata. */
export const pinecone: ClientDescription = {
  modules: ['@pinecone-database/pinecone'],
  classes: ['Pinecone'],
  userKeys: ['user_id', 'userId'],
  write: '.namespace(userId)',
  methods: { index, Index: index },
  parts: {
    Index: {
      methods: {
        namespace: { kind: 'part', part: 'Index', partitions: [first('')] },
        query: scoped('filter'),
        searchRecords: scoped('query.filter'),
        fetchByMetadata: scoped('filter'),
        listPaginated: scoped(),
        upsert: scoped('records[].metadata', '[].metadata'),
        upsertRecords: scoped('records[]', '[]'),
        fetch: byId('ids', ''),
        update: byId('id'),
        deleteOne: byId('id', ''),
        deleteMany: {
          kind: 'scoped',
          argument: 0,
          at: ['filter', ''],
          ids: [first('ids'), first('')],
          ...namespace,
        },
        deleteAll: { kind: 'projectWide', ...namespace },
      },
    },
  },
}
