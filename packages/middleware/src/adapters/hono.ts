import { InvalidUserIdError, type ScopedMemory } from '@scoped-memory/core'
import type { Context, MiddlewareHandler } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { errorResponse } from '../error-response.ts'
import { MemoryMiddlewareError } from '../errors.ts'
import { withDefaultCacheControl } from '../http/web-cache-control.ts'
import { boundMemory, tryBoundMemory, warnReplaced } from '../request-binding.ts'
import { createResolver, type MemoryFor, type MemoryOptions } from '../resolver.ts'
import { memoryRoutes as webRoutes, type MemoryRoutesOptions } from '../your-data/routes.ts'

export { MemoryMiddlewareError, type MemoryMiddlewareErrorCode } from '../errors.ts'
export type { MemoryOptions, ResolvedUserId } from '../resolver.ts'
export type { MemoryRoutesOptions } from '../your-data/routes.ts'

/** The variables of a Hono app behind `scopedMemory()`: `new Hono<{ Variables: MemoryVariables }>()`. */
export interface MemoryVariables<Optional extends boolean = false> {
  /** The memory of the user who is signed in. */
  memory: MemoryFor<Optional>
}

/**
 * A middleware of Hono 4. Binds each request to the user who is signed in and shows that user's memory as
 * `c.var.memory`, which cannot be replaced. Mount it after the login.
 *
 * ```ts
 * app.use(scopedMemory({ client, userId: (c) => c.get('jwtPayload').sub }))
 * ```
 *
 * It throws, for `app.onError`: HTTPException with status 401 and the InvalidUserIdError as its cause if nobody is
 * signed in, MemoryMiddlewareError if it ran twice with different users or options, ScopedMemoryError `MISSING_API_KEY`
 * without a client and a key, and whatever `userId` throws.
 *
 * @throws InvalidArgumentError and UnsafeBackendError for options that are wrong
 */
export function scopedMemory<Optional extends boolean = false>(
  options: MemoryOptions<Context, Optional>,
): MiddlewareHandler<{ Variables: MemoryVariables<Optional> }> {
  const { resolve, cacheControlFor } = createResolver<Context>(options)
  return async (c, next) => {
    const binding = await resolve(c).catch(rethrowForHono)
    setMemory(c, binding.memory)
    await next()
    const response = withDefaultCacheControl(c.res, cacheControlFor(binding))
    if (response !== c.res) c.res = response
  }
}

/**
 * The memory of the user who is signed in.
 *
 * @throws MemoryMiddlewareError `MEMORY_NOT_MOUNTED` if `scopedMemory()` did not run on this request
 * @throws HTTPException (status 401), with the InvalidUserIdError as its cause, if nobody is
 *   signed in, which `optional: true` allows
 */
export function getMemory(c: object): ScopedMemory {
  try {
    return boundMemory(c, "app.use(scopedMemory({ client, userId: (c) => c.get('jwtPayload').sub }))")
  } catch (error) {
    return rethrowForHono(error)
  }
}

/** The memory of the user who is signed in; undefined if nobody is, or if `scopedMemory()` did not run. */
export function tryGetMemory(c: object): ScopedMemory | undefined {
  return tryBoundMemory(c)
}

/** The "your data" endpoints, behind `scopedMemory()`: `app.use(memoryRoutes({ path: '/memories' }))`. */
export function memoryRoutes(options?: MemoryRoutesOptions): MiddlewareHandler {
  const routes = webRoutes(options)
  return async (c, next) =>
    routes.covers(c.req.path) ? routes(await unreadRequest(c), { memory: getMemory(c) }) : next()
}

// Hono keeps the body that a validator or the check of a signature read before.
async function unreadRequest({ req }: Context): Promise<Request> {
  const { raw } = req
  if (!raw.bodyUsed || Object.keys(req.bodyCache).length === 0) return raw
  const { url, method, headers, signal } = raw
  return new Request(url, { method, headers, signal, body: await req.text() })
}

function setMemory(c: Context, memory: ScopedMemory | undefined): void {
  const present: unknown = c.get('memory')
  if (present !== undefined && present !== memory) warnReplaced('memory')
  const set = c.set as (name: string, value: unknown) => void
  set('memory', memory)
  c.set = (name: string, value: unknown) => {
    if (name === 'memory' && value !== memory) {
      throw new MemoryMiddlewareError(
        'c.var.memory is bound to the user who is signed in and cannot be replaced. Give your own variable another name.',
        'MEMORY_TAKEN',
      )
    }
    set(name, value)
  }
}

// Hono responds with an HTTPException by itself where the app has no onError; the reason is its cause.
function rethrowForHono(error: unknown): never {
  if (!(error instanceof InvalidUserIdError)) throw error
  throw new HTTPException(401, {
    message: error.message,
    cause: error,
    res: errorResponse(error),
  })
}
