import { spawnSync } from 'node:child_process'
import { startMem0Platform } from '@scoped-memory/mem0-platform'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  createMemoryFactory,
  InvalidArgumentError,
  InvalidUserIdError,
  ScopedMemory,
  ScopeEscapeError,
} from '../src/index.ts'
import { openHosted } from './support/back-ends.ts'

describe('making a handle', () => {
  let backEnd: Awaited<ReturnType<typeof openHosted>>
  beforeAll(async () => void (backEnd = await openHosted()))
  afterAll(() => backEnd.close())
  const client = () => backEnd.client

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

  it.each(['userId', 'user_id'])('refuses an option %s: the user is the first argument', (key) => {
    expect(() => new ScopedMemory('u_alice', { client: client(), [key]: 'u_bob' })).toThrow(ScopeEscapeError)
  })

  it.each([{}, 'client', null, 7, { search() {} }, new Map()])(
    'refuses a client that is none: %j',
    (notAClient) => {
      expect(() => new ScopedMemory('u_alice', { client: notAClient as never })).toThrow(
        /not a client of mem0ai 3\.1\.6 or later\. Pass new MemoryClient/,
      )
    },
  )

  it.each([null, 'x', 7])('refuses options that are none: %j', (options) => {
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

describe('without a client', () => {
  it('one is made from MEM0_API_KEY, shared by all handles, when the first call needs it', async () => {
    const platform = await startMem0Platform({ apiKey: 'm0-from-the-environment' })
    vi.stubEnv('MEM0_API_KEY', 'm0-from-the-environment').stubEnv('MEM0_HOST', platform.url)
    await new ScopedMemory('u_alice').add('of alice', { infer: false })
    await new ScopedMemory('u_bob').add('of bob', { infer: false })
    expect((await new ScopedMemory('u_alice').getAll()).results.map(({ memory }) => memory)).toEqual([
      'of alice',
    ])
    // A client that somebody failed to look up is not the shared one.
    expect(() => new ScopedMemory('u_alice', { client: null as never })).toThrow(/not a client of mem0ai/)
    vi.unstubAllEnvs()
    await platform.close()
  })

  const run = (script: string, options: { env?: Record<string, string>; node?: string[] } = {}) =>
    spawnSync(
      process.execPath,
      [
        '--conditions=@scoped-memory/source',
        '--import',
        'tsx',
        ...(options.node ?? []),
        '--input-type=module',
        '-e',
        `import { ScopedMemory } from ${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)}\n${script}`,
      ],
      {
        encoding: 'utf8',
        cwd: new URL('../../..', import.meta.url),
        env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...options.env },
      },
    )

  it('and without a key it says which variable to set, and what works without one', () => {
    const { stdout } = run(
      `try { new ScopedMemory('u_alice') } catch (error) { console.log(error.code, error.message) }`,
    )
    expect(stdout).toMatch(/MISSING_API_KEY .*Set MEM0_API_KEY.*openEmbeddedMemory/)
  })

  it('and without mem0ai it names the line that installs it', () => {
    const hide = `data:text/javascript,${encodeURIComponent(`
      import { register } from 'node:module'
      register('data:text/javascript,' + encodeURIComponent("export const resolve = (name, context, next) => { if (name === 'mem0ai') throw Object.assign(new Error('not there'), { code: 'ERR_MODULE_NOT_FOUND' }); return next(name, context) }"))`)}`
    const { stdout, stderr } = run(
      `await new ScopedMemory('u_alice').search('x').catch((error) => console.log(error.code, error.message))`,
      {
        env: { MEM0_API_KEY: 'm0-k' },
        node: ['--import', hide],
      },
    )
    expect(stdout + stderr).toContain(
      'MISSING_PACKAGE The package mem0ai is not installed. Run: npm install mem0ai',
    )
  })

  it('and importing does no work: no mem0ai is loaded, nothing is opened', () => {
    const { stdout } = run(`
      const loaded = process.getActiveResourcesInfo().filter((name) => name !== 'PipeWrap' && name !== 'TTYWrap' && name !== 'MessagePort')
      console.log(JSON.stringify(loaded))`)
    expect(stdout.trim()).toBe('[]')
  })
})
