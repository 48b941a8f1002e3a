import type { ClientDescription, Method, PartMethod } from '../client-description.ts'

const scoped = (...at: string[]): Method => ({ kind: 'scoped', argument: 0, at })
const selected: Method = { kind: 'scoped', argument: 0, at: ['where'], ids: [{ argument: 0, at: 'ids' }] }
const collection = (at: string): PartMethod => ({
  kind: 'part',
  part: 'Collection',
  names: [{ argument: 0, at }],
})

/** Chroma, where a condition on the metadata tells the records of users apart, or each has a collection. */
export const chroma: ClientDescription = {
  modules: ['chromadb'],
  classes: ['ChromaClient', 'CloudClient'],
  userKeys: ['user_id', 'userId'],
  methods: {
    getCollection: collection('name'),
    getOrCreateCollection: collection('name'),
    createCollection: collection('name'),
    getCollectionById: collection(''),
    getCollectionByCrn: collection(''),
    collection: collection(''),
  },
  parts: {
    Collection: {
      methods: {
        query: scoped('where'),
        get: selected,
        delete: selected,
        add: scoped('metadatas[]'),
        upsert: scoped('metadatas[]'),
        // It takes no condition, so that only the ids say whose records change.
        update: { kind: 'byId', ids: [{ argument: 0, at: 'ids' }] },
        peek: { kind: 'projectWide' },
      },
    },
  },
}
