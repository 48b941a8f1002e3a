import connect from 'connect'
import { json } from 'express'
import { memoryRoutes, scopedMemory } from '../../src/adapters/express.ts'
import { exchange, send } from './express.ts'
import { described, listen, login, statusOf, type Framework, type Route } from '../support/server.ts'

export const connectServer: Framework = {
  name: 'Connect 3',
  userOf: (request) => (request as { user?: { id: string } }).user?.id,
  foreign: (request, value) => Object.assign(request, { memory: value }),
  async start({ mounts, routes, outside = {}, before, ownErrors, memoryRoutes: data, parsesBodies }) {
    const errors: unknown[] = []
    const app = connect()
    if (parsesBodies) app.use(json())
    app.use((req: object, _res: unknown, next: () => void) => {
      const id = login((req as connect.IncomingMessage).headers.authorization)
      if (id !== undefined) Object.assign(req, { user: { id } })
      before?.(req)
      next()
    })
    app.use(run(outside))
    for (const mount of mounts) app.use(scopedMemory(mount))
    app.use(run(routes))
    if (data) app.use(memoryRoutes(data))
    const onError: connect.ErrorHandleFunction = (error, _req, res, next) => {
      errors.push(error)
      if (ownErrors || res.headersSent) return next(error)
      res.statusCode = statusOf(error)
      send(res, described(error))
    }
    app.use(onError)
    return { ...(await listen(app)), errors }
  },
}

const run =
  (routes: Readonly<Record<string, Route>>): connect.NextHandleFunction =>
  (req, res, next) => {
    const route = routes[new URL(req.url!, 'http://localhost').pathname]
    if (route === undefined) return next()
    route(exchange(req, res)).then((answer) => send(res, answer), next)
  }
