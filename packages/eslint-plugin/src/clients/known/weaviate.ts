import type { ClientDescription, Method, PartMethod } from '../client-description.ts'

const collection = (at: string): PartMethod => ({
  kind: 'part',
  part: 'Collection',
  names: [{ argument: 0, at }],
})
const at = (argument: number, ...paths: string[]): Method => ({ kind: 'scoped', argument, at: paths })
const byId: Method = { kind: 'byId' }
const byIdInside: Method = { kind: 'byId', ids: [{ argument: 0, at: 'id' }] }

/** Weaviate, where one user is a tenant of a collection, or a filter tells the objects of users apart. */
export const weaviate: ClientDescription = {
  modules: ['weaviate-client'],
  classes: ['WeaviateClient', 'default'],
  factories: ['connectToCustom', 'connectToLocal', 'connectToWCD', 'connectToWCS', 'connectToWeaviateCloud'],
  userKeys: ['user_id', 'userId'],
  filter: 'builder',
  write: '.withTenant(userId)',
  methods: {},
  properties: { collections: 'Collections' },
  parts: {
    Collections: {
      methods: {
        use: collection(''),
        get: collection(''),
        create: collection('name'),
      },
    },
    Collection: {
      methods: {
        withTenant: {
          kind: 'part',
          part: 'Collection',
          partitions: [
            { argument: 0, at: '' },
            { argument: 0, at: 'name' },
          ],
        },
        withConsistency: { kind: 'part', part: 'Collection' },
        iterator: { kind: 'projectWide' },
      },
      properties: { query: 'Query', generate: 'Generate', data: 'Data' },
    },
    Query: {
      methods: {
        fetchObjects: at(0, 'filters'),
        fetchObjectById: byId,
        bm25: at(1, 'filters'),
        hybrid: at(1, 'filters'),
        nearImage: at(1, 'filters'),
        nearMedia: at(2, 'filters'),
        nearObject: at(1, 'filters'),
        nearText: at(1, 'filters'),
        nearVector: at(1, 'filters'),
      },
    },
    Generate: {
      methods: {
        fetchObjects: at(1, 'filters'),
        bm25: at(2, 'filters'),
        hybrid: at(2, 'filters'),
        nearMedia: at(3, 'filters'),
        nearObject: at(2, 'filters'),
        nearText: at(2, 'filters'),
        nearVector: at(2, 'filters'),
      },
    },
    Data: {
      methods: {
        insert: at(0, 'properties', ''),
        insertMany: at(0, '[].properties', '[]'),
        update: byIdInside,
        replace: byIdInside,
        deleteById: byId,
        deleteMany: at(0, ''),
      },
    },
  },
}
