import type { ClientDescription, Method, Place } from '../client-description.ts'

const tags: readonly Place[] = [
  { argument: 0, at: 'containerTag' },
  { argument: 0, at: 'containerTags' },
]
const tagged: Method = { kind: 'scoped', partitions: tags }
const filtered: Method = { kind: 'scoped', argument: 0, at: ['filters'], partitions: tags }
const byId: Method = { kind: 'byId' }

/** supermemory, where a container tag holds what is one user's. */
export const supermemory: ClientDescription = {
  modules: ['supermemory'],
  classes: ['Supermemory', 'default'],
  userKeys: ['user_id', 'userId'],
  filter: 'conditions',
  methods: {
    add: tagged,
    profile: tagged,
    search: filtered,
  },
  properties: { documents: 'Documents', memories: 'Memories', search: 'Search' },
  parts: {
    Search: { methods: { documents: filtered, execute: filtered, memories: filtered } },
    Documents: {
      methods: {
        add: tagged,
        batchAdd: { kind: 'scoped', partitions: [...tags, { argument: 0, at: 'documents[].containerTag' }] },
        uploadFile: tagged,
        list: filtered,
        get: byId,
        update: byId,
        delete: byId,
        deleteBulk: { kind: 'scoped', partitions: tags, ids: [{ argument: 0, at: 'ids' }] },
        listProcessing: { kind: 'projectWide' },
      },
    },
    Memories: { methods: { forget: tagged, updateMemory: tagged } },
  },
}
