import { getEventListeners } from 'node:events'
import { expect, it } from 'vitest'
import { ScopedMemory } from '../../src/index.ts'
import { createInMemoryClient } from '../../src/testing/index.ts'

it('a signal has one listener, however many calls wait for it, and none when they are done', async () => {
  const warnings: Error[] = []
  const onWarning = (warning: Error) => void warnings.push(warning)
  process.on('warning', onWarning)
  const { signal } = new AbortController()
  const handles = ['u_alice', 'u_bob'].map((id) => new ScopedMemory(id, { client: createInMemoryClient() }))
  const calls = Array.from({ length: 50 }, (_, index) => handles[index % 2]!.search('x', { signal }))
  expect(getEventListeners(signal, 'abort')).toHaveLength(1)
  await Promise.all(calls)
  await new Promise((resolve) => setImmediate(resolve))
  expect(getEventListeners(signal, 'abort')).toEqual([])
  expect(warnings).toEqual([])
  process.off('warning', onWarning)
})

it('an abort reaches every call that waits for it', async () => {
  const client = { ...createInMemoryClient(), search: () => new Promise(() => {}) }
  const memory = new ScopedMemory('u_alice', { client: client as never })
  const controller = new AbortController()
  const calls = Array.from({ length: 20 }, () => memory.search('x', { signal: controller.signal }))
  const reason = new Error('enough')
  await new Promise((resolve) => setImmediate(resolve))
  controller.abort(reason)
  for (const call of await Promise.allSettled(calls)) expect(call).toMatchObject({ reason })
  expect(getEventListeners(controller.signal, 'abort')).toEqual([])
})
