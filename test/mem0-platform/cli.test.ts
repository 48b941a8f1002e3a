import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { MemoryClient } from 'mem0ai'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { said } from './connected-client.ts'
import { startMem0Platform } from './index.ts'

const CLI = fileURLToPath(new URL('cli.ts', import.meta.url))
const started: ChildProcess[] = []

function run(...args: string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', CLI, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  started.push(child)
  const output = { out: '', err: '' }
  child.stdout.on('data', (chunk: Buffer) => (output.out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output.err += chunk.toString()))
  return { child, output, exitCode: once(child, 'close').then(([code]) => code as number) }
}

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
})

describe('the mem0-platform command', () => {
  it('prints its URL, accepts only the key it was given, and stops on a signal', async () => {
    const { child, output, exitCode } = run('--', '--port', '0', '--key', 'm0-right')
    const url = await vi.waitFor(
      () => {
        const printed = /http:\/\/127\.0\.0\.1:\d+/.exec(output.out)?.[0]
        if (!printed) throw new Error(`no URL yet: ${output.out}${output.err}`)
        return printed
      },
      { timeout: 20_000 },
    )
    const client = new MemoryClient({ apiKey: 'm0-right', host: url })
    await client.add(said('Hi'), { userId: 'u_alice' })
    expect((await client.getAll({ filters: { user_id: 'u_alice' } })).count).toBe(1)
    expect((await fetch(`${url}/v1/ping/`, { headers: { authorization: 'Token wrong' } })).status).toBe(401)
    child.kill('SIGTERM')
    expect(await exitCode).toBe(0)
  })

  it('says what to do about a port in use', async () => {
    await using other = await startMem0Platform()
    const { port } = new URL(other.url)
    const { output, exitCode } = run('--port', port)
    expect(await exitCode).toBe(1)
    expect(output.err).toContain(`Port ${port} is already in use`)
    expect(output.err).toContain('--port 0')
    expect(output.err).not.toMatch(/^\s+at /m)
  })

  it.each([
    [['--port', 'abc'], '--port takes a whole number'],
    [['--port', '70000'], '--port takes a whole number'],
    [['--delay', '-1'], '--delay'],
    [['--key', ''], '--key takes a key'],
    [['--nonsense'], '--help'],
  ])('refuses %j', async (args, message) => {
    const { output, exitCode } = run(...args)
    expect(await exitCode).toBe(1)
    expect(output.err).toContain(message)
  })

  it('explains its options', async () => {
    const { output, exitCode } = run('--help')
    expect(await exitCode).toBe(0)
    for (const option of ['--port', '--host', '--key', '--delay']) expect(output.out).toContain(option)
  })
})
