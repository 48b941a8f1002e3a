import type { IncomingMessage, ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { json } from 'express'
import { getMemory, memoryRoutes, scopedMemory, sendProblem, tryGetMemory } from '../../src/adapters/node.ts'
import { exchange, send } from './express.ts'
import { described, listen, login, statusOf, type Framework } from '../support/server.ts'

const parse = json() as (req: unknown, res: unknown, done: (error?: unknown) => void) => void

export const nodeServer: Framework = {
  name: 'node:http',
  userOf: (request) => login((request as IncomingMessage).headers.authorization),
  async start({ mounts, routes, outside = {}, before, ownErrors, memoryRoutes: data, parsesBodies }) {
    const errors: unknown[] = []
    const resolvers = mounts.map((mount) => scopedMemory(mount as never))
    const dataRoutes = memoryRoutes(data)
    const answer = async (req: IncomingMessage, res: ServerResponse): Promise<unknown> => {
      before?.(req)
      if (parsesBodies) await promisify<unknown, unknown>(parse)(req, res)
      const { pathname } = new URL(req.url!, 'http://localhost')
      const outer = outside[pathname]
      let memory: unknown
      if (outer === undefined) for (const memoryOf of resolvers) memory = await memoryOf(req, res)
      if (data && (await dataRoutes(req, res))) return
      const route = outer ?? routes[pathname]
      if (route === undefined) return res.writeHead(404).end()
      return route({
        request: req,
        query: exchange(req, res).query,
        header: (name, value) => void res.setHeader(name, value),
        getMemory: () => getMemory(req),
        tryGetMemory: () => tryGetMemory(req),
        property: memory,
      })
    }
    const listener = (req: IncomingMessage, res: ServerResponse): void => {
      answer(req, res).then(
        (value) => void (res.writableEnded || send(res, value)),
        (error: unknown) => {
          errors.push(error)
          if (ownErrors) return sendProblem(res, error)
          res.writeHead(statusOf(error), { 'content-type': 'application/json' })
          res.end(JSON.stringify(described(error)))
        },
      )
    }
    return { ...(await listen(listener)), errors }
  },
}
