import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire, isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { startMem0Platform, type Mem0Platform } from '@scoped-memory/mem0-platform'
import { build, type Metafile } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const here = join(import.meta.dirname, 'runtimes')
const require = createRequire(import.meta.url)
// The programs for this machine, which come by npm.
const { default: workerd } = require('workerd') as { default: string }
const bun = join(dirname(require.resolve('bun/package.json')), 'bin/bun.exe')
const deno = join(
  dirname(require.resolve('deno/package.json')),
  process.platform === 'win32' ? 'deno.exe' : 'deno',
)

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

/** Starts the app on a free port of the loopback. */
type Start = (mem0Host: string, directory: string) => { child: ChildProcess; port: Promise<number> }

const inWorkerd: Start = (mem0Host, directory) => {
  copyFileSync(join(here, 'worker.capnp'), join(directory, 'worker.capnp'))
  const child = spawn(workerd, ['serve', 'worker.capnp', '--control-fd=3'], {
    cwd: directory,
    stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
    env: { MEM0_HOST: mem0Host },
  })
  const line = firstLine(child, child.stdio[3] as Readable)
  return { child, port: line.then((text) => (JSON.parse(text) as { port: number }).port) }
}

const byProgram =
  (program: string, ...args: string[]): Start =>
  (mem0Host) => {
    const child = spawn(program, [...args, '--conditions=@scoped-memory/source', join(here, 'server.ts')], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, MEM0_HOST: mem0Host, MEM0_TELEMETRY: 'false' },
    })
    return { child, port: firstLine(child, child.stdout).then(Number) }
  }

async function firstLine(child: ChildProcess, from: Readable): Promise<string> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`It ended with ${code} before it listened`)
  })
  const [line] = (await Promise.race([once(createInterface(from), 'line'), ended])) as [string]
  return line
}

describe.each([
  { runtime: 'workerd, which has nothing of Node', agent: /^Cloudflare-Workers$/, start: inWorkerd },
  { runtime: 'Bun', agent: /^Bun\//, start: byProgram(bun) },
  {
    runtime: 'Deno',
    agent: /^Deno\//,
    start: byProgram(deno, 'run', '--no-prompt', '--allow-env', '--allow-net=127.0.0.1'),
  },
])('in $runtime', ({ agent, start }) => {
  const directory = mkdtempSync(join(tmpdir(), 'runtime-'))
  let platform: Mem0Platform
  let url: string
  let child: ChildProcess | undefined

  beforeAll(async () => {
    platform = await startMem0Platform()
    if (start === inWorkerd) await bundleWorker(directory)
    const started = start(platform.url, directory)
    child = started.child
    url = `http://127.0.0.1:${await started.port}`
  })
  afterAll(async () => {
    child?.kill()
    await platform.close()
    rmSync(directory, { recursive: true })
  })

  const ask = async (path: string, user: string | undefined, init: RequestInit = {}): Promise<unknown> => {
    const headers = { ...init.headers, ...(user && { authorization: `Bearer token-of-${user}` }) }
    const answer = await fetch(url + path, { ...init, headers })
    return answer.ok ? answer.json() : answer.status
  }

  it('really runs there', async () => {
    const [name, ...ofNode] = (await ask('/runtime', undefined)) as string[]
    expect(name).toMatch(agent)
    if (start === inWorkerd) expect(ofNode).toEqual(['undefined', 'undefined'])
  })

  it.each(['/core', '/web', '/hono'])('keeps users apart at %s', async (path) => {
    const say = (user: string | undefined, body: string) => ask(path, user, { method: 'POST', body })
    const [alice, bob] = [`u_alice${path}`, `u_bob${path}`]
    const [first, second] = await Promise.all([say(alice, 'I am vegetarian'), say(bob, 'I like steak')])
    expect(first).toEqual(['I am vegetarian'])
    expect(second).toEqual(['I like steak'])
    const question = `${path}?q=am+I+vegetarian`
    expect(await ask(question, alice)).toEqual(['I am vegetarian'])
    expect(await ask(question, bob)).not.toContain('I am vegetarian')
    expect(await say(undefined, 'x')).toBe(401)
    expect(await ask(question, undefined)).toBe(401)
  })

  it.each(['/web', '/hono'])(
    'takes nobody for a user, and shows each user their data, at %s',
    async (path) => {
      const [carol, dave] = [`u_carol${path}`, `u_dave${path}`]
      await ask(path, carol, { method: 'POST', body: 'I am vegetarian' })
      await ask(path, dave, { method: 'POST', body: 'I like steak' })
      expect(await ask(path, '*', { method: 'POST', body: 'x' })).toBe(401)

      const memories = `${path}/memories`
      expect(await ask(memories, undefined)).toBe(401)
      expect(await ask(memories, carol)).toMatchObject({ results: [{ memory: 'I am vegetarian' }] })
      const body = {
        method: 'POST',
        body: '{"confirm":true}',
        headers: { 'content-type': 'application/json' },
      }
      expect(await ask(`${memories}/erase`, carol, body)).toMatchObject({ deleted: 1 })
      expect(await ask(memories, dave)).toMatchObject({ results: [{ memory: 'I like steak' }] })
    },
  )
})

/** All of the worker in one file, without anything of Node. */
async function bundleWorker(directory: string): Promise<void> {
  await bundled({
    entryPoints: [join(here, 'worker.ts')],
    outfile: join(directory, 'worker.js'),
    write: true,
    // All that there is of Node: mem0 looks here whether it may report.
    banner: { js: 'globalThis.process = { env: { MEM0_TELEMETRY: "false" } }' },
    // mem0 asks for these where it finds itself on Node.
    external: ['fs', 'path', 'os', 'crypto'],
  })
}

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
