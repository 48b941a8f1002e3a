import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire, isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { startMem0Platform, type Mem0Platform } from '@scoped-memory/mem0-platform'
import { build, type Metafile } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const here = join(import.meta.dirname, 'runtimes')
// The path of the program for this machine.
const { default: workerd } = createRequire(import.meta.url)('workerd') as { default: string }

describe.each(['web', 'hono', 'routes', 'identity'])('@scoped-memory/middleware/%s', (subpath) => {
  it('imports nothing of Node', async () => {
    const entry = `export * from '@scoped-memory/middleware/${subpath}'`
    const { metafile } = await bundled({
      stdin: { contents: entry, resolveDir: import.meta.dirname },
      // Loaded on demand, and only where no client was passed.
      external: ['mem0ai'],
    })
    expect(importsOf(metafile).filter((path) => isBuiltin(path))).toEqual([])
  })
})

describe('in workerd, which has nothing of Node', () => {
  const directory = mkdtempSync(join(tmpdir(), 'workerd-'))
  let platform: Mem0Platform
  let url: string
  let stop: (() => void) | undefined

  beforeAll(async () => {
    platform = await startMem0Platform()
    await bundled({
      entryPoints: [join(here, 'worker.ts')],
      outfile: join(directory, 'worker.js'),
      write: true,
      // All that there is of Node: mem0 looks here whether it may report.
      banner: { js: 'globalThis.process = { env: { MEM0_TELEMETRY: "false" } }' },
      // mem0 asks for these where it finds itself on Node.
      external: ['fs', 'path', 'os', 'crypto'],
    })
    copyFileSync(join(here, 'worker.capnp'), join(directory, 'worker.capnp'))
    const child = spawn(workerd, ['serve', 'worker.capnp', '--control-fd=3'], {
      cwd: directory,
      stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
      env: { MEM0_HOST: platform.url },
    })
    stop = () => void child.kill()
    const [line] = (await once(createInterface(child.stdio[3] as Readable), 'line')) as [string]
    url = `http://127.0.0.1:${(JSON.parse(line) as { port: number }).port}`
  })
  afterAll(async () => {
    stop?.()
    await platform.close()
    rmSync(directory, { recursive: true })
  })

  const ask = async (path: string, user: string | undefined, init: RequestInit = {}): Promise<unknown> => {
    const headers = { ...init.headers, ...(user && { authorization: `Bearer token-of-${user}` }) }
    const answer = await fetch(url + path, { ...init, headers })
    return answer.ok ? answer.json() : answer.status
  }

  it.each(['/', '/hono'])('keeps users apart at %s', async (path) => {
    const say = (user: string | undefined, body: string) => ask(path, user, { method: 'POST', body })
    const [alice, bob] = [`u_alice${path}`, `u_bob${path}`]
    const [first, second] = await Promise.all([say(alice, 'I am vegetarian'), say(bob, 'I like steak')])
    expect(first).toEqual(['I am vegetarian'])
    expect(second).toEqual(['I like steak'])
    expect(await say(undefined, 'x')).toBe(401)
    expect(await say('*', 'x')).toBe(401)

    const memories = path === '/' ? '/memories' : '/hono/memories'
    expect(await ask(memories, alice)).toMatchObject({ results: [{ memory: 'I am vegetarian' }] })
    const body = { method: 'POST', body: '{"confirm":true}', headers: { 'content-type': 'application/json' } }
    expect(await ask(`${memories}/erase`, alice, body)).toMatchObject({ deleted: 1 })
    expect(await ask(memories, bob)).toMatchObject({ results: [{ memory: 'I like steak' }] })
  })

  it('really has nothing of Node', async () => {
    expect(await ask('/hono/node', 'u_alice')).toEqual(['undefined', 'undefined'])
  })
})

function bundled(options: Parameters<typeof build>[0]): Promise<{ metafile: Metafile }> {
  return build({
    bundle: true,
    format: 'esm',
    platform: 'browser',
    conditions: ['@scoped-memory/source', 'workerd', 'worker', 'browser', 'import'],
    metafile: true,
    write: false,
    logLevel: 'error',
    ...options,
  }) as Promise<{ metafile: Metafile }>
}

function importsOf({ inputs, outputs }: Metafile): string[] {
  return [...Object.values(inputs), ...Object.values(outputs)].flatMap(({ imports }) =>
    imports.map(({ path }) => path),
  )
}
