import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  createMemoryFactory,
  InvalidArgumentError,
  InvalidUserIdError,
  ScopedMemory,
  ScopeEscapeError,
} from '../src/index.ts'
import { openHosted } from './support/backends.ts'

describe('making a handle', () => {
  let backend: Awaited<ReturnType<typeof openHosted>>
  beforeAll(async () => void (backend = await openHosted()))
  afterAll(() => backend.close())
  const client = () => backend.client

  it.each([
    [{ onForeignRecords: 'drop' }, /"onForeignRecords" is not an option\. The options are client, scope/],
    [{ onForeignRecord: 'ignore' }, /onForeignRecord must be/],
    [{ strictOwnership: 'yes' }, /strictOwnership must be/],
    [{ storageId: 'md5' }, /storageId must be/],
    [{ timeoutMs: 0 }, /timeoutMs must be/],
    [{ timeoutMs: 2 ** 31 }, /timeoutMs must be/],
    [{ timeoutMs: '5' }, /timeoutMs must be/],
    [{ ownershipCacheSize: 0 }, /ownershipCacheSize must be/],
    [{ scope: { runId: '*' } }, /runId is the reserved word/],
    [{ scope: { runId: undefined } }, /runId must be a string/],
    [{ ownershipCacheSize: '7' }, /ownershipCacheSize must be/],
    [{ scope: { runId: 'r1', userId: 'u_bob' } }, /cannot name a user/],
    [{ scope: 'r1' }, /scope must be an object literal/],
    [{ scope: { tenant: 'x' } }, /Write runId, appId or agentId/],
  ])('refuses %j', (options, message) => {
    expect(() => new ScopedMemory('u_alice', { client: client(), ...options } as never)).toThrow(message)
    expect(() => createMemoryFactory({ client: client(), ...options } as never)('u_alice')).toThrow(message)
  })

  it('says how to pass a client that stands in the place of the options', () => {
    expect(() => new ScopedMemory('u_alice', client() as never)).toThrow(
      new InvalidArgumentError(
        'A client is an option. Write new ScopedMemory(userId, { client }), or createMemoryFactory({ client }).',
      ),
    )
    expect(() => createMemoryFactory(client() as never)).toThrow(InvalidArgumentError)
  })

  it.each(['userId', 'user_id'])('refuses an option %s: the user is the first argument', (key) => {
    expect(() => new ScopedMemory('u_alice', { client: client(), [key]: 'u_bob' })).toThrow(ScopeEscapeError)
  })

  it.each([{}, 'client', null, 7, { search() {} }, new Map()])(
    'refuses a client that is not one: %j',
    (notAClient) => {
      expect(() => new ScopedMemory('u_alice', { client: notAClient as never })).toThrow(
        /not a client of mem0ai 3\.1\.6 or later\. Pass new MemoryClient/,
      )
    },
  )

  it.each([null, 'x', 7])('refuses options that are not an object: %j', (options) => {
    expect(() => new ScopedMemory('u_alice', options as never)).toThrow(InvalidArgumentError)
  })

  it('checks when the factory is made, and keeps a copy of the scope', () => {
    expect(() => createMemoryFactory({ client: client(), scope: { runId: ' ' } })).toThrow(/whitespace/)
    const scope = { runId: 'r1' }
    const memoryFor = createMemoryFactory({ client: client(), scope })
    scope.runId = 'r2'
    expect(() => memoryFor('u_alice', { runId: 'r2' })).toThrow(ScopeEscapeError)
    expect(memoryFor('u_alice', { runId: 'r1' }).userId).toBe('u_alice')
  })

  it('a factory checks the user and the scope of each handle', () => {
    const memoryFor = createMemoryFactory({ client: client(), scope: { appId: 'app' } })
    expect(memoryFor('u_alice').userId).toBe('u_alice')
    expect(() => memoryFor(undefined as never)).toThrow(InvalidUserIdError)
    expect(() => memoryFor('u_alice', { appId: 'other' })).toThrow(ScopeEscapeError)
    expect(() => memoryFor('u_alice', { userId: 'u_bob' } as never)).toThrow(ScopeEscapeError)
  })
})
