import { setTimeout as sleep } from 'node:timers/promises'
import { startMem0Platform, type Mem0Platform } from '@scoped-memory/mem0-platform'
import { MemoryClient } from 'mem0ai'
import { afterEach, describe, expect, it } from 'vitest'
import { ScopedMemory } from '../../src/index.ts'

let platform: Mem0Platform | undefined
afterEach(() => platform?.close())

/** The API, which deletes a whole user this many milliseconds after its answer. */
async function deletingLater(deleteDelayMillis: number) {
  platform = await startMem0Platform({ deleteDelayMillis })
  const client = new MemoryClient({ apiKey: 'm0-key', host: platform.url })
  return { platform, memory: new ScopedMemory('u_alice', { client }) }
}

const wholeUserDeletions = ({ requests }: Mem0Platform) =>
  requests.filter(({ method, path }) => method === 'DELETE' && path === '/v1/memories/')
const singleDeletions = ({ requests }: Mem0Platform) =>
  requests.filter(({ method, path }) => method === 'DELETE' && path !== '/v1/memories/')

describe('erase', () => {
  it('asks for the deletion of a user once, so that none runs after its receipt', async () => {
    const delay = 600
    const { platform, memory } = await deletingLater(delay)
    platform.store.seed(Array.from({ length: 30 }, (_, index) => ({ text: `${index}`, userId: 'u_alice' })))
    const receipt = await memory.erase()
    expect(receipt).toMatchObject({ deleted: 30 })
    expect(receipt.retained.join()).not.toMatch(/whole user/)
    await memory.add('said after the receipt', { infer: false })
    await sleep(2 * delay)
    expect((await memory.getAll()).results.map((record) => record.memory)).toEqual(['said after the receipt'])
    expect(wholeUserDeletions(platform)).toHaveLength(1)
    // What was only not deleted yet is not deleted a second time, one by one.
    expect(singleDeletions(platform)).toEqual([])
  })

  it('deletes what comes meanwhile by its own id', async () => {
    const { platform, memory } = await deletingLater(300)
    platform.store.seed([{ text: 'old', userId: 'u_alice' }])
    const erasing = memory.erase()
    while (wholeUserDeletions(platform).length === 0) await sleep(5)
    await sleep(350)
    const [late] = platform.store.seed([{ text: 'came meanwhile', userId: 'u_alice' }])
    await erasing
    if (platform.store.get(late!) !== undefined) await memory.erase()
    expect(platform.store.get(late!)).toBeUndefined()
  })

  it('deletes one by one what a deletion of the user leaves behind', async () => {
    // An API that answers, and never does it.
    const { platform, memory } = await deletingLater(3_600_000)
    const ids = platform.store.seed([1, 2, 3].map((index) => ({ text: `${index}`, userId: 'u_alice' })))
    platform.store.seed([{ text: 'of bob', userId: 'u_bob' }])
    const receipt = await memory.erase({ timeoutMs: 2000 })
    expect(receipt).toMatchObject({ deleted: 3 })
    expect(receipt.retained.join()).toMatch(/deletion of the whole user .* may be deleted with it/)
    expect(wholeUserDeletions(platform)).toHaveLength(1)
    expect(
      singleDeletions(platform)
        .map(({ path }) => path.split('/')[3])
        .sort(),
    ).toEqual(ids.sort())
    expect(platform.store.size).toBe(1)
  })
})
