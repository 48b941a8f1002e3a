import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openEmbeddedMemory, type EmbeddedMemory } from '../../src/embedded/index.ts'
import { hashEmbedder } from './hash-embedder.ts'

/** Serves the part of OpenAI's API that mem0 uses, and infers one fact about a person from any message. */
let llm: Server
let memory: EmbeddedMemory

beforeAll(async () => {
  llm = createServer((request, response) => {
    request.resume().on('end', () => {
      const memories = [{ id: '0', text: 'User admires Marie Curie in Paris', attributed_to: 'user' }]
      response.setHeader('content-type', 'application/json')
      response.end(
        JSON.stringify({ choices: [{ message: { content: JSON.stringify({ memory: memories }) } }] }),
      )
    })
  })
  await new Promise<void>((resolve) => llm.listen(0, '127.0.0.1', resolve))
  const { port } = llm.address() as AddressInfo
  memory = await openEmbeddedMemory({
    embedder: hashEmbedder(16),
    llm: { provider: 'openai', config: { apiKey: 'unused', baseURL: `http://127.0.0.1:${port}/v1` } },
  })
})
afterAll(async () => {
  await memory.close()
  llm.close()
})

it('infers facts when it has an LLM, for many users at once', async () => {
  const users = Array.from({ length: 8 }, (_, index) => `u_${index}`)
  await Promise.all(users.map((userId) => memory.add(`Marie Curie! ${'x'.repeat(100_000)}`, { userId })))
  for (const user_id of users) {
    const { results } = await memory.search('Marie Curie', { filters: { user_id } })
    expect(results.map((record) => record.memory)).toEqual(['User admires Marie Curie in Paris'])
    expect(results[0]).toMatchObject({ user_id })
  }
})

it('stores word for word with `infer: false`', async () => {
  const { results } = await memory.add('I am tall', { userId: 'u_verbatim', infer: false })
  expect(results.map((record) => record.memory)).toEqual(['I am tall'])
})
