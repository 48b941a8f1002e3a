import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { InvalidArgumentError } from '../../src/index.ts'
import { startMcpServer } from '../../src/tools/index.ts'
import { openHosted } from '../support/backends.ts'
import { attemptsToReach } from './attempts-to-reach.ts'

const packageRoot = join(import.meta.dirname, '../..')

/** A copy of this package next to one SDK, with an application's server in it. */
function installation(sdk: string): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'mcp-')))
  for (const name of ['src', 'package.json'])
    cpSync(join(packageRoot, name), join(directory, name), { recursive: true })
  cpSync(join(import.meta.dirname, 'serve-memory.ts'), join(directory, 'serve-memory.ts'))
  const links = {
    '@modelcontextprotocol/sdk': sdk,
    mem0ai: 'mem0ai',
    'lru-cache': 'lru-cache',
    'p-map': 'p-map',
  }
  for (const [name, installed] of Object.entries(links)) {
    const link = join(directory, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(join(packageRoot, 'node_modules', installed), link)
  }
  return directory
}

describe.each([
  ['the oldest supported SDK', 'mcp-sdk1.11'],
  ['the newest', '@modelcontextprotocol/sdk'],
])('startMcpServer on %s', (_name, sdk) => {
  const directory = installation(sdk)
  let hosted: Awaited<ReturnType<typeof openHosted>>
  let client: Client
  let transport: StdioClientTransport
  let bobsId: string
  const errors: Error[] = []
  let log = ''
  beforeAll(async () => {
    hosted = await openHosted()
    ;[bobsId] = hosted.platform.store.seed([{ text: 'BOBS SECRET is 4711', userId: 'u_bob' }]) as [string]
    transport = new StdioClientTransport({
      command: process.execPath,
      args: [
        '--conditions=@scoped-memory/source',
        '--import',
        createRequire(import.meta.url).resolve('tsx'),
        join(directory, 'serve-memory.ts'),
      ],
      env: {
        ...(process.env as Record<string, string>),
        MEMORY_USER_ID: 'u_alice',
        MEM0_API_KEY: 'm0-test-key',
        MEM0_HOST: hosted.platform.url,
      },
      stderr: 'pipe',
    })
    transport.stderr?.on('data', (chunk: Buffer) => (log += chunk.toString()))
    client = new Client({ name: 'test', version: '1.0.0' })
    client.onerror = (error) => errors.push(error)
    await client.connect(transport)
  })
  afterAll(async () => {
    rmSync(directory, { recursive: true })
    await hosted.close()
  })

  const call = async (name: string, input: object) => {
    const { content, isError } = await client.callTool({ name, arguments: input as Record<string, unknown> })
    return { text: (content as { text: string }[]).map(({ text }) => text).join(), isError }
  }

  it('lists the four tools, annotated with whether they write', async () => {
    const { tools } = await client.listTools()
    expect(
      tools.map(({ name, annotations }) => [name, annotations?.readOnlyHint, annotations?.destructiveHint]),
    ).toEqual([
      ['remember', false, false],
      ['recall', true, false],
      ['forget', false, true],
      ['list', true, false],
    ])
    for (const { inputSchema } of tools) expect(inputSchema['additionalProperties']).toBe(false)
  })

  it('remembers, recalls and forgets for the user of the process', async () => {
    expect(await call('remember', { text: 'The user is vegetarian.' })).toEqual({
      text: 'Remembered.',
      isError: false,
    })
    expect(hosted.platform.store.ofUser('u_alice').map(({ text }) => text)).toEqual([
      'The user is vegetarian.',
    ])
    const { text } = await call('recall', { query: 'vegetarian food' })
    const id = /"id":"([^"]+)"/.exec(text)![1]!
    expect(await call('forget', { id })).toEqual({ text: 'Forgotten.', isError: false })
    expect(hosted.platform.store.ofUser('u_alice')).toEqual([])
  })

  it('reaches no other user, whatever the client sends', async () => {
    for (const { name, input } of attemptsToReach('u_bob', bobsId)) {
      // The protocol allows only objects as arguments.
      if (typeof input !== 'object' || Array.isArray(input)) continue
      const { text } = await call(name, input!)
      expect(text).not.toContain('4711')
    }
    expect(hosted.platform.store.ofUser('u_bob').map(({ text }) => text)).toEqual(['BOBS SECRET is 4711'])
  })

  it('keeps standard output for the protocol', () => {
    expect(errors).toEqual([])
    expect(log).toContain('a line outside the protocol')
    expect(log).toContain('[INFO] another one')
  })

  it('ends when its client disconnects', async () => {
    const pid = transport.pid!
    await client.close()
    expect(() => process.kill(pid, 0)).toThrow()
    expect(log).toContain('closed')
  })

  it('takes only a ScopedMemory', async () => {
    await expect(startMcpServer(hosted.client as never)).rejects.toThrow(InvalidArgumentError)
  })
})

it('the oldest SDK is the floor of the peer range', () => {
  const manifest = (path: string) =>
    JSON.parse(readFileSync(join(packageRoot, path, 'package.json'), 'utf8')) as {
      version: string
      peerDependencies: Record<string, string>
    }
  expect(manifest('.').peerDependencies['@modelcontextprotocol/sdk']).toBe(
    `^${manifest('node_modules/mcp-sdk1.11').version}`,
  )
})
