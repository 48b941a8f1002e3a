import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { createInMemoryClient } from '@scoped-memory/core/testing'
import { Hono } from 'hono'
import Koa from 'koa'
import { afterEach, describe, expect, it, vi } from 'vitest'
import * as onExpress from '../src/adapters/express.ts'
import * as onHono from '../src/adapters/hono.ts'
import * as onKoa from '../src/adapters/koa.ts'
import * as onNode from '../src/adapters/node.ts'
import { withMemory } from '../src/adapters/web.ts'
import { listen } from './servers/server.ts'

const client = createInMemoryClient()
const userId = (): string => 'u_alice'
const incoming = (): IncomingMessage => new IncomingMessage(new Socket())

afterEach(() => void vi.restoreAllMocks())

describe('/koa', () => {
  it('prints nothing for a visit without a login', async () => {
    const printed = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    for (const optional of [false, true]) {
      const app = new Koa()
      app.use(onKoa.scopedMemory({ client, optional, userId: () => undefined }))
      app.use(onKoa.memoryRoutes())
      app.use((ctx) => onKoa.getMemory(ctx))
      const server = await listen(app.callback())
      for (const path of ['/', '/memories']) expect((await fetch(server.url + path)).status).toBe(401)
      await server.close()
    }
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

  const failure = new Error('the next handler failed')
  const middlewares: [string, onExpress.MemoryMiddleware][] = [
    ['scopedMemory()', onExpress.scopedMemory({ client, userId: () => undefined })],
    ['scopedMemory() with a user', onExpress.scopedMemory({ client, userId })],
    ['memoryRoutes()', onExpress.memoryRoutes()],
  ]

  it.each(middlewares)(
    '64 · what next() throws behind %s ends one request, not the process',
    async (_what, run) => {
      const printed = vi.spyOn(console, 'error').mockImplementation(() => undefined)
      const req = Object.assign(incoming(), { url: '/memories', method: 'GET' })
      const res = new ServerResponse(req)
      const next = vi.fn(() => {
        throw failure
      })
      run(req, res, next)
      await vi.waitFor(() => expect(res.destroyed).toBe(true))
      expect(next).toHaveBeenLastCalledWith(expect.any(Error))
      expect(printed).toHaveBeenCalledExactlyOnceWith(failure)
    },
  )

  it('hands what next() throws to next(error), as Express does with a handler that is not asynchronous', async () => {
    const req = incoming()
    const handed = await new Promise((resolve) =>
      onExpress.scopedMemory({ client, userId })(req, new ServerResponse(req), (error) => {
        if (error === undefined) throw failure
        resolve(error)
      }),
    )
    expect(handed).toBe(failure)
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
