import { EventEmitter } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { vector } from '@electric-sql/pglite-pgvector'
import { Memory } from 'mem0ai/oss'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { servePostgres, type PostgresSocket } from '../support/postgres-socket.ts'
import { surviveDroppedConnections } from '../../src/engines/pg-connection.ts'
import { createMemoryFactory } from '../../src/scoped-memory.ts'
import { hashEmbedder } from '../embedded/hash-embedder.ts'

interface Store {
  client: EventEmitter
  list(filters: object, limit: number): Promise<unknown>
  close(): Promise<void>
}
interface Internals {
  vectorStore: Store
  _entityStore: Store | undefined
  getEntityStore(): Promise<Store>
}

describe("81 · mem0's connections to Postgres, when the server ends them", () => {
  const directory = mkdtempSync(join(tmpdir(), 'pg-connection-test-'))
  const endpoint = { path: join(directory, '.s.PGSQL.5432') }
  const opened: Memory[] = []
  let db: PGlite
  let socket: PostgresSocket
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
  const report = vi.spyOn(console, 'error').mockImplementation(() => undefined)

  beforeAll(async () => {
    db = await PGlite.create({ extensions: { vector } })
    socket = await servePostgres(db, endpoint)
  })
  afterAll(async () => {
    for (const memory of opened) {
      const { vectorStore, _entityStore } = internals(memory)
      await Promise.all([vectorStore.close(), _entityStore?.close()])
    }
    await socket.close()
    await db.close()
    rmSync(directory, { recursive: true, force: true })
    warn.mockRestore()
    report.mockRestore()
  })

  function open(collectionName: string, settings: object = { dimension: 8 }): Memory {
    const memory = new Memory({
      embedder: hashEmbedder(8),
      llm: { provider: 'openai', config: { apiKey: 'unused', baseURL: 'http://127.0.0.1:9' } },
      vectorStore: {
        provider: 'pgvector',
        config: {
          ...{ collectionName, embeddingModelDims: 8, ssl: false },
          ...{ host: directory, port: 5432, user: 'postgres', password: 'x', dbname: 'postgres' },
          ...settings,
        },
      },
      disableHistory: true,
    })
    opened.push(memory)
    createMemoryFactory({ client: memory })
    return memory
  }
  async function stop(...clients: EventEmitter[]): Promise<void> {
    const ended = clients.map((client) => new Promise((resolve) => client.once('end', resolve)))
    await socket.close()
    await Promise.all(ended)
  }
  const start = async () => void (socket = await servePostgres(db, endpoint))
  const alices = (memory: Memory) => memory.getAll({ filters: { user_id: 'u_alice' } })
  const entities = async (memory: Memory) =>
    (await internals(memory).getEntityStore()).list({ user_id: 'u_alice' }, 1)

  it('fails while it is away and goes on with the first call after it, on both connections, each time', async () => {
    const memory = open('restarted')
    surviveDroppedConnections(memory)
    await memory.add('tea', { userId: 'u_alice', infer: false })
    await entities(memory)
    for (let restart = 0; restart < 2; restart++) {
      await stop(internals(memory).vectorStore.client, internals(memory)._entityStore!.client)
      for (let call = 0; call < 2; call++) {
        await expect(alices(memory)).rejects.toThrow(/connect/)
        await expect(entities(memory)).rejects.toThrow(/connect/)
      }
      await start()
      expect(await alices(memory)).toMatchObject({ results: [{ memory: 'tea' }] })
      expect(await entities(memory)).toEqual([[], 0])
    }
  })

  it('says so once, with what happens next', () => {
    const warnings = warn.mock.calls.filter(([message]) => String(message).includes('Postgres'))
    expect(warnings).toHaveLength(1)
    expect(warnings[0]![0]).toMatch(/ended a connection.*the next call connects again/)
    expect(warnings[0]![1]).toMatchObject({ type: 'ScopedMemoryWarning', code: 'SCOPED_MEMORY_CONNECTION' })
  })

  it('is listened to from the first moment, on a store that mem0 makes later too', async () => {
    const memory = open('later', {})
    expect(internals(memory).vectorStore).toBeUndefined()
    await memory.add('tea', { userId: 'u_alice', infer: false })
    await stop(internals(memory).vectorStore.client)
    await start()
    expect(await alices(memory)).toMatchObject({ results: [{ memory: 'tea' }] })
  })

  it('opens the entity store where mem0 could not the first time', async () => {
    const memory = open('entities')
    await alices(memory)
    await stop(internals(memory).vectorStore.client)
    await expect(entities(memory)).rejects.toThrow(/connect/)
    await start()
    expect(await entities(memory)).toEqual([[], 0])
  })

  it('leaves no connection behind that came up and then could not be used', async () => {
    await db.exec('CREATE TYPE taken_entities AS ENUM ()')
    const memory = open('taken')
    await alices(memory)
    const failing = entities(memory)
    const close = vi.spyOn(internals(memory)._entityStore!, 'close')
    await expect(failing).rejects.toThrow(/"taken_entities" already exists/)
    expect(close).toHaveBeenCalledTimes(1)
    await db.exec('DROP TYPE taken_entities')
    expect(await entities(memory)).toEqual([[], 0])
  })
})

describe('a Memory that is not plain', () => {
  const store = () => ({ client: new EventEmitter() })

  it('is left as it is where it is sealed or frozen, and listened to all the same', () => {
    for (const seal of [Object.seal, Object.freeze, Object.preventExtensions]) {
      const memory = seal({ vectorStore: seal(store()), _entityStore: undefined })
      for (let handle = 0; handle < 2; handle++) surviveDroppedConnections(memory)
      expect(() => memory.vectorStore.client.emit('error', new Error('gone'))).not.toThrow()
    }
  })

  it('goes on choosing its store where a subclass does', () => {
    const stores = { a: store(), b: store() }
    class OfTenant {
      tenant: 'a' | 'b' = 'a'
      get vectorStore() {
        return stores[this.tenant]
      }
    }
    const memory = new OfTenant()
    surviveDroppedConnections(memory)
    memory.tenant = 'b'
    expect(memory.vectorStore).toBe(stores.b)
  })

  it('is listened to once, however many proxies of it there are', () => {
    const memory = { vectorStore: store() }
    for (let count = 0; count < 20; count++) surviveDroppedConnections(new Proxy(memory, {}))
    expect(memory.vectorStore.client.listenerCount('error')).toBe(1)
  })
})

function internals(memory: Memory): Internals {
  return memory as unknown as Internals
}
