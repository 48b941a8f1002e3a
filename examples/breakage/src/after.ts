// The same assistant on ScopedMemory: each request has the handle of its user, and the calls that leaked leak no more.
import { createMemoryFactory, ScopedMemoryError, type ScopedMemory } from '@scoped-memory/core'
import { openEmbeddedMemory } from '@scoped-memory/core/embedded'

await using embedded = await openEmbeddedMemory()
const memoryFor = createMemoryFactory({ client: embedded })

async function remember(memory: ScopedMemory, text: string) {
  return memory.add(text, { agentId: 'assistant' })
}

async function recall(memory: ScopedMemory, query: string) {
  return memory.search(query, { filters: { agent_id: 'assistant' } })
}

async function recallForAnyone(memory: ScopedMemory, query: string) {
  return memory.search(query, { filters: { user_id: '*' } })
}

async function open(memory: ScopedMemory, id: string) {
  return memory.get(id)
}

// What the login of each request verified.
const [alice, bob] = ['u_alice', 'u_bob'].map((userId) => memoryFor(userId)) as [ScopedMemory, ScopedMemory]

const {
  results: [alices],
} = await remember(alice, 'I am vegetarian and allergic to peanuts')

await show('by the agent', async () => (await recall(bob, 'food preferences')).results[0]?.memory)
await show('by the wildcard', async () => (await recallForAnyone(bob, 'food preferences')).results[0]?.memory)
await show("by a memory's id", async () => (await open(bob, alices!.id)).memory)

async function show(way: string, answer: () => Promise<string | undefined>) {
  const text = await answer().catch((error: unknown) => {
    if (error instanceof ScopedMemoryError) return `${error.name}: ${error.message}`
    throw error
  })
  console.log(`Bob, ${way}:`.padEnd(24), text ?? 'nothing')
}
