import { afterAll, beforeAll, expect, it } from 'vitest'
import { ScopedMemory, type Mem0Client } from '../../src/index.ts'
import { openHosted } from '../support/backends.ts'

const everyObject = Object.prototype as Record<string, unknown>

/** The client, with a prototype that is polluted from its answer to the end of the call. */
function polluting(client: object, name: string, value: string) {
  const methods = client as Record<string, (...args: unknown[]) => Promise<unknown>>
  const answering = new Proxy(methods, {
    get: (target, method: string) => {
      const found: unknown = target[method]
      if (typeof found !== 'function') return found
      return async (...args: unknown[]) => {
        const answer = await target[method]!(...args)
        everyObject[name] = value
        return answer
      }
    },
  })
  return async <T>(call: (memory: ScopedMemory) => Promise<T>): Promise<T> => {
    try {
      return await call(new ScopedMemory('u_alice', { client: answering as unknown as Mem0Client }))
    } finally {
      delete everyObject[name]
    }
  }
}

let hosted: Awaited<ReturnType<typeof openHosted>>
beforeAll(async () => void (hosted = await openHosted()))
afterAll(() => hosted.close())

it.each(['user_id', 'userId', 'agent_id', 'runId', 'session_id', 'memory_id', 'memoryId', 'id', 'metadata'])(
  'a row does not say what every object inherits: %s',
  async (name) => {
    hosted.platform.reset()
    const [id] = hosted.platform.store.seed([{ text: 'I am vegetarian', userId: 'u_alice' }])
    const polluted = polluting(hosted.client, name, 'u_bob')
    for (const { results } of [
      await polluted((memory) => memory.getAll()),
      await polluted((memory) => memory.search('vegetarian')),
    ]) {
      expect(results).toMatchObject([{ id, userId: 'u_alice' }])
    }
    expect(await polluted((memory) => memory.get(id!))).toMatchObject({ id, userId: 'u_alice' })
    expect(await polluted((memory) => memory.history(id!))).toHaveLength(1)
  },
)

it('an inherited owner proves nothing', async () => {
  hosted.platform.reset()
  const [id] = hosted.platform.store.seed([{ text: 'of nobody' }])
  const polluted = polluting(hosted.client, 'user_id', 'u_alice')
  for (const call of [
    (memory: ScopedMemory) => memory.get(id!),
    (memory: ScopedMemory) => memory.delete(id!),
  ]) {
    await expect(polluted<unknown>(call)).rejects.toMatchObject({ code: 'MEMORY_NOT_FOUND' })
  }
  expect(hosted.platform.store.get(id!)).toBeDefined()
})
