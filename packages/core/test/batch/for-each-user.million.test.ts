import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { forEachUser, type HostedClient, type ScopedMemory } from '../../src/index.ts'

it(
  'forEachUser keeps nothing that grows with the users: a million of them',
  { timeout: 300_000 },
  async () => {
    setFlagsFromString('--expose-gc')
    const gc = runInNewContext('gc') as () => void
    const heap = (): number => {
      gc()
      // What the first run finalises, the second takes.
      gc()
      return process.memoryUsage().heapUsed
    }
    const row = { id: 'm_1', memory: 'something', userId: '' }
    const empty: Record<string, unknown> = {
      search: (_query: string, { filters }: { filters: { AND: [{ user_id: string }] } }) =>
        Promise.resolve({ results: [{ ...row, userId: filters.AND[0].user_id }] }),
    }
    const methods = 'add getAll get update delete deleteAll history batchUpdate batchDelete feedback'.split(
      ' ',
    )
    for (const method of methods) empty[method] = () => Promise.resolve({})
    const users = function* (count: number) {
      for (let index = 0; index < count; index++) yield `user-${index}`
    }
    let wrong = 0
    const marks: number[] = []
    const work = async (memory: ScopedMemory): Promise<void> => {
      if (!memory.userId.endsWith('0')) return
      const { results } = await memory.search('anything')
      if (results[0]?.userId !== memory.userId) wrong++
    }
    await forEachUser(users(20_000), work, { client: empty as unknown as HostedClient }).completed()
    const before = heap()
    const progress = await forEachUser(users(1_000_000), work, {
      client: empty as unknown as HostedClient,
      concurrency: 64,
      onProgress: ({ done }) => {
        if (done % 250_000 === 0) marks.push(heap() - before)
      },
    }).completed()
    expect(progress).toMatchObject({ done: 1_000_000, failed: 0 })
    expect(wrong).toBe(0)
    // A single byte kept of each user would be more than this from the first mark to the last.
    expect(marks.at(-1)! - Math.min(...marks)).toBeLessThan(750_000)
    expect(Math.max(...marks)).toBeLessThan(16 * 2 ** 20)
  },
)
