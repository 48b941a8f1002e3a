import { Index } from '@upstash/vector'
import { Index as EdgeIndex } from '@upstash/vector/cloudflare'

declare const id: string
declare const text: string
declare const userId: string
declare const vector: number[]

const index = new Index()
const edge = new EdgeIndex()

// No namespace, and no condition on the user.
await index.query({ vector, topK: 3 }) // MissingUser: index.query -> .namespace(userId)
await edge.query({ vector, topK: 3 }) // MissingUser: edge.query
await index.query({ vector, topK: 3, filter: "topic = 'food'" }) // MissingUser: index.query
await index.query({ vector, topK: 3 }, { namespace: '' }) // UndefinedUser: index.query
await index.queryMany([{ vector, topK: 3 }]) // MissingUser: index.queryMany
await index.resumableQuery({ vector, topK: 3, maxIdle: 3600 }) // MissingUser: index.resumableQuery
await index.range({ cursor: 0, limit: 10 }) // MissingUser: index.range
await index.upsert({ id, vector, metadata: { text } }) // MissingUser: index.upsert
await index.upsert([{ id, vector }]) // MissingUser: index.upsert
await index.delete({ filter: "topic = 'food'" }) // MissingUser: index.delete
await index.reset() // ProjectWide: index.reset

// By the ids of vectors.
await index.fetch([id]) // BareMemoryId: index.fetch -> Write .namespace(userId), or compare the owner
await index.fetch({ ids: [id] }) // BareMemoryId: index.fetch
await index.update({ id, metadata: { text } }) // BareMemoryId: index.update
await index.delete([id]) // BareMemoryId: index.delete
await index.delete({ ids: [id] }) // BareMemoryId: index.delete

// A namespace.
const mine = index.namespace(userId)
await mine.query({ vector, topK: 3 })
await mine.resumableQuery({ vector, topK: 3, maxIdle: 3600 })
await mine.range({ cursor: 0, limit: 10 })
await mine.upsert({ id, vector })
await mine.update({ id, metadata: { text } })
await mine.fetch([id])
await mine.delete([id])
await mine.reset()
await index.query({ vector, topK: 3 }, { namespace: userId })
await index.queryMany([{ vector, topK: 3 }], { namespace: userId })
await index.resumableQuery({ vector, topK: 3, maxIdle: 3600 }, { namespace: userId })
await index.range({ cursor: 0, limit: 10 }, { namespace: userId })
await index.upsert([{ id, vector }], { namespace: userId })
await index.update({ id, metadata: { text } }, { namespace: userId })
await index.fetch([id], { namespace: userId })
await index.delete([id], { namespace: userId })
await index.reset({ namespace: userId })

// A condition on the metadata.
await index.query({ vector, topK: 3, filter: `user_id = '${userId}'` })
await index.query({ vector, topK: 3, filter: `topic = 'food' AND metadata.user_id = "${userId}"` })
await index.query({ vector, topK: 3, filter: "user_id = '" + userId + "'" })
await index.queryMany([{ vector, topK: 3, filter: `user_id = '${userId}'` }])
await index.delete({ filter: `user_id = '${userId}'` })
await index.upsert({ id, vector, metadata: { user_id: userId } })
await index.upsert([{ id, vector, metadata: { user_id: userId, text } }])

// Ids that come out of a list of one user are that user's.
const found = await index.query({ vector, topK: 3, filter: `user_id = '${userId}'` })
await index.delete({ ids: found.map((one) => String(one.id)) })

// Administration.
await index.info()
await index.listNamespaces()
await index.deleteNamespace('notes')

// What the code does not show.
export async function recall(filter: string, ids: string[]) {
  await index.query({ vector, topK: 3, filter }) // Unverifiable: index.query
  await index.query({ vector, topK: 3, filter: `user_id = '${userId}' OR ${filter}` }) // Unverifiable: index.query
  await index.query({ vector, topK: 3, filter: `user_id != '${userId}'` }) // Unverifiable: index.query
  await index.namespace('handbook').query({ vector, topK: 3 }) // Unverifiable: index.namespace('handbook').query
  await index.delete(ids) // Unverifiable: index.delete
}

// The id that goes in is looked at as well.
export async function handle(req: { body: { userId: string } }) {
  await index.namespace(req.body.userId).query({ vector, topK: 3 }) // untrusted: req.body.userId
  await index.query({ vector, topK: 3, filter: `user_id = '${req.body.userId}'` }) // untrusted: req.body.userId
}
