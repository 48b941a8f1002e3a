import { createAdaptorServer } from '@hono/node-server'
import { getMemory, tryGetMemory, withMemory } from '../../src/adapters/web.ts'
import { memoryRoutes } from '../../src/your-data/routes.ts'
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

type Handler = (request: Request, context?: object) => Promise<Response>

export const webServer: Framework = {
  name: 'web-standard',
  userOf: (request) => login((request as Request).headers.get('authorization')),
  async start({ mounts, routes, outside = {}, before, memoryRoutes: data }) {
    const errors: unknown[] = []
    const handlers = new Map<string, Handler>()
    for (const [path, route] of Object.entries(outside)) handlers.set(path, run(route))
    for (const [path, route] of Object.entries(routes)) {
      let handler = run(route)
      for (const mount of [...mounts].reverse()) handler = withMemory(mount as never, handler)
      handlers.set(path, handler)
    }
    for (const mount of mounts) withMemory(mount as never, () => new Response())
    const dataRoutes = data && memoryRoutes(data)
    let dataHandler = dataRoutes as Handler | undefined
    for (const mount of mounts) dataHandler &&= withMemory(mount as never, dataHandler)
    const handlerOf = (path: string): Handler =>
      handlers.get(path) ??
      (dataRoutes?.covers(path) ? dataHandler! : async () => new Response(null, { status: 404 }))
    const fetch = async (request: Request): Promise<Response> => {
      before?.(request)
      try {
        return await handlerOf(new URL(request.url).pathname)(request)
      } catch (error) {
        errors.push(error)
        return Response.json(described(error), { status: statusOf(error) })
      }
    }
    return { ...(await listen(createAdaptorServer({ fetch }) as never)), errors }
  },
}

const run =
  (route: Route): Handler =>
  async (request, context: { memory?: unknown } = {}) => {
    const headers = new Headers({ 'content-type': 'application/json' })
    const answer = await route({
      request,
      query: new URL(request.url).searchParams,
      header: (name, value) => headers.set(name, value),
      getMemory: () => getMemory(request),
      tryGetMemory: () => tryGetMemory(request),
      property: context.memory,
    })
    return new Response(isPieces(answer) ? streamed(answer) : JSON.stringify(answer ?? null), {
      headers,
    })
  }
