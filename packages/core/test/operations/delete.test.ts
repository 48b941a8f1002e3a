import { setTimeout as sleep } from 'node:timers/promises'
import { startMem0Platform, type Mem0Platform } from '@scoped-memory/mem0-platform'
import { MemoryClient } from 'mem0ai'
import { afterEach, describe, expect, it } from 'vitest'
import { createMemoryFactory, ScopedMemory } from '../../src/index.ts'
import { InterruptedClient } from '../support/interrupted-client.ts'

let platform: Mem0Platform | undefined
afterEach(() => platform?.close())

/** The API, which deletes a whole user this many milliseconds after its answer. */
async function deletingLater(deleteDelayMillis: number) {
  platform = await startMem0Platform({ deleteDelayMillis })
  const client = new MemoryClient({ apiKey: 'm0-key', host: platform.url })
  return { platform, client, memory: new ScopedMemory('u_alice', { client }) }
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

  it('waits for a back end that deletes later, and rejects when it does not in time', async () => {
    const { platform, memory } = await deletingLater(150)
    platform.store.seed([{ text: 'a', userId: 'u_alice' }])
    await expect(memory.erase({ timeoutMs: 20 })).rejects.toMatchObject({
      code: 'ERASE_UNVERIFIED',
      status: 504,
    })
    expect(await memory.erase()).toMatchObject({ userId: 'u_alice' })
    expect([...platform.store.all()]).toEqual([])
  })

  it('has its own time, longer or shorter than that of a request', async () => {
    const { platform, client, memory } = await deletingLater(400)
    platform.store.seed([{ text: 'a', userId: 'u_alice' }])
    const hasty = createMemoryFactory({ client, timeoutMs: 100 })
    expect(await hasty('u_alice').erase({ timeoutMs: 20_000 })).toMatchObject({ deleted: 1 })

    platform.misbehave({ times: Number.POSITIVE_INFINITY, with: { hang: true } })
    await expect(memory.erase({ timeoutMs: 30 })).rejects.toMatchObject({ code: 'ERASE_UNVERIFIED' })
    platform.reset()
  })
})

describe('deleteAll of a narrowed scope', () => {
  it('deletes what was there, while records come and go', async () => {
    const { platform } = await deletingLater(0)
    const client = new InterruptedClient({ apiKey: 'm0-key', host: platform.url })
    const minute = (index: number) => new Date(Date.UTC(2026, 0, 1, 0, index))
    const own = platform.store.seed(
      Array.from({ length: 450 }, (_, index) => ({
        text: `memory ${index}`,
        userId: 'u_alice',
        runId: 'r1',
        createdAt: minute(index + 10),
      })),
    )
    client.afterPage = (requests) => {
      if (requests !== 1) return
      platform.store.delete(platform.store.get(own.pop()!)!)
      platform.store.seed([{ text: 'older', userId: 'u_alice', runId: 'r1', createdAt: minute(1) }])
    }
    await new ScopedMemory('u_alice', { client }).within({ runId: 'r1' }).deleteAll()
    for (const id of own) expect(platform.store.get(id)).toBeUndefined()
  })

  it('leaves only records of the scope deleted where it fails in the middle', async () => {
    const { platform, memory } = await deletingLater(0)
    platform.store.seed([{ text: 'of alice', userId: 'u_alice' }])
    const run = memory.within({ runId: 'r1' })
    await run.add(
      [
        { role: 'user', content: 'a' },
        { role: 'user', content: 'b' },
      ],
      { infer: false },
    )
    platform.misbehave({ match: { method: 'DELETE' }, with: { status: 500 } })
    await expect(run.deleteAll()).rejects.toMatchObject({ errorCode: 'HTTP_500' })
    await run.deleteAll()
    expect((await memory.getAll()).results.map((row) => row.memory)).toEqual(['of alice'])
  })

  it('does not fail on a record that somebody else deletes meanwhile', async () => {
    const { platform, client, memory } = await deletingLater(0)
    const run = memory.within({ runId: 'r1' })
    await run.add('a', { infer: false })
    platform.misbehave({ match: { method: 'DELETE' }, with: { status: 404 } })
    const [row] = (await run.getAll()).results
    const deletion = run.deleteAll()
    await client.delete(row!.id).catch(() => undefined)
    expect((await deletion).message).toContain('Deleted')
  })
})
