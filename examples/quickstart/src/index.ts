// 1 · Install
//     npm install @scoped-memory/core mem0ai@3
//     and, to run without a key or a server, the packages that openEmbeddedMemory() asks for when they are missing.
import { ScopedMemory, type ScopedMemoryOptions } from '@scoped-memory/core'
import { openEmbeddedMemory } from '@scoped-memory/core/embedded'

// 2 · A key, or none: with MEM0_API_KEY mem0 keeps the memories, without it this process does.
const hosted = process.env['MEM0_API_KEY'] !== undefined
console.log(
  `2 · ${hosted ? 'MEM0_API_KEY is set: hosted mem0' : 'no MEM0_API_KEY: embedded in this process'}`,
)

// 3 · A client. One serves all users; for hosted mem0, ScopedMemory makes it from the key.
const embedded = hosted ? undefined : await openEmbeddedMemory()
const options: ScopedMemoryOptions = embedded === undefined ? {} : { client: embedded }
const alice = new ScopedMemory('u_alice', options)
console.log(`3 · a handle, bound to ${alice.userId}`)

// 4 · Add, here word for word; without infer: false a language model extracts the facts.
await alice.add('I am vegetarian and allergic to peanuts', { infer: false })
console.log('4 · Alice says: I am vegetarian and allergic to peanuts')

// 5 · Search by meaning: none of these words was said.
console.log(`5 · Alice asks for "food preferences": ${await found(alice, 'food preferences')}`)

// 6 · A second user, on the same client.
const bob = new ScopedMemory('u_bob', options)
await bob.add('I always book the window seat', { infer: false })
console.log('6 · Bob says: I always book the window seat')

// 7 · Isolation: the same question finds nothing about food.
console.log(`7 · Bob asks for "food preferences": ${await found(bob, 'food preferences')}`)

// 8 · List all of them, however many, page by page.
for await (const record of alice.list()) console.log(`8 · Alice has: ${record.memory}`)

// 9 · Delete one user. The other keeps everything.
await alice.deleteAll()
console.log(`9 · Alice is deleted. She has: ${await everything(alice)}. Bob has: ${await everything(bob)}`)

// 10 · That is all. No call above takes a user id, so none can forget it.
await bob.deleteAll()
await embedded?.close()
console.log('10 · done')

async function found(memory: ScopedMemory, query: string): Promise<string> {
  const { results } = await memory.search(query)
  return results.map((record) => record.memory).join('; ') || 'nothing'
}

async function everything(memory: ScopedMemory): Promise<string> {
  const { results } = await memory.getAll()
  return results.map((record) => record.memory).join('; ') || 'nothing'
}
