import type { ScopedMemory } from '@scoped-memory/core'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { hideError, mayBeServerError } from '../error-response.ts'
import { setDefaultCacheControl } from '../http/node-cache-control.ts'
import { toWebRequest } from '../http/node-web.ts'
import { boundMemory, defineMemory, tryBoundMemory } from '../request-binding.ts'
import { createResolver, type MemoryFor, type MemoryOptions } from '../resolver.ts'
import { DEFAULT_PATH } from '../your-data/options.ts'
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
 * that user's memory as `request.memory`, which cannot be replaced. It runs as a `preHandler` hook, so the login may run
 * in any hook before that.
 *
 * ```ts
 * app.register(scopedMemory, { client, userId: (request) => request.user?.id })
 * ```
 *
 * A request fails with InvalidUserIdError (status 401) if nobody is signed in, MemoryMiddlewareError if it ran twice with
 * different users or options, ScopedMemoryError `MISSING_API_KEY` without a client and a key, and whatever `userId`
 * throws. Fastify's default error handler sends messages: where the app has none of its own, an error of status 500 or
 * more is the cause of a MemoryMiddlewareError `MEMORY_FAILED`. The registration fails with InvalidArgumentError or
 * UnsafeBackendError for options that are wrong.
 */
export const scopedMemory: FastifyPluginAsync<MemoryOptions<FastifyRequest>> = async (fastify, options) => {
  const { resolve, cacheControlFor } = createResolver(options)
  if (!fastify.hasRequestDecorator('memory')) fastify.decorateRequest('memory')
  fastify.addHook('preHandler', async (request, reply) => {
    const binding = await resolve(request).catch(rethrowHidden(request))
    defineMemory(request, 'memory', binding.memory)
    setDefaultCacheControl(reply.raw, cacheControlFor(binding))
  })
}

// As fastify-plugin does it: the hook belongs to the instance it is registered on, not to one of its own.
Object.assign(scopedMemory, {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: '@scoped-memory/middleware',
  [Symbol.for('plugin-meta')]: { name: '@scoped-memory/middleware', fastify: '5.x' },
})

/**
 * The memory of the user who is signed in.
 *
 * @throws MemoryMiddlewareError `MEMORY_NOT_MOUNTED` if `scopedMemory` did not run on this request
 * @throws InvalidUserIdError (status 401) if nobody is signed in, which `optional: true` allows
 */
export function getMemory(request: object): ScopedMemory {
  return boundMemory(request, 'app.register(scopedMemory, { client, userId: (request) => request.user?.id })')
}

/** The memory of the user who is signed in; undefined if nobody is, or if `scopedMemory` did not run. */
export function tryGetMemory(request: object): ScopedMemory | undefined {
  return tryBoundMemory(request)
}

/**
 * The "your data" endpoints, where `scopedMemory` is registered too: `app.register(memoryRoutes, { path: '/memories' })`.
 * The prefix of the instance goes before the path.
 */
export const memoryRoutes: FastifyPluginAsync<MemoryRoutesOptions> = async (
  fastify,
  { path = DEFAULT_PATH, origins },
) => {
  const routes = webRoutes({ path: fastify.prefix + path, origins })
  const respond = async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const handle = async (): Promise<Response> =>
      routes(toWebRequest(request.raw, reply.raw, request.originalUrl, request.body), {
        memory: getMemory(request),
      })
    return reply.send(await handle().catch(rethrowHidden(request)))
  }
  fastify.all(path, respond)
  fastify.all(`${path}/*`, respond)
}

// Fastify sends the message of an error, unless the app has an error handler of its own; that gets the error as it is.
function rethrowHidden({ server }: FastifyRequest): (error: unknown) => never {
  return (error) => {
    const isSent = server.errorHandler.name === 'defaultErrorHandler' && mayBeServerError(error)
    throw isSent ? hideError(error) : error
  }
}
