import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { Hono } from 'hono'
import Koa from 'koa'
import { createInMemoryClient } from '@scoped-memory/core/testing'
import { afterEach, describe, expect, it, vi } from 'vitest'
import * as onExpress from '../src/express.ts'
import * as onHono from '../src/hono.ts'
import * as onKoa from '../src/koa.ts'
import * as onNode from '../src/node.ts'
import { withMemory } from '../src/web.ts'
import { listen } from './servers/server.ts'

const client = createInMemoryClient()
const userId = (): string => 'u_alice'
const incoming = (): IncomingMessage => new IncomingMessage(new Socket())

afterEach(() => void vi.restoreAllMocks())

describe('/koa', () => {
  it('prints nothing for a visit without a login', async () => {
    const printed = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const app = new Koa()
    app.use(onKoa.scopedMemory({ client, userId: () => undefined }))
    const server = await listen(app.callback())
    expect((await fetch(server.url)).status).toBe(401)
    await server.close()
    expect(printed).not.toHaveBeenCalled()
  })
})

describe('/express', () => {
  it('says 401 where Express looks for it, and where NestJS does', async () => {
    const middleware = onExpress.scopedMemory({ client, userId: () => undefined })
    const req = incoming()
    const error = await new Promise((resolve) => middleware(req, new ServerResponse(req), resolve))
    expect(error).toMatchObject({ status: 401, statusCode: 401, code: 'INVALID_USER_ID' })
  })
})

describe('/node', () => {
  it('resolves a request once, however often its memory is asked for', async () => {
    const resolver = vi.fn(userId)
    const memoryOf = onNode.scopedMemory({ client, userId: resolver })
    const req = incoming()
    const memories = await Promise.all([memoryOf(req), memoryOf(req), memoryOf(req)])
    expect(new Set([...memories, await memoryOf(req)]).size).toBe(1)
    expect(resolver).toHaveBeenCalledTimes(1)
    await memoryOf(incoming())
    expect(resolver).toHaveBeenCalledTimes(2)
  })

  it('stays with a failure, too', async () => {
    const resolver = vi.fn().mockRejectedValueOnce(new Error('once')).mockResolvedValue('u_bob')
    const memoryOf = onNode.scopedMemory({ client, userId: resolver })
    const req = incoming()
    await expect(memoryOf(req)).rejects.toThrow('once')
    await expect(memoryOf(req)).rejects.toThrow('once')
  })
})

describe('answers that cannot be changed', () => {
  // Its headers are immutable, as are those of what fetch() brings.
  const answer = (): Response => Response.redirect('https://example.com/', 303)

  it('get their cache-control on a copy in /hono', async () => {
    const app = new Hono()
    app.use(onHono.scopedMemory({ client, userId }))
    app.get('/', answer)
    const { status, headers } = await app.request('/')
    expect([status, headers.get('location')]).toEqual([303, 'https://example.com/'])
    expect(headers.get('cache-control')).toBe('private, no-store')
  })

  it('get their cache-control on a copy in /web', async () => {
    const { status, headers } = await withMemory({ client, userId }, answer)(new Request('http://localhost/'))
    expect([status, headers.get('location')]).toEqual([303, 'https://example.com/'])
    expect(headers.get('cache-control')).toBe('private, no-store')
  })
})
