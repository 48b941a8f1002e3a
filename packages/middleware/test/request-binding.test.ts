import { ScopedMemory } from '@scoped-memory/core'
import { expect, it, vi } from 'vitest'
import { bindRequest, boundMemory, defineMemory, tryBoundMemory } from '../src/request-binding.ts'

const client = Object.fromEntries(
  ['add', 'search', 'getAll', 'get', 'update', 'delete', 'deleteAll', 'history'].map((name) => [
    name,
    async () => [],
  ]),
) as never
const memory = new ScopedMemory('u_alice', { client, storageId: 'sha256' })
const key = { client, options: '[]' }

it('is on the request itself: what inherits from a bound request is not bound', () => {
  const request = {}
  bindRequest(request, memory, key)
  expect(boundMemory(request, 'the line')).toBe(memory)
  expect(tryBoundMemory(Object.create(request) as object)).toBeUndefined()
})

it('cannot be taken over by assigning to the request', () => {
  const request = {}
  bindRequest(request, memory, key)
  const symbol = Object.getOwnPropertySymbols(request)[0]!
  expect(symbol).toBe(Symbol.for('scoped-memory.binding'))
  expect(() => Object.assign(request, { [symbol]: { memory: undefined } })).toThrow(TypeError)
  expect(() => Object.defineProperty(request, symbol, { value: {} })).toThrow(TypeError)
  expect(Object.keys(request)).toEqual([])
  expect({ ...request }).toEqual({})
})

it('does not trust a property that cannot be replaced', () => {
  const request = Object.defineProperty({}, 'memory', { value: { userId: 'u_bob' } })
  expect(() => defineMemory(request, 'memory', memory)).toThrow(
    expect.objectContaining({ code: 'MEMORY_TAKEN' }),
  )
})

it('defines a property that is not serialized with the request', () => {
  const request = {}
  defineMemory(request, 'memory', memory)
  expect(Object.keys(request)).toEqual([])
  expect(JSON.stringify(request)).toBe('{}')
})

it('replaces what somebody else had set, and warns once', () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
  const inherited = Object.create({ memory: { userId: 'u_bob' } }) as object
  for (const request of [{ memory: { userId: 'u_bob' } }, { memory: { userId: 'u_carol' } }, inherited]) {
    defineMemory(request, 'memory', memory)
    expect(request).toHaveProperty('memory', memory)
  }
  expect(warn).toHaveBeenCalledTimes(1)
  expect(warn.mock.calls[0]).toEqual([
    expect.stringContaining('"memory"'),
    { type: 'ScopedMemoryWarning', code: 'SCOPED_MEMORY_REPLACED' },
  ])
  warn.mockRestore()
})

it('does not warn of a property that was reserved', () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
  defineMemory({ memory: null }, 'memory', memory)
  defineMemory({ memory: undefined }, 'memory', memory)
  const twice = {}
  defineMemory(twice, 'memory', memory)
  defineMemory(twice, 'memory', memory)
  expect(warn).not.toHaveBeenCalled()
  warn.mockRestore()
})
