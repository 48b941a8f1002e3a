import { ZepClient } from '@getzep/zep-cloud'

declare const id: string
declare const text: string
declare const userId: string

const zep = new ZepClient({ apiKey: 'key' })

// No user.
await zep.graph.search({ query: text }) // MissingUser: zep.graph.search -> { userId }
await zep.graph.add({ type: 'text', data: text }) // MissingUser: zep.graph.add
await zep.graph.addBatch({ episodes: [{ type: 'text', data: text }] }) // MissingUser: zep.graph.addBatch
await zep.graph.addFactTriple({ fact: text, factName: 'LIKES' }) // MissingUser: zep.graph.addFactTriple
await zep.graph.detectPatterns({ limit: 3 }) // MissingUser: zep.graph.detectPatterns
await zep.graph.listAll() // ProjectWide: zep.graph.listAll
await zep.thread.listAll() // ProjectWide: zep.thread.listAll
await zep.user.listOrdered() // ProjectWide: zep.user.listOrdered
await zep.graph.search({ query: text, userId: '' }) // UndefinedUser: zep.graph.search

// By the id of a node, an edge or an episode.
await zep.graph.node.get(id) // BareMemoryId: zep.graph.node.get -> whoever owns it. Compare the owner
await zep.graph.node.update(id, { name: text }) // BareMemoryId: zep.graph.node.update
await zep.graph.node.delete(id) // BareMemoryId: zep.graph.node.delete
await zep.graph.edge.get(id) // BareMemoryId: zep.graph.edge.get
await zep.graph.edge.update(id, { fact: text }) // BareMemoryId: zep.graph.edge.update
await zep.graph.edge.delete(id) // BareMemoryId: zep.graph.edge.delete
await zep.graph.episode.get(id) // BareMemoryId: zep.graph.episode.get
await zep.graph.episode.update(id, { metadata: {} }) // BareMemoryId: zep.graph.episode.update
await zep.graph.episode.delete(id) // BareMemoryId: zep.graph.episode.delete

// One user.
await zep.graph.search({ query: text, userId })
await zep.graph.add({ type: 'text', data: text, userId })
await zep.graph.addBatch({ episodes: [{ type: 'text', data: text }], userId })
await zep.graph.addFactTriple({ fact: text, factName: 'LIKES', userId })
await zep.graph.detectPatterns({ userId })
await zep.graph.node.getByUserId(userId, {})
await zep.graph.edge.getByUserId(userId, {})
await zep.graph.episode.getByUserId(userId, { lastn: 3 })
await zep.graph.episode.listByUserId(userId, {})
await zep.thread.create({ threadId: id, userId })
await zep.user.add({ userId, firstName: text })
await zep.user.get(userId)
await zep.user.update(userId, { firstName: text })
await zep.user.getNode(userId)
await zep.user.getThreads(userId)
await zep.user.delete(userId)

// A graph that stands by itself.
export const searchIn = (graphId: string) => zep.graph.search({ query: text, graphId })
await zep.graph.search({ query: text, graphId: 'handbook' }) // Unverifiable: zep.graph.search

// Ids that come out of a list of one user are that user's.
for (const edge of await zep.graph.edge.getByUserId(userId, {})) await zep.graph.edge.delete(edge.uuid)

// Threads are reached by their ids alone.
await zep.thread.getUserContext(id)
await zep.thread.addMessages(id, { messages: [{ role: 'user', content: text }] })

// The id that goes in is looked at as well.
export async function handle(req: { body: { userId: string } }) {
  await zep.graph.search({ query: text, userId: req.body.userId }) // untrusted: req.body.userId
  await zep.user.get(req.body.userId) // untrusted: req.body.userId
  await zep.graph.search({ query: text, userId: 'everyone' }) // literal: 'everyone'
}
