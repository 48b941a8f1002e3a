import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { InvalidArgumentError } from '../../src/index.ts'
import { startMcpServer } from '../../src/tools/index.ts'
import { openHosted } from '../support/back-ends.ts'
import { attemptsToReach } from './scripted-model.ts'

describe('startMcpServer', () => {
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
        fileURLToPath(new URL('serve-memory.ts', import.meta.url)),
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
  afterAll(() => hosted.close())

  const call = async (name: string, input: object) => {
    const { content, isError } = await client.callTool({ name, arguments: input as Record<string, unknown> })
    return { text: (content as { text: string }[]).map(({ text }) => text).join(), isError }
  }

  it('lists the four tools, with what they do to the memory', async () => {
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
      // The protocol itself knows arguments as objects only.
      if (typeof input !== 'object' || Array.isArray(input)) continue
      const { text } = await call(name, input!)
      expect(text).not.toContain('4711')
    }
    expect(hosted.platform.store.ofUser('u_bob').map(({ text }) => text)).toEqual(['BOBS SECRET is 4711'])
  })

  it('keeps standard output for the protocol', () => {
    expect(errors).toEqual([])
    expect(log).toContain('a line that is not of the protocol')
    expect(log).toContain('[INFO] nor this one')
  })

  it('ends when its client goes', async () => {
    const pid = transport.pid!
    await client.close()
    expect(() => process.kill(pid, 0)).toThrow()
    expect(log).toContain('closed')
  })

  it('takes a handle only', async () => {
    await expect(startMcpServer(hosted.client as never)).rejects.toThrow(InvalidArgumentError)
  })
})
