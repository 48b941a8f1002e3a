import type { ScopedMemory } from '@scoped-memory/core'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { concealed, isServerFault } from '../errors.ts'
import { defaultCacheControl } from '../http/cache-control.ts'
import { toWebRequest } from '../http/node-web.ts'
import { bindingOf, boundMemory, expose } from '../request-binding.ts'
import { createResolver, type MemoryFor, type MemoryOptions } from '../resolver.ts'
import { memoryRoutes as webRoutes, type MemoryRoutesOptions } from '../your-data/routes.ts'

export { MemoryMiddlewareError, type MemoryMiddlewareErrorCode } from '../errors.ts'
export type { MemoryOptions, ResolvedUserId } from '../resolver.ts'
export type { MemoryRoutesOptions } from '../your-data/routes.ts'

/**
 * Where an app passes `optional: true`, say so to the types: `request.memory` may be undefined then.
 *
 * ```ts
 * declare module '@scoped-memory/middleware/fastify' {
 *   interface MemoryTypes { optional: true }
 * }
 * ```
 */
export interface MemoryTypes {}

declare module 'fastify' {
  interface FastifyRequest {
    /** The memory of the user who is signed in. Behind `scopedMemory`; elsewhere use `tryGetMemory(request)`. */
    readonly memory: MemoryFor<MemoryTypes extends { optional: true } ? true : false>
  }
}

/**
 * A plugin of Fastify 5. Binds each request of the instance it is registered on to the user who is signed in and shows
 * that user's memory as `request.memory`, which cannot be replaced. It runs as `preHandler`, so the login may be any
 * hook before that.
 *
 * ```ts
 * app.register(scopedMemory, { client, userId: (request) => request.user?.id })
 * ```
 *
 * A request fails with InvalidUserIdError (status 401) when nobody is signed in, with MemoryMiddlewareError when it ran
 * twice and came to different users or options, with whatever `userId` throws; without a client, and without
 * `MEM0_API_KEY`, with ScopedMemoryError `MISSING_API_KEY`. Where the app has no error handler of its own, whose default
 * sends messages, an error of status 500 or more is the cause of a MemoryMiddlewareError `MEMORY_FAILED`. The registration
 * fails with InvalidArgumentError or UnsafeBackendError for options that are wrong.
 */
export const scopedMemory: FastifyPluginAsync<MemoryOptions<FastifyRequest>> = async (fastify, options) => {
  const { resolve, cacheControlOf } = createResolver(options)
  if (!fastify.hasRequestDecorator('memory')) fastify.decorateRequest('memory')
  fastify.addHook('preHandler', async (request, reply) => {
    const binding = await resolve(request).catch(rethrowConcealed(request))
    expose(request, 'memory', binding)
    defaultCacheControl(reply.raw, cacheControlOf(binding))
  })
}

// What the package fastify-plugin does: the hook is for the instance it is registered on, not for one of its own.
Object.assign(scopedMemory, {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: '@scoped-memory/middleware',
  [Symbol.for('plugin-meta')]: { name: '@scoped-memory/middleware', fastify: '5.x' },
})

/**
 * The memory of the user who is signed in.
 *
 * @throws MemoryMiddlewareError `MEMORY_NOT_MOUNTED` when `scopedMemory` did not run on this request
 * @throws InvalidUserIdError (status 401) when it is optional and nobody is signed in
 */
export function getMemory(request: object): ScopedMemory {
  return boundMemory(request, 'app.register(scopedMemory, { client, userId: (request) => request.user?.id })')
}

/** The memory of the user who is signed in; undefined when nobody is, or when `scopedMemory` did not run. */
export function tryGetMemory(request: object): ScopedMemory | undefined {
  return bindingOf(request)?.memory
}

/**
 * The "your data" endpoints, where `scopedMemory` is registered too: `app.register(memoryRoutes, { path: '/memories' })`.
 * A prefix of the instance comes before the path.
 */
export const memoryRoutes: FastifyPluginAsync<MemoryRoutesOptions> = async (
  fastify,
  { path = '/memories', origins },
) => {
  const routes = webRoutes({ path: fastify.prefix + path, origins })
  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const handle = async (): Promise<Response> =>
      routes(toWebRequest(request.raw, reply.raw, request.originalUrl, request.body), {
        memory: getMemory(request),
      })
    return reply.send(await handle().catch(rethrowConcealed(request)))
  }
  fastify.all(path, answer)
  fastify.all(`${path}/*`, answer)
}

// Fastify sends the message of an error, unless the app has a handler of its own for errors, which gets it as it is.
function rethrowConcealed({ server }: FastifyRequest): (error: unknown) => never {
  return (error) => {
    const isSent = server.errorHandler.name === 'defaultErrorHandler' && isServerFault(error)
    throw isSent ? concealed(error) : error
  }
}
