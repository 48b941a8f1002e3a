// An assistant on mem0 whose calls name no user. It compiles, it runs, and it tells Bob what Alice said.
import type { Memory } from 'mem0ai/oss'
import { openMem0 } from './mem0.ts'

const memory: Memory = await openMem0()

// mem0 wants some id on an add, and "assistant" is one: it puts everything under one agent.
async function remember(text: string) {
  return memory.add(text, { agentId: 'assistant', infer: false })
}

async function recall(query: string) {
  return memory.search(query, { filters: { agent_id: 'assistant' } })
}

// After the review, which said "every call needs a user_id". One call has it; the other fools whoever only looks for the key.
async function rememberFor(userId: string, text: string) {
  return memory.add(text, { userId, infer: false })
}

async function recallForAnyone(query: string) {
  return memory.search(query, { filters: { user_id: '*' } })
}

// The id comes from a link. mem0 does not check whose memory it is.
async function open(id: string) {
  return memory.get(id)
}

// Alice tells the assistant something. All that follows is Bob's request.
const {
  results: [alices],
} = await remember('I am vegetarian and allergic to peanuts')
await rememberFor('u_alice', 'I am vegetarian and allergic to peanuts')

show('by the agent', (await recall('food preferences')).results[0]?.memory)
show('by the wildcard', (await recallForAnyone('food preferences')).results[0]?.memory)
show("by a memory's id", (await open(alices!.id))?.memory)

function show(way: string, text = 'nothing') {
  console.log(`Bob, ${way}:`.padEnd(24), text)
}
