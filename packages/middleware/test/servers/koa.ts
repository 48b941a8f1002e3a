import { Readable } from 'node:stream'
import { json } from 'node:stream/consumers'
import Koa3, { type Context } from 'koa'
import Koa2 from 'koa2'
import { getMemory, memoryRoutes, scopedMemory, tryGetMemory } from '../../src/adapters/koa.ts'
import {
  described,
  isPieces,
  listen,
  login,
  statusOf,
  type App,
  type Framework,
  type Route,
} from '../support/server.ts'

const onKoa = (name: string, Koa: typeof Koa3): Framework => ({
  name,
  userOf: (request) => (request as Context).state['user']?.id,
  foreign: (request, value) => Object.assign(request, { memory: value }),
  async start({ mounts, routes, outside = {}, before, ownErrors, memoryRoutes: data, parsesBodies }: App) {
    const errors: unknown[] = []
    const app = new Koa()
    app.on('error', (error) => errors.push(error))
    if (!ownErrors) {
      app.use(async (ctx, next) => {
        try {
          await next()
        } catch (error) {
          errors.push(error)
          ctx.status = statusOf(error)
          ctx.body = described(error)
        }
      })
    }
    app.use((ctx, next) => {
      const id = login(ctx.get('authorization'))
      if (id !== undefined) ctx.state['user'] = { id }
      before?.(ctx)
      return next()
    })
    // As koa-bodyparser and koa-body leave it.
    if (parsesBodies) {
      app.use(async (ctx, next) => {
        if (ctx.is('json')) Object.assign(ctx.request, { body: await json(ctx.req) })
        await next()
      })
    }
    app.use(run(outside))
    for (const mount of mounts) app.use(scopedMemory(mount as never))
    app.use(run(routes))
    if (data) app.use(memoryRoutes(data))
    return { ...(await listen(app.callback())), errors }
  },
})

export const koaServers = [onKoa('Koa 3', Koa3), onKoa('Koa 2', Koa2)]

const run =
  (routes: Readonly<Record<string, Route>>): Koa3.Middleware =>
  async (ctx, next) => {
    const route = routes[ctx.path]
    if (route === undefined) return next()
    const answer = await route({
      request: ctx,
      query: ctx.URL.searchParams,
      header: (name, value) => ctx.set(name, value),
      getMemory: () => getMemory(ctx),
      tryGetMemory: () => tryGetMemory(ctx),
      get property() {
        return ctx.memory
      },
      assign: (value) => Object.assign(ctx, { memory: value }),
    })
    if (isPieces(answer)) {
      ctx.body = Readable.from(answer)
    } else {
      ctx.body = JSON.stringify(answer ?? null)
      ctx.type = 'json'
    }
  }
