import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2'
import { connect, type AddressInfo } from 'node:net'
import { PassThrough } from 'node:stream'
import { json as parsed } from 'node:stream/consumers'
import { createMemoryFactory } from '@scoped-memory/core'
import { createInMemoryClient } from '@scoped-memory/core/testing'
import express5 from 'express'
import express4 from 'express4'
import fastify from 'fastify'
import { Hono, type Context, type Next } from 'hono'
import Koa from 'koa'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as onExpress from '../src/adapters/express.ts'
import * as onFastify from '../src/adapters/fastify.ts'
import * as onHono from '../src/adapters/hono.ts'
import * as onKoa from '../src/adapters/koa.ts'
import * as onNode from '../src/adapters/node.ts'
import { withMemory } from '../src/adapters/web.ts'
import { memoryRoutes } from '../src/your-data/routes.ts'
import { listen } from './servers/server.ts'

let client = createInMemoryClient()
let id = ''
const userId = (): string => 'u_alice'
const closing: (() => Promise<void>)[] = []
const REQUEST = { method: 'PATCH', headers: { 'content-type': 'application/json' }, body: '{"text":"vegan"}' }

beforeEach(async () => {
  client = createInMemoryClient()
  const memory = createMemoryFactory({ client })('u_alice')
  await memory.add('vegetarian', { infer: false })
  id = (await memory.getAll()).results[0]!.id
})
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const correct = async (url: string, init: RequestInit = REQUEST): Promise<number> =>
  (await fetch(`${url}/memories/${id}`, init)).status
const texts = async (): Promise<unknown[]> =>
  (await createMemoryFactory({ client })('u_alice').getAll()).results.map(({ memory }) => memory)

describe('73 · a body that was read before, on Hono', () => {
  it.each<[string, (c: Context) => Promise<unknown>]>([
    ['text()', (c) => c.req.text()],
    ['json()', (c) => c.req.json()],
    ['arrayBuffer()', (c) => c.req.arrayBuffer()],
    ['blob()', (c) => c.req.blob()],
    ['parseBody()', (c) => c.req.parseBody()],
    ['a clone', (c) => c.req.raw.clone().text()],
  ])('by %s is there for the routes', async (_how, read) => {
    const app = honoApp(read)
    const answer = await app.request(`/memories/${id}`, REQUEST)
    expect([answer.status, await texts()]).toEqual([204, ['vegan']])
    const erased = await app.request('/memories/erase', {
      ...REQUEST,
      method: 'POST',
      body: '{"confirm":true}',
    })
    expect([erased.status, await texts()]).toEqual([200, []])
  })

  it('and not kept is an error that says so', async () => {
    const errors: unknown[] = []
    const app = honoApp((c) => c.req.raw.text())
    app.onError((error, c) => (errors.push(error), c.text('', 500)))
    expect((await app.request(`/memories/${id}`, REQUEST)).status).toBe(500)
    expect(errors).toEqual([expect.objectContaining({ code: 'BODY_TAKEN' })])
  })

  const honoApp = (read: (c: Context) => Promise<unknown>): Hono => {
    const app = new Hono()
    app.use(async (c: Context, next: Next) => {
      await read(c)
      await next()
    })
    app.use(onHono.scopedMemory({ client, userId }))
    app.use(onHono.memoryRoutes())
    return app
  }
})

describe.each([
  ['Express 5', express5],
  ['Express 4', express4],
])('73 · a body that was read before, on %s', (_name, express) => {
  it.each<[string, () => express5.RequestHandler]>([
    ['express.json()', () => express.json()],
    ['express.raw()', () => express.raw({ type: '*/*' })],
    ['express.text()', () => express.text({ type: '*/*' })],
    ['express.urlencoded(), which passes it over', () => express.urlencoded({ extended: true })],
  ])('by %s is there for the routes', async (_how, parser) => {
    const url = await open([parser()])
    expect([await correct(url), await texts()]).toEqual([204, ['vegan']])
  })

  it.each<[string, express5.RequestHandler]>([
    ['nothing', (req, _res, next) => void parsed(req).then(() => next(), next)],
    [
      'what is not JSON',
      (req, _res, next) => void parsed(req).then(() => ((req.body = { size: 1n }), next()), next),
    ],
  ])('and left as %s is an error that says so', async (_how, reader) => {
    const errors: unknown[] = []
    const url = await open([reader], errors)
    expect(await correct(url)).toBe(500)
    expect(errors).toEqual([expect.objectContaining({ code: 'BODY_TAKEN', status: 500 })])
  })

  it('that is null is one without a text', async () => {
    const url = await open([express.json({ strict: false })])
    expect(await correct(url, { ...REQUEST, body: 'null' })).toBe(400)
  })

  it('74 · has no method that cannot be told to a handler', async () => {
    const url = await open([])
    const { request } = await import('node:http')
    const status = await new Promise((resolve) => {
      request(`${url}/memories`, { method: 'TRACE' }, (answer) => resolve(answer.resume().statusCode)).end()
    })
    expect(status).toBe(405)
  })

  const open = async (before: express5.RequestHandler[], errors: unknown[] = []): Promise<string> => {
    const app = express()
    for (const handler of before) app.use(handler)
    app.use(onExpress.scopedMemory({ client, userId }))
    app.use(onExpress.memoryRoutes())
    // eslint-disable-next-line @typescript-eslint/no-unused-vars -- Express tells an error handler by its four parameters
    app.use(((error, _req, res, _next) => {
      errors.push(error)
      res.sendStatus(error.status ?? 500)
    }) as express5.ErrorRequestHandler)
    const server = await listen(app)
    closing.push(server.close)
    return server.url
  }
})

it.each<[string, (ctx: Koa.Context) => Promise<unknown>]>([
  ['koa-bodyparser', async (ctx) => Object.assign(ctx.request, { body: await parsed(ctx.req) })],
  ['koa-bodyparser, which passes it over', async (ctx) => Object.assign(ctx.request, { body: {} })],
  ['a text', async (ctx) => Object.assign(ctx.request, { body: JSON.stringify(await parsed(ctx.req)) })],
])('73 · a body that was read before, on Koa, by %s is there for the routes', async (_how, read) => {
  const app = new Koa()
  app.use(async (ctx, next) => {
    await read(ctx)
    await next()
  })
  app.use(onKoa.scopedMemory({ client, userId }))
  app.use(onKoa.memoryRoutes())
  const server = await listen(app.callback())
  closing.push(server.close)
  expect([await correct(server.url), await texts()]).toEqual([204, ['vegan']])
})

it.each(['string', 'buffer', 'stream'] as const)(
  '73 · a body that a parser of Fastify leaves as a %s is there for the routes',
  async (parseAs) => {
    const app = fastify()
    app.removeAllContentTypeParsers()
    if (parseAs === 'stream') app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    else app.addContentTypeParser('application/json', { parseAs }, (_request, body, done) => done(null, body))
    app.register(onFastify.scopedMemory, { client, userId })
    app.register(onFastify.memoryRoutes)
    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    closing.push(() => app.close())
    expect([await correct(url), await texts()]).toEqual([204, ['vegan']])
  },
)

it('73 · a body of null is one without a text, on Fastify', async () => {
  const app = fastify()
  app.register(onFastify.scopedMemory, { client, userId })
  app.register(onFastify.memoryRoutes)
  const answer = await app.inject({
    method: 'PATCH',
    path: `/memories/${id}`,
    headers: REQUEST.headers,
    body: 'null',
  })
  await app.close()
  expect(answer.statusCode).toBe(400)
})

it('65 · a body that Fastify pipes elsewhere, and that nobody reads to its end, ends the connection', async () => {
  const app = fastify({ bodyLimit: 64 * 1024 * 1024 })
  app.addHook('preParsing', async (_request, _reply, payload) => payload.pipe(new PassThrough()))
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
  app.register(onFastify.scopedMemory, { client, userId })
  app.register(onFastify.memoryRoutes)
  const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }))
  closing.push(() => app.close())
  const socket = connect(Number(port), '127.0.0.1')
  const size = 9 * 1024 * 1024
  socket.write(
    `PATCH /memories/${id} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${size}\r\n\r\n`,
  )
  socket.write(Buffer.alloc(size, 'x'))
  // Keeps the connection waiting for good where it is not closed.
  socket.write('GET /memories HTTP/1.1\r\nhost: localhost\r\n\r\n')
  socket.on('error', () => undefined)
  socket.resume()
  await new Promise((resolve) => socket.on('close', resolve))
})

it('74 · a method in lower case, which HTTP/2 lets through, is not one in upper case', async () => {
  const memoryOf = onNode.scopedMemory({ client, userId })
  const routes = onNode.memoryRoutes()
  const server = createHttp2Server((request, response) => {
    const [req, res] = [request, response] as unknown as [IncomingMessage, ServerResponse]
    memoryOf(req, res)
      .then(() => routes(req, res))
      .catch((error: unknown) => onNode.sendProblem(res, error))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const ask = (method: string): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const stream = session.request({ ':method': method, ':path': '/memories' })
      stream.on('response', (headers) => (stream.close(), resolve(headers[':status'])))
      stream.on('error', reject)
    })
  const methods = ['GET', 'get', 'Get', 'delete', 'trace', 'TRACE']
  expect(await Promise.all(methods.map(ask))).toEqual([200, 405, 405, 405, 405, 405])
  session.destroy()
  await new Promise((resolve) => server.close(resolve))
})

it('73 · a web-standard request that was read before is an error that says how to read a copy', async () => {
  const handler = withMemory({ client, userId }, memoryRoutes())
  const request = new Request(`http://localhost/memories/${id}`, REQUEST)
  await request.text()
  await expect(handler(request)).rejects.toThrow('request.clone()')
  const copied = new Request(`http://localhost/memories/${id}`, REQUEST)
  await copied.clone().text()
  expect((await handler(copied)).status).toBe(204)
})
