// One server per way of using memory, all of one framework, in their own process. Prints their URLs as JSON.
//     node --import tsx test/bench/middleware-servers.ts <framework> <url of the platform>
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer, getRequestListener } from '@hono/node-server'
import type { ScopedMemory } from '@scoped-memory/core'
import * as onExpress from '@scoped-memory/middleware/express'
import * as onFastify from '@scoped-memory/middleware/fastify'
import * as onHono from '@scoped-memory/middleware/hono'
import * as onKoa from '@scoped-memory/middleware/koa'
import * as onNode from '@scoped-memory/middleware/node'
import { withMemory } from '@scoped-memory/middleware/web'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import { MemoryClient } from 'mem0ai'

/** How a route uses memory. `mounted` has the middleware in front but uses no memory; `none` has neither. */
export type Way = 'middleware' | 'by hand' | 'mounted' | 'none'
export const WAYS: readonly Way[] = ['middleware', 'by hand', 'mounted', 'none']

type Listener = (req: IncomingMessage, res: ServerResponse) => unknown

const [, , framework = '', platform = ''] = process.argv
const client = new MemoryClient({ apiKey: 'm0-bench', host: platform })
const userId = (request: object): string | undefined => (request as { user?: { id: string } }).user?.id

const searched = async (memory: ScopedMemory): Promise<unknown> =>
  (await memory.search('note')).results.length
// As a team without a library writes it.
const searchedByHand = async (id: string): Promise<unknown> =>
  ((await client.search('note', { filters: { AND: [{ user_id: id }] } })) as { results: unknown[] }).results
    .length
const CONSTANT_RESPONSE = 0

const frameworks: Record<string, (way: Way) => Listener | Promise<Listener>> = {
  express(way) {
    const app = express()
    app.use((req, _res, next) => {
      Object.assign(req, { user: { id: 'u_alice' } })
      next()
    })
    if (way === 'middleware' || way === 'mounted') app.use(onExpress.scopedMemory({ client, userId }))
    if (way === 'middleware') app.get('/', async (req, res) => void res.json(await searched(req.memory)))
    else if (way === 'by hand')
      app.get('/', async (req, res) => void res.json(await searchedByHand(userId(req)!)))
    else app.get('/', (_req, res) => void res.json(CONSTANT_RESPONSE))
    return app
  },
  koa(way) {
    const app = new Koa()
    app.use((ctx, next) => {
      ctx.state['user'] = { id: 'u_alice' }
      return next()
    })
    if (way === 'middleware' || way === 'mounted') {
      app.use(onKoa.scopedMemory({ client, userId: (ctx) => userId(ctx.state) }))
    }
    app.use(async (ctx) => {
      if (way === 'middleware') ctx.body = { found: await searched(ctx.memory) }
      else if (way === 'by hand') ctx.body = { found: await searchedByHand(userId(ctx.state)!) }
      else ctx.body = { found: CONSTANT_RESPONSE }
    })
    return app.callback()
  },
  async fastify(way) {
    const app = fastify()
    app.decorateRequest('user')
    app.addHook('onRequest', async (request) => void Object.assign(request, { user: { id: 'u_alice' } }))
    if (way === 'middleware' || way === 'mounted') app.register(onFastify.scopedMemory, { client, userId })
    if (way === 'middleware') app.get('/', async (request) => ({ found: await searched(request.memory) }))
    else if (way === 'by hand')
      app.get('/', async (request) => ({ found: await searchedByHand(userId(request)!) }))
    else app.get('/', async () => ({ found: CONSTANT_RESPONSE }))
    await app.ready()
    return (req, res) => app.routing(req, res)
  },
  hono(way) {
    const app = new Hono<{ Variables: onHono.MemoryVariables & { user: { id: string } } }>()
    app.use((c, next) => {
      c.set('user', { id: 'u_alice' })
      return next()
    })
    if (way === 'middleware' || way === 'mounted') {
      app.use(onHono.scopedMemory({ client, userId: (c) => userId(c.var) }))
    }
    if (way === 'middleware') app.get('/', async (c) => c.json(await searched(c.var.memory)))
    else if (way === 'by hand') app.get('/', async (c) => c.json(await searchedByHand(c.var.user.id)))
    else app.get('/', (c) => c.json(CONSTANT_RESPONSE))
    return createAdaptorServer(app).listeners('request')[0] as Listener
  },
  web(way) {
    const options = { client, userId: (): string => 'u_alice' }
    const handlers: Record<Way, (request: Request) => Response | Promise<Response>> = {
      middleware: withMemory(options, async (_request, { memory }) => Response.json(await searched(memory))),
      'by hand': async () => Response.json(await searchedByHand('u_alice')),
      mounted: withMemory(options, () => Response.json(CONSTANT_RESPONSE)),
      none: () => Response.json(CONSTANT_RESPONSE),
    }
    return getRequestListener(handlers[way])
  },
  node(way) {
    const memoryOf = onNode.scopedMemory({ client, userId: () => 'u_alice' })
    const listeners: Record<Way, Listener> = {
      middleware: async (req, res) => res.end(String(await searched(await memoryOf(req, res)))),
      'by hand': async (_req, res) => res.end(String(await searchedByHand('u_alice'))),
      mounted: async (req, res) => {
        await memoryOf(req, res)
        res.end(String(CONSTANT_RESPONSE))
      },
      none: (_req, res) => res.end(String(CONSTANT_RESPONSE)),
    }
    return listeners[way]
  },
}

const urls: Record<string, string> = {}
for (const way of WAYS) {
  const server = createServer(await frameworks[framework]!(way))
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  urls[way] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
console.log(JSON.stringify(urls))
