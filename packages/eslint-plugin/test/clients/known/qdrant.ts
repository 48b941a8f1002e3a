import { QdrantClient } from '@qdrant/js-client-rest'

declare const id: string
declare const text: string
declare const userId: string
declare const vector: number[]

const qdrant = new QdrantClient({ url: 'http://localhost:6333' })
const isMine = { key: 'user_id', match: { value: userId } }
const isFood = { key: 'topic', match: { value: 'food' } }
const mine = { must: [isMine] }
const food = { must: [isFood] }

// No condition on the user.
await qdrant.query('memories', { query: vector }) // MissingUser: qdrant.query -> { filter: { must: [{ key: 'user_id', match: { value: userId } }] } }
await qdrant.query('memories', { query: vector, filter: food }) // MissingUser: qdrant.query
await qdrant.query('memories', { prefetch: { query: vector } }) // MissingUser: qdrant.query
await qdrant.queryBatch('memories', { searches: [{ query: vector }] }) // MissingUser: qdrant.queryBatch
await qdrant.queryGroups('memories', { query: vector, group_by: 'topic' }) // MissingUser: qdrant.queryGroups
await qdrant.search('memories', { vector }) // MissingUser: qdrant.search
await qdrant.searchBatch('memories', { searches: [{ vector, limit: 3 }] }) // MissingUser: qdrant.searchBatch
await qdrant.searchPointGroups('memories', { vector, group_by: 'topic', limit: 3, group_size: 3 }) // MissingUser: qdrant.searchPointGroups
await qdrant.searchMatrixPairs('memories', { sample: 3 }) // MissingUser: qdrant.searchMatrixPairs
await qdrant.searchMatrixOffsets('memories', { sample: 3 }) // MissingUser: qdrant.searchMatrixOffsets
await qdrant.recommend('memories', { positive: [id] }) // MissingUser: qdrant.recommend
await qdrant.recommendBatch('memories', { searches: [{ positive: [id], limit: 3 }] }) // MissingUser: qdrant.recommendBatch
await qdrant.recommendPointGroups('memories', { positive: [id], group_by: 'topic', limit: 3, group_size: 3 }) // MissingUser: qdrant.recommendPointGroups
await qdrant.discoverPoints('memories', { target: vector, context: [], limit: 3 }) // MissingUser: qdrant.discoverPoints
await qdrant.discoverBatchPoints('memories', { searches: [{ target: vector, context: [], limit: 3 }] }) // MissingUser: qdrant.discoverBatchPoints
await qdrant.scroll('memories') // MissingUser: qdrant.scroll
await qdrant.upsert('memories', { points: [{ id, vector, payload: { text } }] }) // MissingUser: qdrant.upsert -> { points: [{ payload: { user_id: userId } }] }
await qdrant.upsert('memories', { batch: { ids: [id], vectors: [vector], payloads: [{ text }] } }) // MissingUser: qdrant.upsert
await qdrant.delete('memories', { filter: food }) // MissingUser: qdrant.delete

// One that does not hold for a single user.
const isOther = { key: 'user_id', match: { except: [userId] } }
const isEither = { key: 'user_id', match: { any: [userId, id] } }
const isNobody = { key: 'user_id', match: { value: '' } }
await qdrant.search('memories', { vector, filter: { should: [isMine, isFood] } }) // WidenedFilter: qdrant.search -> Require the user
await qdrant.search('memories', { vector, filter: { must_not: [isMine] } }) // WidenedFilter: qdrant.search
await qdrant.search('memories', { vector, filter: { must: [isEither] } }) // SeveralUsers: qdrant.search
await qdrant.search('memories', { vector, filter: { must: [isOther] } }) // WidenedFilter: qdrant.search
await qdrant.search('memories', { vector, filter: { must: [isNobody] } }) // UndefinedUser: qdrant.search

// By the ids of points.
await qdrant.retrieve('memories', { ids: [id] }) // BareMemoryId: qdrant.retrieve -> whoever owns it. Compare the owner
await qdrant.delete('memories', { points: [id] }) // BareMemoryId: qdrant.delete -> Write { filter:
await qdrant.setPayload('memories', { payload: { text }, points: [id] }) // BareMemoryId: qdrant.setPayload
await qdrant.overwritePayload('memories', { payload: { text }, points: [id] }) // BareMemoryId: qdrant.overwritePayload
await qdrant.deletePayload('memories', { keys: ['text'], points: [id] }) // BareMemoryId: qdrant.deletePayload
await qdrant.clearPayload('memories', { points: [id] }) // BareMemoryId: qdrant.clearPayload
await qdrant.updateVectors('memories', { points: [{ id, vector }] }) // BareMemoryId: qdrant.updateVectors
await qdrant.deleteVectors('memories', { vector: ['text'], points: [id] }) // BareMemoryId: qdrant.deleteVectors

// A condition that every point has to meet.
await qdrant.query('memories', { query: vector, filter: mine })
await qdrant.query('memories', { prefetch: [{ query: vector, filter: mine }], query: { fusion: 'rrf' } })
await qdrant.query('memories', { prefetch: { query: vector, filter: mine }, query: { fusion: 'rrf' } })
await qdrant.queryBatch('memories', { searches: [{ query: vector, filter: mine }] })
await qdrant.queryGroups('memories', { query: vector, group_by: 'topic', filter: mine })
await qdrant.search('memories', { vector, filter: mine })
await qdrant.search('memories', { vector, filter: { must: [isMine, isFood] } })
await qdrant.search('memories', { vector, filter: { must: [isMine], should: [isFood] } })
await qdrant.search('memories', {
  vector,
  filter: { must: { key: 'metadata.userId', match: { value: userId } } },
})
await qdrant.search('memories', { vector, filter: { must: [{ key: 'user_id', match: { any: [userId] } }] } })
await qdrant.search('memories', {
  vector,
  filter: { should: [{ key: 'group_id', match: { value: userId } }] },
})
await qdrant.searchBatch('memories', { searches: [{ vector, limit: 3, filter: mine }] })
await qdrant.searchPointGroups('memories', {
  vector,
  group_by: 'topic',
  limit: 3,
  group_size: 3,
  filter: mine,
})
await qdrant.searchMatrixPairs('memories', { sample: 3, filter: mine })
await qdrant.searchMatrixOffsets('memories', { sample: 3, filter: mine })
await qdrant.recommend('memories', { positive: [id], filter: mine })
await qdrant.recommendBatch('memories', { searches: [{ positive: [id], limit: 3, filter: mine }] })
await qdrant.discoverPoints('memories', { target: vector, context: [], limit: 3, filter: mine })
await qdrant.scroll('memories', { filter: mine })
await qdrant.upsert('memories', { points: [{ id, vector, payload: { user_id: userId, text } }] })
await qdrant.upsert('memories', { batch: { ids: [id], vectors: [vector], payloads: [{ user_id: userId }] } })
await qdrant.delete('memories', { filter: mine })
await qdrant.delete('memories', { filter: { must: [isMine, { has_id: [id] }] } })
await qdrant.setPayload('memories', { payload: { text }, filter: mine })
const built: { must: object[] } = { must: [] }
built.must.push({ key: 'user_id', match: { value: userId } })
await qdrant.search('memories', { vector, filter: built })

// A collection of one user's own.
await qdrant.search(`memories-${userId}`, { vector })

// Ids that come out of a list of one user are that user's.
const hits = await qdrant.search('memories', { vector, filter: mine })
await qdrant.delete('memories', { points: hits.map((hit) => hit.id) })

// Administration.
await qdrant.getCollections()
await qdrant.createCollection('memories', { vectors: { size: 3, distance: 'Cosine' } })
await qdrant.createPayloadIndex('memories', { field_name: 'user_id', field_schema: 'keyword' })
await qdrant.count('memories')
await qdrant.deleteCollection('memories')

// What the code does not show.
type Points = { id: string; vector: number[] }[]
export async function store(client: QdrantClient, collection: string, points: Points, filter: object) {
  await client.upsert('memories', { points }) // Unverifiable: client.upsert
  await client.search('memories', { vector, filter }) // Unverifiable: client.search
  await client.search(collection, { vector }) // Unverifiable: client.search
}

// The id that goes in is looked at as well.
export async function handle(req: { body: { userId: string } }) {
  const isSender = { key: 'user_id', match: { value: req.body.userId } } // untrusted: req.body.userId
  const isEveryone = { key: 'user_id', match: { value: 'everyone' } } // literal: 'everyone'
  await qdrant.search('memories', { vector, filter: { must: [isSender] } })
  await qdrant.search('memories', { vector, filter: { must: [isEveryone] } })
}
