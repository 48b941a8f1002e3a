import { type Index, Pinecone, type PineconeRecord } from '@pinecone-database/pinecone'

declare const id: string
declare const text: string
declare const userId: string
declare const vector: number[]

const pinecone = new Pinecone()
const index = pinecone.index('memories')
const named = pinecone.Index({ name: 'memories' })

// Nothing names a user.
await index.query({ vector, topK: 3 }) // MissingUser: index.query -> .namespace(userId)
await named.query({ vector, topK: 3 }) // MissingUser: named.query
await pinecone.index('memories').query({ vector, topK: 3 }) // MissingUser: pinecone.index('memories').query
await index.query({ vector, topK: 3, filter: { topic: 'food' } }) // MissingUser: index.query
await index.query({ vector, topK: 3, filter: { $or: [{ user_id: userId }, { topic: 'food' }] } }) // WidenedFilter: index.query
await index.query({ vector, topK: 3, filter: { user_id: { $in: [userId, id] } } }) // SeveralUsers: index.query
await index.namespace('').query({ vector, topK: 3 }) // UndefinedUser: index.namespace('').query
await index.searchRecords({ query: { topK: 3, inputs: { text } } }) // MissingUser: index.searchRecords
await index.fetchByMetadata({ filter: { topic: 'food' } }) // MissingUser: index.fetchByMetadata
await index.listPaginated() // MissingUser: index.listPaginated
await index.listPaginated({ prefix: 'note' }) // MissingUser: index.listPaginated
await index.upsert({ records: [{ id, values: vector, metadata: { text } }] }) // MissingUser: index.upsert
await index.upsertRecords({ records: [{ id, text }] }) // MissingUser: index.upsertRecords
await index.fetch({ ids: [id] }) // BareMemoryId: index.fetch -> Write .namespace(userId), or compare the owner
await index.update({ id, metadata: { text } }) // BareMemoryId: index.update
await index.deleteOne({ id }) // BareMemoryId: index.deleteOne
await index.deleteMany({ ids: [id] }) // BareMemoryId: index.deleteMany
await index.deleteMany({ filter: { topic: 'food' } }) // MissingUser: index.deleteMany
await index.deleteAll() // ProjectWide: index.deleteAll

// A namespace does.
const own = index.namespace(userId)
await own.query({ vector, topK: 3 })
await own.searchRecords({ query: { topK: 3, inputs: { text } } })
await own.fetchByMetadata({ filter: { topic: 'food' } })
await own.listPaginated()
await own.upsert({ records: [{ id, values: vector }] })
await own.upsertRecords({ records: [{ id, text }] })
await own.fetch({ ids: [id] })
await own.update({ id, metadata: { text } })
await own.deleteOne({ id })
await own.deleteMany({ ids: [id] })
await own.deleteAll()
await index.query({ vector, topK: 3, namespace: userId })
await index.deleteAll({ namespace: userId })
await pinecone.index({ name: 'memories', namespace: userId }).query({ vector, topK: 3 })
await pinecone.index(`memories-${userId}`).query({ vector, topK: 3 })

// So does the metadata.
await index.query({ vector, topK: 3, filter: { user_id: userId } })
await index.query({ vector, topK: 3, filter: { $and: [{ user_id: { $eq: userId } }, { topic: 'food' }] } })
await index.upsert({ records: [{ id, values: vector, metadata: { user_id: userId, text } }] })
await index.upsertRecords({ records: [{ id, text, user_id: userId }] })
await index.deleteMany({ filter: { user_id: userId } })

// Ids that come out of a list of one user are that user's.
const { matches } = await index.query({ vector, topK: 3, filter: { user_id: userId } })
await index.deleteMany({ ids: matches.map((match) => match.id) })

// Administration.
await pinecone.listIndexes()
await pinecone.createIndex({ name: 'memories', spec: { serverless: { cloud: 'aws', region: 'us-east-1' } } })
await pinecone.describeIndex('memories')
await pinecone.deleteIndex('memories')
await index.describeIndexStats()
await index.listNamespaces()

// Held in a field, returned, injected.
class Notes {
  readonly #index: Index
  readonly injected: Index

  constructor(injected: Index) {
    this.#index = new Pinecone().index('notes')
    this.injected = injected
  }

  recall() {
    return this.#index.query({ vector, topK: 3 }) // MissingUser: this.#index.query
  }

  recallOf(user: string) {
    return this.#index.namespace(user).query({ vector, topK: 3 })
  }

  recallElsewhere() {
    return this.injected.query({ vector, topK: 3 }) // Unverifiable: this.injected.query
  }
}
await new Notes(index).recall()
const notesOf = (user: string) => pinecone.index('notes').namespace(user)
await notesOf(userId).deleteAll()
const notes = () => pinecone.index('notes')
await notes().deleteAll() // ProjectWide: notes().deleteAll

// What the code does not show.
export async function store(records: PineconeRecord[], namespace: string | undefined) {
  await index.upsert({ records }) // Unverifiable: index.upsert
  await index.namespace('handbook').query({ vector, topK: 3 }) // Unverifiable: index.namespace('handbook').query
  await (namespace ? index.namespace(namespace) : index).query({ vector, topK: 3 }) // Unverifiable: (namespace ? index.namespace(namespace) : index).query
  return [id].map(own.namespace)
}

// The id that goes in is looked at as well.
export async function handle(req: { body: { userId: string } }) {
  await index.namespace(req.body.userId).query({ vector, topK: 3 }) // untrusted: req.body.userId
  await index.query({ vector, topK: 3, filter: { user_id: req.body.userId } }) // untrusted: req.body.userId
}
export const search = (user?: string) => index.namespace(user ?? 'everyone').query({ vector, topK: 3 }) // fallback: user ?? 'everyone'
