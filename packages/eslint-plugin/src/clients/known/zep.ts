import type { ClientDescription, Method } from '../client-description.ts'

const named: Method = { kind: 'scoped', argument: 0, at: [''] }
/** On the graph of a user, or on one that stands by itself. */
const onGraph: Method = { ...named, partitions: [{ argument: 0, at: 'graphId' }] }
/** The first argument is the user. */
const ofUser: Method = { kind: 'scoped', partitions: [{ argument: 0, at: '' }] }
const byId: Method = { kind: 'byId' }
const projectWide: Method = { kind: 'projectWide' }

/** Zep, where each user has a graph and threads. Calls by the id of a thread are not judged: no other way leads to one. */
export const zep: ClientDescription = {
  modules: ['@getzep/zep-cloud'],
  classes: ['ZepClient'],
  userKeys: ['userId'],
  write: '{ userId }',
  methods: {},
  properties: { graph: 'Graph', thread: 'Thread', user: 'User' },
  parts: {
    Graph: {
      methods: {
        search: onGraph,
        getSubgraph: onGraph,
        detectPatterns: onGraph,
        add: onGraph,
        addBatch: onGraph,
        addFactTriple: onGraph,
        addNodes: onGraph,
        listAll: projectWide,
      },
      properties: { node: 'Node', edge: 'Edge', episode: 'Episode' },
    },
    Node: { methods: { getByUserId: ofUser, get: byId, delete: byId, update: byId } },
    Edge: { methods: { getByUserId: ofUser, get: byId, delete: byId, update: byId } },
    Episode: {
      methods: { getByUserId: ofUser, listByUserId: ofUser, get: byId, delete: byId, update: byId },
    },
    Thread: { methods: { create: named, listAll: projectWide } },
    User: {
      methods: {
        add: named,
        get: ofUser,
        update: ofUser,
        delete: ofUser,
        getNode: ofUser,
        getThreads: ofUser,
        listOrdered: projectWide,
      },
    },
  },
}
