import { ScopedMemory } from '@scoped-memory/core'
import { expect, it } from 'vitest'
import { bind, bindingOf, boundMemory, expose } from '../src/binding.ts'

const client = Object.fromEntries(
  ['add', 'search', 'getAll', 'get', 'update', 'delete', 'deleteAll', 'history'].map((name) => [
    name,
    async () => [],
  ]),
) as never
const memory = new ScopedMemory('u_alice', { client, storageId: 'sha256' })
const binding = { memory, client, scope: '[]' }

it('is on the request itself: what inherits from a bound request is not bound', () => {
  const request = {}
  bind(request, binding)
  expect(boundMemory(request, 'the line')).toBe(memory)
  expect(bindingOf(Object.create(request))).toBeUndefined()
})

it('cannot be taken over by assigning to the request', () => {
  const request = {}
  bind(request, binding)
  const symbol = Object.getOwnPropertySymbols(request)[0]!
  expect(symbol).toBe(Symbol.for('scoped-memory.binding'))
  expect(() => Object.assign(request, { [symbol]: { memory: undefined } })).toThrow(TypeError)
  expect(() => Object.defineProperty(request, symbol, { value: {} })).toThrow(TypeError)
  expect(Object.keys(request)).toEqual([])
  expect({ ...request }).toEqual({})
})

it('does not trust a property that cannot be replaced', () => {
  const request = Object.defineProperty({}, 'memory', { value: { userId: 'u_bob' } })
  expect(() => expose(request, 'memory', binding)).toThrow(expect.objectContaining({ code: 'MEMORY_TAKEN' }))
})

it('shows a property that is not written out with the request', () => {
  const request = {}
  expose(request, 'memory', binding)
  expect(Object.keys(request)).toEqual([])
  expect(JSON.stringify(request)).toBe('{}')
})
