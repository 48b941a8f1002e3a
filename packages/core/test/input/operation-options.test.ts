import { describe, expect, it } from 'vitest'
import { InvalidArgumentError, ScopeEscapeError } from '../../src/index.ts'
import { readData, readOptions, readQuery } from '../../src/input/operation-options.ts'

describe('options', () => {
  it.each([
    'userId',
    'user_id',
    'USER_ID',
    'user-id',
    'user id',
    'entityId',
    'entity_type',
    'userid',
    'Username',
  ])('cannot name a user: %s', (key) => {
    for (const engine of ['hosted', 'self-hosted'] as const) {
      expect(() => readOptions('search', engine, { [key]: 'u_bob' })).toThrow(ScopeEscapeError)
      expect(() => readData('update', engine, { text: 'x', [key]: 'u_bob' })).toThrow(ScopeEscapeError)
    }
  })

  it.each(['orgId', 'org_id', 'organizationId', 'projectId', 'PROJECT_ID'])(
    'cannot name a tenant: %s',
    (key) => {
      expect(() => readOptions('add', 'hosted', { [key]: 'x' })).toThrow(ScopeEscapeError)
    },
  )

  it.each(['messages', 'query', 'filters', 'output', 'hasOwnProperty'])('of add do not include %s', (key) => {
    expect(() => readOptions('add', 'hosted', { [key]: 'x' })).toThrow(InvalidArgumentError)
    expect(() => readOptions('add', 'self-hosted', { [key]: 'x' })).toThrow(InvalidArgumentError)
  })

  it('in another spelling are an error that spells them', () => {
    expect(() => readOptions('search', 'hosted', { top_k: 3 })).toThrow(
      /does not take "top_k"\. Write topK\./,
    )
  })

  it('of the other back end are an error that says so and lists those of this one', () => {
    expect(() => readOptions('getAll', 'self-hosted', { page: 2 })).toThrow(
      /"page" on a self-hosted back end\. It takes filters, showExpired, topK, signal\./,
    )
  })

  it.each([
    ['page', '1&page_size=200&user_id=bob#'],
    ['page', 1.5],
    ['page', 0],
    ['page', -1],
    ['page', '1'],
    ['pageSize', Number.MAX_VALUE],
    ['pageSize', { toString: 'x' }],
  ])('are of their kind: %s is not %j', (key, value) => {
    expect(() => readOptions('getAll', 'hosted', { [key]: value })).toThrow(InvalidArgumentError)
  })

  it.each([
    ['topK', '10'],
    ['topK', 0],
    ['threshold', 2],
    ['threshold', '0'],
    ['rerank', 'yes'],
    ['fields', 'memory'],
    ['fields', [1]],
    ['categories', [null]],
    ['filters', 'user_id=bob'],
    ['filters', []],
  ])('are of their kind: %s is not %j', (key, value) => {
    expect(() => readOptions('search', 'hosted', { [key]: value })).toThrow(InvalidArgumentError)
  })

  it('that are zero or null where that means something pass', () => {
    expect(readOptions('search', 'hosted', { threshold: 0 })).toEqual({ threshold: 0 })
    expect(readData('update', 'hosted', { expirationDate: null })).toEqual({ expirationDate: null })
  })

  it('must be an object literal', () => {
    for (const value of [null, 'x', 1, [], new Map()]) {
      expect(() => readOptions('search', 'hosted', value)).toThrow(InvalidArgumentError)
    }
    expect(readOptions('search', 'hosted', undefined)).toEqual({})
  })

  it('keep metadata that only sounds like an identity', () => {
    const metadata = { appid: 440, 'App ID': 'com.foo', 'run-id': 7, userids: [1] }
    expect(readOptions('add', 'hosted', { metadata })).toEqual({ metadata })
  })

  it('lose identities from the metadata of a record, and nothing else', () => {
    const metadata = {
      userId: 'x',
      user_id: 'x',
      UserId: 'x',
      USER_ID: 'x',
      userID: 'x',
      agent_id: 'x',
      appId: 'x',
      run_id: 'x',
      actor_id: 'x',
      camelKey: { user_id: 1, list: [null] },
      theme: 'dark',
    }
    expect(readOptions('add', 'hosted', { metadata })).toEqual({
      metadata: { camelKey: { user_id: 1, list: [null] }, theme: 'dark' },
    })
    expect(readData('update', 'self-hosted', { metadata: { user_id: 'x', a: 1 } })).toEqual({
      metadata: { a: 1 },
    })
  })

  it('delete only takes a true or false deleteLinked', () => {
    expect(readOptions('delete', 'hosted', { deleteLinked: true })).toEqual({ deleteLinked: true })
    expect(() => readOptions('delete', 'hosted', { deleteLinked: 'true' })).toThrow(InvalidArgumentError)
    expect(() => readOptions('delete', 'hosted', { user_id: '*' })).toThrow(ScopeEscapeError)
  })
})

describe('a query', () => {
  it.each(['', ' ', null, undefined, 3, {}, ['x'], { toString: () => 'x' }])('is not %j', (value) => {
    expect(() => readQuery(value)).toThrow(InvalidArgumentError)
  })

  it('is refused for what it is', () => {
    expect(() => readQuery(' ')).toThrow('a string that is not blank, not a blank one.')
    expect(() => readQuery(3)).toThrow('a string that is not blank, not a number.')
  })
})
