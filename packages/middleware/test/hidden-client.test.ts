import { inspect } from 'node:util'
import { MemoryClient } from 'mem0ai'
import { describe, expect, it } from 'vitest'
import { get, json } from './support/clients.ts'
import { frameworks } from './servers/index.ts'
import { platform } from './support/mem0.ts'
import { start, type Exchange } from './support/server.ts'

const KEY = 'm0-a-key-that-must-not-be-seen'
const client = new MemoryClient({ apiKey: KEY, host: platform.url })

// In a file of its own: looking everywhere runs getters of prototypes that requests share, which may leave them unusable.
describe.each(frameworks.map((framework) => [framework.name, framework] as const))(
  '76 · from a request of %s',
  (_name, framework) => {
    it('nothing leads to the client or its key', async () => {
      const found: string[] = []
      const look = async ({ request, getMemory }: Exchange): Promise<string> => {
        await getMemory().getAll()
        found.push(...pathsToClient(request))
        if (inspect(request, { showHidden: true, depth: Infinity }).includes(KEY)) found.push('inspect')
        if (textOf(request).includes(KEY)) found.push('JSON')
        return 'looked'
      }
      const { url } = await start(framework, {
        mounts: [{ client, userId: framework.userOf }],
        routes: { '/': look },
        memoryRoutes: { path: '/memories' },
      })
      expect(await json(url, '/', 'u_alice')).toBe('looked')
      expect(found).toEqual([])
      // From a request of Fastify a great deal can be reached.
    }, 120_000)

    it('nor from an error of ours', async () => {
      const { url, errors } = await start(framework, {
        mounts: [
          { client, userId: framework.userOf, optional: true },
          { client, userId: framework.userOf, optional: true, strictOwnership: true },
        ],
        routes: { '/': async () => 'not reached' },
      })
      await get(url, '/', 'u_alice')
      const routes = await start(framework, {
        mounts: [{ client, userId: framework.userOf }],
        routes: {},
        memoryRoutes: { path: '/memories' },
      })
      await get(routes.url, '/memories', undefined)
      platform.misbehave({ match: { method: 'POST' }, with: { status: 500 }, times: 10 })
      await get(routes.url, '/memories', 'u_alice')
      platform.reset()
      const all = [...errors, ...routes.errors]
      expect(all.length).toBeGreaterThanOrEqual(2)
      expect(all.flatMap((error) => pathsToClient(error as object))).toEqual([])
      expect(inspect(all, { showHidden: true, depth: Infinity })).not.toContain(KEY)
    })
  },
)

it('the walk finds what is hidden', () => {
  class Holder {}
  const deep = Object.defineProperty({}, Symbol('hidden'), { value: new Map([['a', { client }]]) })
  expect(pathsToClient(Object.assign(new Holder(), { deep }))).not.toEqual([])
  expect(pathsToClient({ text: `Token ${KEY}` })).not.toEqual([])
})

/** Where the client, or a text with its key, is found: over own properties, symbols, prototypes, maps and sets. */
function pathsToClient(from: object): string[] {
  const seen = new Set<unknown>()
  const queue: [unknown, string][] = [[from, 'request']]
  const found: string[] = []
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const [value, path] = next
    if (value === client || (typeof value === 'string' && value.includes(KEY))) found.push(path)
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value))
      continue
    // The mem0 client is not its module: what every program can import is not reached through a request.
    if (value === MemoryClient || value === globalThis || value === process) continue
    seen.add(value)
    if (ArrayBuffer.isView(value)) continue
    if (value instanceof Map) for (const pair of value) queue.push([pair, `${path}<map>`])
    if (value instanceof Set) for (const item of value) queue.push([item, `${path}<set>`])
    queue.push([Object.getPrototypeOf(value), `${path}<prototype>`])
    for (const key of Reflect.ownKeys(value)) {
      const property = Object.getOwnPropertyDescriptor(value, key)
      if (property === undefined) continue
      queue.push([property.get === undefined ? property.value : read(value, key), `${path}.${String(key)}`])
    }
  }
  return found
}

function read(value: object, key: PropertyKey): unknown {
  try {
    return Reflect.get(value, key)
  } catch {
    return undefined
  }
}

function textOf(request: object): string {
  const seen = new Set<unknown>()
  return JSON.stringify(request, (_key, value: unknown) => {
    if (typeof value === 'bigint') return String(value)
    if (typeof value === 'object' && value !== null && (seen.has(value) || !seen.add(value))) return undefined
    return value
  })
}
