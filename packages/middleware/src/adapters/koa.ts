import type { ScopedMemory } from '@scoped-memory/core'
import type { Context, Middleware } from 'koa'
import { setDefaultCacheControl } from '../http/node-cache-control.ts'
import { pathOf, toNodeStream, toWebRequest } from '../http/node-web.ts'
import { boundMemory, defineMemory, tryBoundMemory } from '../request-binding.ts'
import { createResolver, type MemoryFor, type MemoryOptions } from '../resolver.ts'
import { memoryRoutes as webRoutes, type MemoryRoutesOptions } from '../your-data/routes.ts'

export { MemoryMiddlewareError, type MemoryMiddlewareErrorCode } from '../errors.ts'
export type { MemoryOptions, ResolvedUserId } from '../resolver.ts'
export type { MemoryRoutesOptions } from '../your-data/routes.ts'

/**
 * Where an app passes `optional: true`, say so to the types: `ctx.memory` may be undefined then.
 *
 * ```ts
 * declare module '@scoped-memory/middleware/koa' {
 *   interface MemoryTypes { optional: true }
 * }
 * ```
 */
export interface MemoryTypes {}

declare module 'koa' {
  interface DefaultContext {
    /** The memory of the user who is signed in. Behind `scopedMemory()`; elsewhere use `tryGetMemory(ctx)`. */
    readonly memory: MemoryFor<MemoryTypes extends { optional: true } ? true : false>
  }
}

/**
 * A middleware of Koa 2 and 3. Binds each request to the user who is signed in and shows that user's memory as
 * `ctx.memory`, which cannot be replaced. Mount it after the login.
 *
 * ```ts
 * app.use(scopedMemory({ client, userId: (ctx) => ctx.session.userId }))
 * ```
 *
 * It throws, for Koa to handle: InvalidUserIdError (status 401) if nobody is signed in, MemoryMiddlewareError if it ran
 * twice with different users or options, ScopedMemoryError `MISSING_API_KEY` without a client and a key, and whatever
 * `userId` throws.
 *
 * @throws InvalidArgumentError and UnsafeBackendError for options that are wrong
 */
export function scopedMemory(options: MemoryOptions<Context>): Middleware {
  const { resolve, cacheControlFor } = createResolver(options)
  return async (ctx, next) => {
    const binding = await resolve(ctx)
    defineMemory(ctx, 'memory', binding.memory)
    setDefaultCacheControl(ctx.res, cacheControlFor(binding))
    await next()
  }
}

/**
 * The memory of the user who is signed in.
 *
 * @throws MemoryMiddlewareError `MEMORY_NOT_MOUNTED` if `scopedMemory()` did not run on this request
 * @throws InvalidUserIdError (status 401) if nobody is signed in, which `optional: true` allows
 */
export function getMemory(ctx: object): ScopedMemory {
  return boundMemory(ctx, 'app.use(scopedMemory({ client, userId: (ctx) => ctx.session.userId }))')
}

/** The memory of the user who is signed in; undefined if nobody is, or if `scopedMemory()` did not run. */
export function tryGetMemory(ctx: object): ScopedMemory | undefined {
  return tryBoundMemory(ctx)
}

/** The "your data" endpoints, behind `scopedMemory()`: `app.use(memoryRoutes({ path: '/memories' }))`. */
export function memoryRoutes(options?: MemoryRoutesOptions): Middleware {
  const routes = webRoutes(options)
  return async (ctx, next) => {
    if (!routes.covers(pathOf(ctx.originalUrl))) return next() as Promise<void>
    const { body: parsedBody } = ctx.request as { body?: unknown }
    const request = toWebRequest(ctx.req, ctx.res, ctx.originalUrl, parsedBody)
    const { status, headers, body } = await routes(request, { memory: getMemory(ctx) })
    ctx.body = body === null ? null : toNodeStream(body)
    ctx.status = status
    headers.forEach((value, name) => ctx.set(name, value))
  }
}
