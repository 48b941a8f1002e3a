import { Readable } from 'node:stream'
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { getMemory, memoryRoutes, scopedMemory, tryGetMemory } from '../../src/adapters/fastify.ts'
import { described, isPieces, login, statusOf, type Framework, type Route } from '../support/server.ts'

export const fastifyServer: Framework = {
  name: 'Fastify 5',
  userOf: (request) => (request as { user?: { id: string } }).user?.id,
  foreign: (request, value) => Object.assign(request, { memory: value }),
  async start({ mounts, routes, outside = {}, before, ownErrors, memoryRoutes: data }) {
    const errors: unknown[] = []
    const app = fastify()
    if (!ownErrors) {
      app.setErrorHandler((error, _request, reply) => {
        errors.push(error)
        return reply.code(statusOf(error)).send(described(error))
      })
    }
    app.addHook('onRequest', async (request) => {
      const id = login(request.headers.authorization)
      if (id !== undefined) Object.assign(request, { user: { id } })
    })
    app.addHook('preValidation', async (request) => before?.(request))
    app.register(async (inside) => {
      for (const mount of mounts) inside.register(scopedMemory, mount as never)
      if (data) inside.register(memoryRoutes, data)
      serve(inside, routes)
    })
    serve(app, outside)
    const address = await app.listen({ port: 0, host: '127.0.0.1' })
    return {
      url: address,
      errors,
      async close() {
        app.server.closeAllConnections()
        await app.close()
      },
    }
  },
}

function serve(app: FastifyInstance, routes: Readonly<Record<string, Route>>): void {
  for (const [path, route] of Object.entries(routes)) {
    app.get(path, async (request: FastifyRequest, reply) => {
      const answer = await route({
        request,
        query: new URL(request.url, 'http://localhost').searchParams,
        header: (name, value) => void reply.header(name, value),
        getMemory: () => getMemory(request),
        tryGetMemory: () => tryGetMemory(request),
        get property() {
          return request.memory
        },
        assign: (value) => Object.assign(request, { memory: value }),
      })
      if (isPieces(answer)) return reply.send(Readable.from(answer))
      return reply.type('application/json').send(JSON.stringify(answer ?? null))
    })
  }
}
