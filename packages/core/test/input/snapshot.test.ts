import vm from 'node:vm'
import { describe, expect, it } from 'vitest'
import { InvalidArgumentError } from '../../src/index.ts'
import { snapshot, snapshotObject, type PlainObject } from '../../src/input/snapshot.ts'

describe('a snapshot', () => {
  it('is equal plain data, and no part of it is the original', () => {
    const original = { text: 'a', list: [1, { deep: null }], flag: false }
    const copy = snapshot(original, 'input') as typeof original
    expect(copy).toEqual(original)
    expect(copy).not.toBe(original)
    expect(copy.list).not.toBe(original.list)
    expect(copy.list[1]).not.toBe(original.list[1])
  })

  it('reads each property once, so that a getter cannot change its mind', () => {
    let reads = 0
    const copy = snapshot(
      {
        get id() {
          return ++reads === 1 ? 'first' : 'second'
        },
      },
      'input',
    )
    expect(copy).toEqual({ id: 'first' })
    expect(Object.getOwnPropertyDescriptor(copy, 'id')).toMatchObject({ value: 'first' })
    expect(reads).toBe(1)
  })

  it('reads a Proxy once as well', () => {
    let reads = 0
    const proxy = new Proxy({ id: 'x' }, { get: () => (++reads === 1 ? 'first' : 'second') })
    expect(snapshot(proxy, 'input')).toEqual({ id: 'first' })
  })

  it('leaves out what is undefined, and writes a Date as its ISO string', () => {
    expect(snapshot({ a: undefined, b: new Date(0) }, 'input')).toEqual({ b: '1970-01-01T00:00:00.000Z' })
  })

  it('takes object literals of another realm and objects without a prototype', () => {
    const foreign: unknown = vm.runInNewContext('({ a: [1, { b: new Date(0) }] })')
    expect(snapshot(foreign, 'input')).toEqual({ a: [1, { b: '1970-01-01T00:00:00.000Z' }] })
    expect(snapshot(Object.assign(Object.create(null) as object, { a: 1 }), 'input')).toEqual({ a: 1 })
  })

  it('refuses the key __proto__ at any depth', () => {
    const hostile: unknown = JSON.parse(`{"a":[{"__proto__":{"ne":"x"}}]}`)
    expect(() => snapshot(hostile, 'input')).toThrow(InvalidArgumentError)
    expect(({} as Record<string, unknown>)['ne']).toBeUndefined()
  })

  it.each([
    ['a function', () => 'x'],
    ['a symbol', Symbol('x')],
    ['a bigint', 1n],
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['a class instance', new (class Filter {})()],
    ['a Map', new Map([['a', 1]])],
    ['a String object', new String('x')],
    ['an invalid Date', new Date(Number.NaN)],
    ['a NUL', 'a\0b'],
    ['a NUL in a key', { 'a\0b': 1 }],
    ['half of a surrogate pair', '🦊'.slice(0, 1)],
    ['the other half', '🦊'.slice(1)],
    ['inherited data', Object.create({ user_id: 'u_bob' })],
  ])('refuses %s', (_, value) => {
    expect(() => snapshot({ a: value }, 'search() options')).toThrow(/^search\(\) options/)
  })

  it.each(['constructor', 'prototype', 'toJSON', 'hasOwnProperty'])('takes the key %s as data', (key) => {
    const copied = snapshot({ metadata: { [key]: { name: 'ACME' } } }, 'input') as PlainObject
    expect(JSON.stringify(copied)).toBe(`{"metadata":{"${key}":{"name":"ACME"}}}`)
    expect(({} as Record<string, unknown>)['name']).toBeUndefined()
  })

  it('writes undefined in a list as JSON does, and what is not there too', () => {
    expect(snapshot(['a', undefined, , 'b'], 'input')).toEqual(['a', null, null, 'b'])
  })

  it('refuses what contains itself, is too deep or too large', () => {
    const circle: Record<string, unknown> = {}
    circle['self'] = circle
    expect(() => snapshot(circle, 'input')).toThrow(/contains itself/)
    expect(() =>
      snapshot(
        Array.from({ length: 100_001 }, () => 0),
        'input',
      ),
    ).toThrow(/more than 100000/)
    expect(() =>
      snapshot(
        Array.from({ length: 50_001 }, () => [0]),
        'input',
      ),
    ).toThrow(/more than 100000/)
    expect(() => snapshot(new Array(4_000_000_000), 'input')).toThrow(/more than 100000/)
    const million = 'x'.repeat(1024 * 1024)
    expect(() =>
      snapshot(
        Array.from({ length: 33 }, () => million),
        'input',
      ),
    ).toThrow(/larger than 32 Mi/)
    expect(
      snapshot(
        Array.from({ length: 31 }, () => million),
        'input',
      ),
    ).toHaveLength(31)
  })

  it('must be an object where one is asked for; absent counts as empty', () => {
    expect(snapshotObject(undefined, 'filters')).toEqual({})
    for (const value of [null, 'x', 1, []])
      expect(() => snapshotObject(value, 'filters')).toThrow(/object literal/)
  })

  it('can leave one key of the top level unread', () => {
    const options = {
      get signal(): never {
        throw new Error('was read')
      },
      topK: 1,
    }
    expect(snapshotObject(options, 'options', 'signal')).toEqual({ topK: 1 })
  })
})
