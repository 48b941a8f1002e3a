import weaviate, { type Collection, Filters, type WeaviateClient } from 'weaviate-client'

declare const id: string
declare const text: string
declare const userId: string
declare const vector: number[]

const client: WeaviateClient = await weaviate.connectToLocal()
const memories = client.collections.use('Memories')
const cloud = (await weaviate.connectToWeaviateCloud('https://example.weaviate.cloud')).collections.get(
  'Memories',
)
const created = await client.collections.create({ name: 'Memories' })
const isMine = memories.filter.byProperty('user_id').equal(userId)
const isFood = memories.filter.byProperty('topic').equal('food')

// No tenant, and no condition on the user.
await memories.query.fetchObjects() // MissingUser: memories.query.fetchObjects -> .withTenant(userId)
await memories.query.fetchObjects({ filters: isFood }) // MissingUser: memories.query.fetchObjects
await memories.query.fetchObjects({ filters: Filters.or(isMine, isFood) }) // WidenedFilter: memories.query.fetchObjects
await memories.query.fetchObjects({ filters: Filters.not(isMine) }) // WidenedFilter: memories.query.fetchObjects
await memories.query.fetchObjects({ filters: memories.filter.byProperty('user_id').notEqual(userId) }) // WidenedFilter: memories.query.fetchObjects
await cloud.query.bm25(text) // MissingUser: cloud.query.bm25
await created.query.hybrid(text, { limit: 3 }) // MissingUser: created.query.hybrid
await memories.query.nearText(text, { limit: 3 }) // MissingUser: memories.query.nearText
await memories.query.nearVector(vector) // MissingUser: memories.query.nearVector
await memories.query.nearObject(id) // MissingUser: memories.query.nearObject
await memories.query.nearImage(text) // MissingUser: memories.query.nearImage
await memories.query.nearMedia(text, 'audio') // MissingUser: memories.query.nearMedia
await memories.generate.fetchObjects({ singlePrompt: text }) // MissingUser: memories.generate.fetchObjects
await memories.generate.bm25(text, { singlePrompt: text }) // MissingUser: memories.generate.bm25
await memories.generate.hybrid(text, { singlePrompt: text }) // MissingUser: memories.generate.hybrid
await memories.generate.nearText(text, { singlePrompt: text }, { limit: 3 }) // MissingUser: memories.generate.nearText
await memories.generate.nearVector(vector, { singlePrompt: text }) // MissingUser: memories.generate.nearVector
await memories.generate.nearObject(id, { singlePrompt: text }) // MissingUser: memories.generate.nearObject
await memories.generate.nearMedia(text, 'audio', { singlePrompt: text }) // MissingUser: memories.generate.nearMedia
await memories.data.insert({ properties: { text } }) // MissingUser: memories.data.insert
await memories.data.insertMany([{ properties: { text } }]) // MissingUser: memories.data.insertMany
await memories.data.deleteMany(isFood) // MissingUser: memories.data.deleteMany
for await (const object of memories.iterator()) console.log(object.uuid) // ProjectWide: memories.iterator

// By the id of an object.
await memories.query.fetchObjectById(id) // BareMemoryId: memories.query.fetchObjectById -> Write .withTenant(userId), or compare the owner
await memories.data.update({ id, properties: { text } }) // BareMemoryId: memories.data.update
await memories.data.replace({ id, properties: { text } }) // BareMemoryId: memories.data.replace
await memories.data.deleteById(id) // BareMemoryId: memories.data.deleteById

// A tenant.
const mine = memories.withTenant(userId)
await mine.query.fetchObjects()
await mine.query.fetchObjectById(id)
await mine.query.bm25(text)
await mine.query.hybrid(text)
await mine.query.nearText(text)
await mine.generate.nearText(text, { singlePrompt: text })
await mine.data.insert({ properties: { text } })
await mine.data.insertMany([{ properties: { text } }])
await mine.data.update({ id, properties: { text } })
await mine.data.deleteById(id)
await mine.data.deleteMany(isFood)
for await (const object of mine.iterator()) console.log(object.uuid)
await memories.withTenant({ name: userId }).withConsistency('ALL').query.nearText(text)

// A condition that every object has to meet.
await memories.query.fetchObjects({ filters: isMine })
await memories.query.nearText(text, { filters: Filters.and(isMine, isFood) })
await memories.query.nearMedia(text, 'audio', { filters: isMine })
await memories.generate.nearText(text, { singlePrompt: text }, { filters: isMine })
await memories.data.deleteMany(isMine)
await memories.data.insert({ properties: { user_id: userId, text } })
await memories.data.insertMany([{ properties: { user_id: userId, text } }])

// Ids that come out of a list of one user are that user's.
const { objects } = await memories.query.fetchObjects({ filters: isMine })
for (const object of objects) await memories.data.deleteById(object.uuid)

// Administration.
await client.collections.listAll()
await client.collections.delete('Memories')
await memories.tenants.create([{ name: userId }])
await memories.length()
await memories.config.get()

// What the code does not show.
export async function recall(collection: Collection, filters: typeof isFood) {
  await collection.query.nearText(text) // Unverifiable: collection.query.nearText
  await memories.query.nearText(text, { filters }) // Unverifiable: memories.query.nearText
}

// The id that goes in is looked at as well.
export async function handle(req: { body: { userId: string } }) {
  await memories.withTenant(req.body.userId).query.nearText(text) // untrusted: req.body.userId
  await memories.query.fetchObjects({ filters: memories.filter.byProperty('user_id').equal(req.body.userId) }) // untrusted: req.body.userId
}
