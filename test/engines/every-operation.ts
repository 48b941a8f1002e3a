import type { ScopedMemory } from '@scoped-memory/core'
import { expect } from 'vitest'

/** Runs each operation of a handle at least once, on a user without memories, and leaves the user without any. */
export async function everyOperation(memory: ScopedMemory): Promise<void> {
  const userId = memory.userId
  const text = (what: string): string => `${what} of ${userId} with Grace Hopper in Paris`
  const { results } = await memory.add([{ role: 'user', content: text('tea') }], { infer: false })
  const [tea] = results
  await memory.add(text('coffee'), { infer: false, metadata: { kind: 'drink' } })
  const run = memory.within({ runId: 'r_1', appId: 'web' })
  const inRun = (await run.add(text('bread'), { infer: false })).results[0]!

  expect((await memory.search('tea')).results[0]).toMatchObject({ memory: text('tea'), userId })
  expect((await memory.search('coffee', { filters: { kind: 'drink' } })).results).toMatchObject([{ userId }])
  expect((await memory.getAll()).results).toHaveLength(3)
  expect((await run.getAll()).results).toMatchObject([{ id: inRun.id }])
  expect(await collect(memory.list())).toHaveLength(3)
  expect(await memory.get(tea!.id)).toMatchObject({ memory: text('tea') })

  await memory.update(tea!.id, text('green tea'))
  expect((await memory.history(tea!.id)).map(({ action }) => action)).toEqual(['UPDATE', 'ADD'])
  const coffee = (await memory.getAll({ filters: { kind: 'drink' } })).results[0]!
  await memory.batchUpdate([
    { memoryId: tea!.id, text: text('black tea') },
    { memoryId: coffee.id, text: text('espresso') },
  ])
  const exported = await collect(memory.exportAll())
  expect(exported.map(({ memory }) => memory.memory).sort()).toEqual(
    [text('black tea'), text('bread'), text('espresso')].sort(),
  )
  await expect(
    memory.batchUpdate([
      { memoryId: tea!.id, text: 'x' },
      { memoryId: '00000000-0000-4000-8000-000000000000', text: 'x' },
    ]),
  ).rejects.toMatchObject({ code: 'MEMORY_NOT_FOUND' })
  expect(await memory.get(tea!.id)).toMatchObject({ memory: text('black tea') })

  await run.deleteAll()
  await memory.delete(tea!.id)
  await memory.batchDelete([coffee.id])
  expect((await memory.getAll()).results).toEqual([])
  await memory.add(text('milk'), { infer: false })
  await memory.deleteAll()
  await memory.add(text('water'), { infer: false })
  expect(await memory.erase()).toMatchObject({ userId, deleted: 1 })
  expect((await memory.getAll()).results).toEqual([])
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
