import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import express5, { type Express, type Request, type Response } from 'express'
import express4 from 'express4'
import { getMemory, memoryRoutes, scopedMemory, tryGetMemory } from '../../src/adapters/express.ts'
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

type SignedIn = IncomingMessage & { user?: { id: string } }

const onExpress = (name: string, express: (() => Express) & { json: typeof express5.json }): Framework => ({
  name,
  userOf: (request) => (request as SignedIn).user?.id,
  foreign: (request, value) => Object.assign(request, { memory: value }),
  async start({ mounts, routes, outside = {}, before, ownErrors, memoryRoutes: data, parsesBodies }: App) {
    const errors: unknown[] = []
    const app = express()
    app.set('env', 'test')
    if (parsesBodies) app.use(express.json())
    app.use((req, _res, next) => {
      const id = login(req.headers.authorization)
      if (id !== undefined) Object.assign(req, { user: { id } })
      before?.(req)
      next()
    })
    for (const [path, route] of Object.entries(outside)) app.all(path, run(route))
    for (const mount of mounts) app.use(scopedMemory(mount))
    for (const [path, route] of Object.entries(routes)) app.all(path, run(route))
    if (data) app.use(memoryRoutes(data))
    app.use((error: unknown, _req: Request, res: Response, next: (error: unknown) => void) => {
      errors.push(error)
      if (ownErrors || res.headersSent) next(error)
      else res.status(statusOf(error)).json(described(error))
    })
    return { ...(await listen(app)), errors }
  },
})

export const expressServers = [onExpress('Express 5', express5), onExpress('Express 4', express4)]

const run =
  (route: Route) =>
  (req: Request, res: Response, next: (error: unknown) => void): void => {
    route(exchange(req, res)).then((answer) => send(res, answer), next)
  }

export function exchange(
  req: IncomingMessage & { memory?: unknown; originalUrl?: string | undefined },
  res: ServerResponse,
) {
  return {
    request: req,
    query: new URL(req.originalUrl ?? req.url ?? '/', 'http://localhost').searchParams,
    header: (name: string, value: string) => void res.setHeader(name, value),
    getMemory: () => getMemory(req),
    tryGetMemory: () => tryGetMemory(req),
    get property() {
      return req.memory
    },
    assign: (value: unknown) => {
      req.memory = value
    },
  }
}

export function send(res: ServerResponse, answer: unknown): void {
  if (isPieces(answer)) Readable.from(answer).pipe(res)
  else res.setHeader('content-type', 'application/json').end(JSON.stringify(answer ?? null))
}
