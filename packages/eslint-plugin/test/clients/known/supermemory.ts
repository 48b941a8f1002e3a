import Supermemory from 'supermemory'

declare const id: string
declare const text: string
declare const userId: string

const supermemory = new Supermemory()

// No container tag.
await supermemory.add({ content: text }) // MissingUser: supermemory.add -> { containerTag: userId }
await supermemory.search({ q: text }) // MissingUser: supermemory.search
await supermemory.search.documents({ q: text }) // MissingUser: supermemory.search.documents
await supermemory.search.execute({ q: text }) // MissingUser: supermemory.search.execute
await supermemory.search.memories({ q: text }) // MissingUser: supermemory.search.memories
await supermemory.search.memories({ q: text, containerTag: '' }) // UndefinedUser: supermemory.search.memories
await supermemory.search.documents({ q: text, containerTags: [] }) // MissingUser: supermemory.search.documents
await supermemory.documents.add({ content: text }) // MissingUser: supermemory.documents.add
await supermemory.documents.batchAdd({ documents: [{ content: text }] }) // MissingUser: supermemory.documents.batchAdd
await supermemory.documents.list({ limit: 3 }) // MissingUser: supermemory.documents.list
await supermemory.documents.listProcessing() // ProjectWide: supermemory.documents.listProcessing

// By the id of a document.
await supermemory.documents.get(id) // BareMemoryId: supermemory.documents.get -> whoever owns it. Compare the owner
await supermemory.documents.update(id, { content: text }) // BareMemoryId: supermemory.documents.update
await supermemory.documents.delete(id) // BareMemoryId: supermemory.documents.delete
await supermemory.documents.deleteBulk({ ids: [id] }) // BareMemoryId: supermemory.documents.deleteBulk

// A container tag of one user's own.
await supermemory.add({ content: text, containerTag: userId })
await supermemory.profile({ containerTag: `user_${userId}` })
await supermemory.search({ q: text, containerTag: userId })
await supermemory.search.documents({ q: text, containerTags: [userId, 'work'] })
await supermemory.search.execute({ q: text, containerTag: userId })
await supermemory.search.memories({ q: text, containerTag: userId })
await supermemory.documents.add({ content: text, containerTag: userId })
await supermemory.documents.batchAdd({ documents: [{ content: text, containerTag: userId }] })
await supermemory.documents.uploadFile({ file: new File([], 'notes.txt'), containerTag: userId })
await supermemory.documents.list({ containerTags: [userId] })
await supermemory.documents.deleteBulk({ containerTags: [userId] })
await supermemory.memories.forget({ containerTag: userId, id })
await supermemory.memories.updateMemory({ containerTag: userId, id, newContent: text })

// Ids that come out of a list of one user are that user's.
const { memories } = await supermemory.documents.list({ containerTags: [userId] })
for (const memory of memories) await supermemory.documents.delete(memory.id)

// A condition on the metadata.
await supermemory.search.documents({ q: text, filters: { AND: [{ key: 'user_id', value: userId }] } })
const isMine = { key: 'user_id', value: userId }
const isFood = { key: 'topic', value: 'food' }
const isOther = { ...isMine, negate: true }
await supermemory.search.documents({ q: text, filters: { OR: [isMine, isFood] } }) // WidenedFilter: supermemory.search.documents
await supermemory.search.documents({ q: text, filters: { AND: [isOther] } }) // WidenedFilter: supermemory.search.documents

// What the code does not show.
await supermemory.search.memories({ q: text, containerTag: 'handbook' }) // Unverifiable: supermemory.search.memories
export const recall = (containerTags: string[]) => supermemory.search.documents({ q: text, containerTags })

// The id that goes in is looked at as well.
export async function handle(req: { body: { userId: string } }) {
  await supermemory.profile({ containerTag: req.body.userId }) // untrusted: req.body.userId
}
export const search = (user?: string) => supermemory.search({ q: text, containerTag: user ?? 'everyone' }) // fallback: user ?? 'everyone'
