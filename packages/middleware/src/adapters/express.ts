import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ScopedMemory } from '@scoped-memory/core'
import { setDefaultCacheControl } from '../http/node-cache-control.ts'
import { pathOf, respondWith, targetOf } from '../http/node-web.ts'
import { boundMemory, defineMemory, tryBoundMemory } from '../request-binding.ts'
import { createResolver, type MemoryFor, type MemoryOptions } from '../resolver.ts'
import { memoryRoutes as webRoutes, type MemoryRoutesOptions } from '../your-data/routes.ts'

export { MemoryMiddlewareError, type MemoryMiddlewareErrorCode } from '../errors.ts'
export type { MemoryOptions, ResolvedUserId } from '../resolver.ts'
export type { MemoryRoutesOptions } from '../your-data/routes.ts'

/**
 * Where an app passes `optional: true`, say so to the types: `req.memory` may be undefined then.
 *
 * ```ts
 * declare module '@scoped-memory/middleware/express' {
 *   interface MemoryTypes { optional: true }
 * }
 * ```
 */
export interface MemoryTypes {}

declare global {
  namespace Express {
    interface Request {
      /** The memory of the user who is signed in. Behind `scopedMemory()`; elsewhere use `tryGetMemory(req)`. */
      readonly memory: MemoryFor<MemoryTypes extends { optional: true } ? true : false>
    }
  }
}

// The comment goes into the declarations: an app on Connect or plain Node has no types of Express, and there the import
// has to be `any` rather than an error of its build.
// eslint-disable-next-line @typescript-eslint/ban-ts-comment -- whether there is an error depends on what is installed
/** @ts-ignore */
type RequestOfExpress = import('express').Request
/** What `userId` is called with: Express's own request where its types are installed, else Node's. */
type RequestToResolve = [0] extends [RequestOfExpress]
  ? IncomingMessage & Express.Request // 0 fits nothing but `any`
  : RequestOfExpress

/** A middleware of Express 4 and 5, Connect and NestJS on Express. */
export type MemoryMiddleware = (
  req: IncomingMessage,
  res: ServerResponse,
  next: (error?: unknown) => void,
) => void

/**
 * Binds each request to the user who is signed in and shows that user's memory as `req.memory`, which cannot be
 * replaced. Mount it after the login.
 *
 * ```ts
 * app.use(scopedMemory({ client, userId: (req) => req.user?.id }))
 * ```
 *
 * Errors go to `next(error)`: InvalidUserIdError (status 401) if nobody is signed in, MemoryMiddlewareError if it ran
 * twice with different users or options, ScopedMemoryError `MISSING_API_KEY` without a client and a key, and whatever
 * `userId` throws.
 *
 * @throws InvalidArgumentError and UnsafeBackendError for options that are wrong
 */
export function scopedMemory<Request extends IncomingMessage = RequestToResolve>(
  options: MemoryOptions<Request>,
): MemoryMiddleware {
  const { resolve, cacheControlFor } = createResolver(options)
  const attach = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const binding = await resolve(req as Request)
    defineMemory(req, 'memory', binding.memory)
    setDefaultCacheControl(res, cacheControlFor(binding))
  }
  return (req, res, next) => {
    attach(req, res)
      .then(() => next())
      .catch(next)
      .catch(disconnect(res))
  }
}

/**
 * The memory of the user who is signed in.
 *
 * @throws MemoryMiddlewareError `MEMORY_NOT_MOUNTED` if `scopedMemory()` did not run on this request
 * @throws InvalidUserIdError (status 401) if nobody is signed in, which `optional: true` allows
 */
export function getMemory(req: object): ScopedMemory {
  return boundMemory(req, 'app.use(scopedMemory({ client, userId: (req) => req.user?.id }))')
}

/** The memory of the user who is signed in; undefined if nobody is, or if `scopedMemory()` did not run. */
export function tryGetMemory(req: object): ScopedMemory | undefined {
  return tryBoundMemory(req)
}

/** The "your data" endpoints, behind `scopedMemory()`: `app.use(memoryRoutes({ path: '/memories' }))`. */
export function memoryRoutes(options?: MemoryRoutesOptions): MemoryMiddleware {
  const routes = webRoutes(options)
  return (req, res, next) => {
    if (!routes.covers(pathOf(targetOf(req)))) return next()
    respondWith(req, res, async (request) => routes(request, { memory: getMemory(req) }))
      .catch(next)
      .catch(disconnect(res))
  }
}

// Express does the same for a synchronous handler: what next() throws goes to next(error). What that throws in turn ends
// this request, not the process.
function disconnect(res: ServerResponse): (error: Error) => void {
  return (error) => {
    console.error(error)
    res.destroy()
  }
}
