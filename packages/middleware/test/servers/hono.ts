import { createAdaptorServer } from '@hono/node-server'
import { Hono, type Context } from 'hono'
import { getMemory, memoryRoutes, scopedMemory, tryGetMemory } from '../../src/adapters/hono.ts'
import {
  described,
  isPieces,
  listen,
  login,
  statusOf,
  streamed,
  type Framework,
  type Route,
} from '../support/server.ts'

export const honoServer: Framework = {
  name: 'Hono 4',
  userOf: (request) => (request as Context).get('user')?.id,
  foreign: (request, value) => (request as Context).set('memory', value),
  async start({ mounts, routes, outside = {}, before, ownErrors, memoryRoutes: data, parsesBodies }) {
    const errors: unknown[] = []
    const app = new Hono<{ Variables: { user: { id: string } } }>()
    if (!ownErrors) {
      app.onError((error, c) => {
        errors.push(error)
        return c.json(described(error), statusOf(error) as 500)
      })
    }
    app.use(async (c, next) => {
      const id = login(c.req.header('authorization'))
      if (id !== undefined) c.set('user', { id })
      before?.(c)
      if (parsesBodies) await c.req.text()
      await next()
    })
    for (const [path, route] of Object.entries(outside)) app.get(path, run(route))
    for (const mount of mounts) app.use(scopedMemory(mount as never))
    for (const [path, route] of Object.entries(routes)) app.get(path, run(route))
    if (data) app.use(memoryRoutes(data))
    return { ...(await listen(createAdaptorServer(app) as never)), errors }
  },
}

const run =
  (route: Route) =>
  async (c: Context): Promise<Response> => {
    const answer = await route({
      request: c,
      query: new URL(c.req.url).searchParams,
      header: (name, value) => c.header(name, value),
      getMemory: () => getMemory(c),
      tryGetMemory: () => tryGetMemory(c),
      get property() {
        return c.var.memory as unknown
      },
      assign: (value) => c.set('memory', value),
    })
    return isPieces(answer) ? c.body(streamed(answer)) : c.json(answer ?? null)
  }
