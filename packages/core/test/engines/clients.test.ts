import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import Module from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startMem0Platform, type Mem0Platform } from '@scoped-memory/mem0-platform'
import { MemoryClient as V1 } from 'mem0ai-v1'
import { MemoryClient as V2 } from 'mem0ai-v2'
import type { Memory as V2Memory } from 'mem0ai-v2/oss'
import { MemoryClient as V3 } from 'mem0ai-v3.0'
import type { Memory as V3Memory } from 'mem0ai-v3.0/oss'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { createMemoryFactory, ScopedMemory, UnsafeBackendError } from '../../src/index.ts'
import { hashEmbedder } from '../embedded/hash-embedder.ts'
import { sqliteMemory } from '../support/backends.ts'
import { NEWEST, OLDEST } from '../support/mem0.ts'

const directory = mkdtempSync(join(tmpdir(), 'clients-'))
const said = [{ role: 'user', content: 'of alice' }]
let platform: Mem0Platform
beforeAll(async () => {
  platform = await startMem0Platform()
  // mem0's clients say by console what they cannot reach.
  for (const method of ['error', 'warn'] as const) vi.spyOn(console, method).mockImplementation(() => {})
})
afterAll(async () => {
  vi.restoreAllMocks()
  rmSync(directory, { recursive: true, force: true })
  await platform.close()
})
afterEach(() => platform.reset())

const hosted = () => ({ apiKey: 'm0-key', host: platform.url })

/** The real package with an empty stand-in for each SDK of a vendor that it loads and this repository does not have. */
function loadOss<Oss>(name: string): Oss {
  const loader = Module as unknown as { _load: (request: string, ...rest: unknown[]) => unknown }
  const load = loader._load
  loader._load = (request, ...rest) => {
    try {
      return load(request, ...rest)
    } catch (error) {
      if ((error as { code?: string }).code !== 'MODULE_NOT_FOUND') throw error
      return {}
    }
  }
  try {
    return createRequire(import.meta.url)(`${name}/oss`) as Oss
  } finally {
    loader._load = load
  }
}

const ossConfig = (name: string) => ({
  embedder: hashEmbedder(64),
  vectorStore: {
    provider: 'memory',
    config: { collectionName: 'm', dimension: 64, dbPath: join(directory, `${name}.db`) },
  },
  llm: { provider: 'openai', config: { apiKey: 'unused', baseURL: 'http://127.0.0.1:9' } },
  disableHistory: true,
})

describe('a mem0ai before 3.1.6', () => {
  const OLD: Record<string, () => object> = {
    'hosted 1.0.39': () => new V1(hosted()),
    'hosted 2.4.6': () => new V2(hosted()),
    'hosted 3.0.1': () => new V3(hosted()),
    'self-hosted 2.4.6': () => {
      const { Memory } = loadOss<{ Memory: typeof V2Memory }>('mem0ai-v2')
      return new Memory(ossConfig('v2'))
    },
    'self-hosted 3.0.1': () => {
      const { Memory } = loadOss<{ Memory: typeof V3Memory }>('mem0ai-v3.0')
      return new Memory(ossConfig('v3'))
    },
  }

  it.each(Object.entries(OLD))('is refused when the handle is made: %s', (_, open) => {
    const client = open()
    for (const made of [client, new Proxy(client, {}), Object.create(client) as object]) {
      const make = () => new ScopedMemory('u_alice', { client: made as never })
      expect(make).toThrow(UnsafeBackendError)
      expect(make).toThrow(/npm install mem0ai@3/)
      expect(() => createMemoryFactory({ client: made as never })).toThrow(UnsafeBackendError)
    }
    expect(platform.requests).toEqual([])
  })

  it('would name nobody where it deletes a user, which is why', async () => {
    platform.store.seed([{ text: 'of bob', userId: 'u_bob' }])
    await new V2(hosted()).deleteAll({ userId: 'u_alice' } as never).catch(() => {})
    const [{ method, path, query } = {}] = platform.requests
    expect([method, path]).toEqual(['DELETE', '/v1/memories/'])
    // The API knows a user_id only.
    expect(query).toMatchObject({ userId: 'u_alice' })
    expect(query).not.toHaveProperty('user_id')
  })

  it('is not taken by the compiler either', () => {
    // @ts-expect-error -- its client has organizationName
    expect(() => new ScopedMemory('u_alice', { client: new V2(hosted()) })).toThrow(UnsafeBackendError)
    // @ts-expect-error -- its client has organizationName
    expect(() => new ScopedMemory('u_alice', { client: new V1(hosted()) })).toThrow(UnsafeBackendError)
    const oss = {} as V2Memory
    // @ts-expect-error -- its memory has enableGraph
    expect(() => new ScopedMemory('u_alice', { client: oss })).toThrow()
  })
})

describe.each([
  ['the newest mem0ai', NEWEST],
  ['the oldest that is supported', OLDEST],
])('%s', (_, { MemoryClient, Memory }) => {
  class Tuned extends MemoryClient {
    enableGraph = true
    readonly label = 'tuned'
  }
  const pick = <Client extends object>(client: Client, methods: readonly string[]) =>
    Object.fromEntries(
      methods.map((name) => [
        name,
        (...args: unknown[]) =>
          (client as unknown as Record<string, (...args: unknown[]) => unknown>)[name]!.apply(client, args),
      ]),
    )
  const OSS = ['add', 'search', 'getAll', 'get', 'update', 'delete', 'deleteAll', 'history']
  const HOSTED = [...OSS, 'batchUpdate', 'batchDelete', 'feedback']
  const apart = async (client: object) => {
    const memoryFor = createMemoryFactory({ client: client as never })
    await memoryFor('u_alice').add(said, { infer: false })
    await memoryFor('u_bob').add('of bob', { infer: false })
    expect((await memoryFor('u_alice').getAll()).results.map(({ memory }) => memory)).toEqual(['of alice'])
    await memoryFor('u_alice').deleteAll()
    expect((await memoryFor('u_bob').getAll()).results).toHaveLength(1)
  }

  it.each<[string, () => object]>([
    ['itself', () => new MemoryClient(hosted())],
    ['a subclass', () => new Tuned(hosted())],
    [
      "a wrapper with a method of mem0's name",
      () => ({ ...pick(new MemoryClient(hosted()), HOSTED), _fetchWithErrorHandling() {} }),
    ],
    ['a Proxy', () => new Proxy(new MemoryClient(hosted()), {})],
    ['an object that inherits from it', () => Object.create(new MemoryClient(hosted())) as object],
    ['a wrapper of its methods', () => pick(new MemoryClient(hosted()), HOSTED)],
    [
      'a wrapper with settings of its own',
      () => ({ ...pick(new MemoryClient(hosted()), HOSTED), enableGraph: true }),
    ],
  ])('is taken: hosted, %s', async (_name, open) => apart(open()))

  it.each<[string, () => object]>([
    ['itself', () => sqliteMemory(directory, 'memories', { MemoryClient, Memory })],
    ['a Proxy', () => new Proxy(sqliteMemory(directory, 'memories', { MemoryClient, Memory }), {})],
    [
      'with settings of its own',
      () =>
        Object.assign(sqliteMemory(directory, 'memories', { MemoryClient, Memory }), { enableGraph: true }),
    ],
    [
      'a wrapper of its methods',
      () => {
        const memory = sqliteMemory(directory, 'memories', { MemoryClient, Memory })
        return { ...pick(memory, OSS), config: { vectorStore: { provider: 'memory' } }, enableGraph: false }
      },
    ],
  ])('is taken: self-hosted, %s', async (_name, open) => {
    const memoryFor = createMemoryFactory({ client: open() as never })
    await memoryFor('u_dora').erase()
    await memoryFor('u_dora').add('of dora', { infer: false })
    expect((await memoryFor('u_dora').getAll()).results.map(({ memory }) => memory)).toEqual(['of dora'])
  })
})
