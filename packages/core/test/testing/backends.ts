import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startMem0Platform } from '@scoped-memory/mem0-platform'
import { openEmbeddedMemory } from '../../src/embedded/index.ts'
import type { Mem0Client } from '../../src/index.ts'
import { createInMemoryClient } from '../../src/testing/index.ts'
import { hashEmbedder } from '../embedded/hash-embedder.ts'
import { NEWEST, OLDEST, type Mem0 } from '../support/mem0.ts'

/** A client over a real back end, and how to end it. */
export interface Engine {
  readonly client: Mem0Client
  readonly close: () => Promise<unknown>
}

const DIMENSIONS = 64

/** Every back end that a handle can stand on, by name. */
export const ENGINES: Readonly<Record<string, () => Promise<Engine>>> = {
  'the in-memory client': () =>
    Promise.resolve({ client: createInMemoryClient(), close: () => Promise.resolve() }),

  'the hosted API over HTTP': () => openHosted(NEWEST),
  'the hosted API over HTTP, oldest mem0ai': () => openHosted(OLDEST),
  'mem0ai/oss on SQLite': () => openSqlite(NEWEST),
  'mem0ai/oss on SQLite, oldest mem0ai': () => openSqlite(OLDEST),

  'mem0ai/oss on Postgres in the process': async () => {
    const client = await openEmbeddedMemory({ embedder: hashEmbedder(DIMENSIONS) })
    return { client, close: () => client.close() }
  },
}

async function openHosted({ MemoryClient }: Mem0): Promise<Engine> {
  const platform = await startMem0Platform({ recordRequests: false })
  return {
    client: new MemoryClient({ apiKey: 'm0-key', host: platform.url }),
    close: () => platform.close(),
  }
}

async function openSqlite({ Memory }: Mem0): Promise<Engine> {
  const directory = mkdtempSync(join(tmpdir(), 'isolation-'))
  const model = await startModel()
  const client = new Memory({
    embedder: hashEmbedder(DIMENSIONS),
    vectorStore: {
      provider: 'memory',
      config: { collectionName: 'm', dimension: DIMENSIONS, dbPath: join(directory, 'vectors.db') },
    },
    llm: { provider: 'openai', config: { apiKey: 'unused', baseURL: `${model.url}/v1` } },
    historyDbPath: join(directory, 'history.db'),
  })
  return {
    client,
    close: async () => {
      await model.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** A language model that takes every new message for a fact, in its own words. */
export async function startModel(): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((req, res) => {
    let text = ''
    req.on('data', (chunk: Buffer) => (text += chunk.toString()))
    req.on('end', () => {
      const { messages } = JSON.parse(text) as { messages: { role: string; content: string }[] }
      const prompt = messages.findLast(({ role }) => role === 'user')!.content
      const news = prompt.slice(prompt.lastIndexOf('New Messages'))
      const facts = [...news.matchAll(/^(user|assistant): (.+)$/gm)].map(([, role, fact], index) => ({
        id: String(index),
        text: fact,
        attributed_to: role,
      }))
      res.setHeader('content-type', 'application/json')
      res.end(
        JSON.stringify({
          choices: [{ message: { role: 'assistant', content: JSON.stringify({ memory: facts }) } }],
        }),
      )
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
