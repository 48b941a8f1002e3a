import { spawnSync } from 'node:child_process'
import { startMem0Platform } from '@scoped-memory/mem0-platform'
import { AuthenticationError } from 'mem0ai'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createMemoryFactory, forEachUser, InvalidArgumentError, ScopedMemory } from '../../src/index.ts'

const textsOf = async (memory: ScopedMemory) => (await memory.getAll()).results.map((record) => record.memory)

describe('the default client', () => {
  afterEach(() => void vi.unstubAllEnvs())

  it('is that of the key and the host when the handle is made, also from a factory made before', async () => {
    await using tenantA = await startMem0Platform({ apiKey: 'm0-a' })
    await using tenantB = await startMem0Platform({ apiKey: 'm0-b' })
    const memoryFor = createMemoryFactory()
    const enter = (key: string, url: string) => vi.stubEnv('MEM0_API_KEY', key).stubEnv('MEM0_HOST', url)

    enter('m0-a', tenantA.url)
    const atA = memoryFor('u_alice')
    await atA.add('told tenant A', { infer: false })
    enter('m0-b', tenantB.url)
    for (const atB of [memoryFor('u_alice'), new ScopedMemory('u_alice')]) {
      expect(await textsOf(atB)).toEqual([])
    }
    await memoryFor('u_alice').add('told tenant B', { infer: false })
    expect(await textsOf(new ScopedMemory('u_alice'))).toEqual(['told tenant B'])
    // A handle stays with the client it was made for.
    expect(await textsOf(atA)).toEqual(['told tenant A'])
    enter('m0-a', tenantA.url)
    expect(await textsOf(memoryFor('u_alice'))).toEqual(['told tenant A'])
  })

  it('is another one where only the key changes, and where only the host does', async () => {
    await using platform = await startMem0Platform({ apiKey: 'm0-right' })
    await using elsewhere = await startMem0Platform()
    for (const method of ['error', 'warn'] as const) vi.spyOn(console, method).mockImplementation(() => {})
    const memoryFor = createMemoryFactory()
    vi.stubEnv('MEM0_HOST', platform.url).stubEnv('MEM0_API_KEY', 'm0-wrong')
    await expect(memoryFor('u_alice').getAll()).rejects.toThrow(AuthenticationError)
    vi.stubEnv('MEM0_API_KEY', 'm0-right')
    await memoryFor('u_alice').add('told the first host', { infer: false })
    vi.stubEnv('MEM0_HOST', elsewhere.url)
    expect(await textsOf(memoryFor('u_alice'))).toEqual([])
    vi.restoreAllMocks()
  })

  it('is not asked for until a handle is', () => {
    vi.stubEnv('MEM0_API_KEY', '')
    const memoryFor = createMemoryFactory()
    expect(() => createMemoryFactory({ timeoutMs: 0 })).toThrow(InvalidArgumentError)
    expect(() => memoryFor('u_alice')).toThrow(/Set MEM0_API_KEY/)
    expect(() => new ScopedMemory('u_alice')).toThrow(/Set MEM0_API_KEY/)
    expect(() => forEachUser(['u_alice'], async () => {})).toThrow(/Set MEM0_API_KEY/)
  })
})

describe('without a client, a handle', () => {
  it('makes one from MEM0_API_KEY, shared by all handles, when the first call needs it', async () => {
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
        `import { ScopedMemory } from ${JSON.stringify(new URL('../../src/index.ts', import.meta.url).href)}\n${script}`,
      ],
      {
        encoding: 'utf8',
        cwd: new URL('../../../..', import.meta.url),
        env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...options.env },
      },
    )

  it('says without a key which variable to set, and what works without one', () => {
    const { stdout } = run(
      `try { new ScopedMemory('u_alice') } catch (error) { console.log(error.code, error.message) }`,
    )
    expect(stdout).toMatch(/MISSING_API_KEY .*Set MEM0_API_KEY.*openEmbeddedMemory/)
  })

  it('names without mem0ai the line that installs it', () => {
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

  it('does no work when it is imported: no mem0ai is loaded, nothing is opened', () => {
    const { stdout } = run(`
      const loaded = process.getActiveResourcesInfo().filter((name) => name !== 'PipeWrap' && name !== 'TTYWrap' && name !== 'MessagePort')
      console.log(JSON.stringify(loaded))`)
    expect(stdout.trim()).toBe('[]')
  })
})
