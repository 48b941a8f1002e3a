import { ChromaClient, CloudClient, type Collection } from 'chromadb'

declare const id: string
declare const text: string
declare const userId: string

const chroma = new ChromaClient()
const memories = await chroma.getOrCreateCollection({ name: 'memories' })
const cloud = await new CloudClient().getCollection({ name: 'memories' })
const created = await chroma.createCollection({ name: 'memories' })

// No condition on the user.
await memories.query({ queryTexts: [text] }) // MissingUser: memories.query -> { where: { user_id: userId } }
await cloud.query({ queryTexts: [text] }) // MissingUser: cloud.query
await created.query({ queryTexts: [text], where: { topic: 'food' } }) // MissingUser: created.query
await memories.query({ queryTexts: [text], where: { $or: [{ user_id: userId }, { topic: 'food' }] } }) // WidenedFilter: memories.query
await memories.query({ queryTexts: [text], where: { user_id: { $ne: userId } } }) // WidenedFilter: memories.query
await memories.query({ queryTexts: [text], where: { user_id: { $in: [userId, id] } } }) // SeveralUsers: memories.query
await memories.get() // MissingUser: memories.get
await memories.get({ limit: 3 }) // MissingUser: memories.get
await memories.delete({ where: { topic: 'food' } }) // MissingUser: memories.delete
await memories.add({ ids: [id], documents: [text] }) // MissingUser: memories.add -> { metadatas: [{ user_id: userId }] }
await memories.add({ ids: [id], documents: [text], metadatas: [{ topic: 'food' }] }) // MissingUser: memories.add
await memories.upsert({ ids: [id], documents: [text] }) // MissingUser: memories.upsert
await memories.peek({ limit: 3 }) // ProjectWide: memories.peek

// By the ids of records.
await memories.get({ ids: [id] }) // BareMemoryId: memories.get -> Write { where: { user_id: userId } }, or compare the owner
await memories.delete({ ids: [id] }) // BareMemoryId: memories.delete
await memories.update({ ids: [id], documents: [text] }) // BareMemoryId: memories.update -> whoever owns it. Compare the owner

// A condition that every record has to meet.
await memories.query({ queryTexts: [text], where: { user_id: userId } })
await memories.query({ queryTexts: [text], where: { user_id: { $eq: userId } } })
await memories.query({ queryTexts: [text], where: { $and: [{ userId }, { topic: 'food' }] } })
await memories.get({ where: { user_id: userId } })
await memories.get({ ids: [id], where: { user_id: userId } })
await memories.delete({ ids: [id], where: { user_id: userId } })
await memories.add({ ids: [id], documents: [text], metadatas: [{ user_id: userId, topic: 'food' }] })
await memories.upsert({ ids: [id], documents: [text], metadatas: [{ user_id: userId }] })

// Ids that come out of a list of one user are that user's.
const own = await memories.get({ where: { user_id: userId } })
await memories.update({ ids: own.ids, documents: own.ids })
await memories.delete({ ids: own.ids })

// A collection of one user's own.
const mine = await chroma.getOrCreateCollection({ name: `memories-${userId}` })
await mine.query({ queryTexts: [text] })
await mine.get({ ids: [id] })
await mine.peek({ limit: 3 })

// Administration.
await chroma.listCollections()
await chroma.deleteCollection({ name: 'memories' })
await memories.count()
await memories.modify({ name: 'notes' })

// Held in a field.
export class Notes {
  #collection: Collection | undefined

  async open() {
    this.#collection = await chroma.getCollection({ name: 'notes' })
  }

  recall() {
    return this.#collection?.query({ queryTexts: [text] }) // MissingUser: this.#collection?.query
  }
}

// What the code does not show.
export async function store(collection: Collection, name: string, metadatas: { topic: string }[]) {
  await collection.query({ queryTexts: [text] }) // Unverifiable: collection.query
  await memories.add({ ids: [id], documents: [text], metadatas }) // Unverifiable: memories.add
  const named = await chroma.getCollection({ name })
  await named.query({ queryTexts: [text] }) // Unverifiable: named.query
}

// The id that goes in is looked at as well.
export async function handle(req: { body: { userId: string } }) {
  await memories.query({ queryTexts: [text], where: { user_id: req.body.userId } }) // untrusted: req.body.userId
  await memories.query({ queryTexts: [text], where: { user_id: 'everyone' } }) // literal: 'everyone'
}
