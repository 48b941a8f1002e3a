import { InvalidUserIdError, type ScopedMemory } from '@scoped-memory/core'
import { errorResponse } from '../error-response.ts'
import { withDefaultCacheControl } from '../http/web-cache-control.ts'
import { boundMemory, tryBoundMemory } from '../request-binding.ts'
import { createResolver, type MemoryFor, type MemoryOptions } from '../resolver.ts'

export { MemoryMiddlewareError, type MemoryMiddlewareErrorCode } from '../errors.ts'
export type { MemoryOptions, ResolvedUserId } from '../resolver.ts'

/**
 * Makes a handler of web-standard requests that gets the memory of the user who is signed in: for Next.js route
 * handlers, Bun, Deno and workers. Whatever else the runtime passes comes after the two.
 *
 * ```ts
 * export const GET = withMemory({ client, userId }, async (request, { memory }) =>
 *   Response.json(await memory.getAll()),
 * )
 * ```
 *
 * If nobody is signed in it responds with 401 and problem JSON, and does not call the handler. It rejects, for the
 * runtime to handle, with MemoryMiddlewareError if it ran twice with different users or options, ScopedMemoryError
 * `MISSING_API_KEY` without a client and a key, and whatever `userId` or the handler throws.
 *
 * @throws InvalidArgumentError and UnsafeBackendError for options that are wrong
 */
export function withMemory<
  WebRequest extends Request = Request,
  Rest extends unknown[] = [],
  Optional extends boolean = false,
>(
  options: MemoryOptions<WebRequest, Optional>,
  handler: (
    request: WebRequest,
    context: { readonly memory: MemoryFor<Optional> },
    ...rest: Rest
  ) => Response | Promise<Response>,
): (request: WebRequest, ...rest: Rest) => Promise<Response> {
  const { resolve, cacheControlFor } = createResolver<WebRequest>(options)
  return async (request, ...rest) => {
    const binding = await resolve(request).catch(unauthorized)
    if (binding instanceof Response) return binding
    const response = await handler(request, { memory: binding.memory as MemoryFor<Optional> }, ...rest)
    return withDefaultCacheControl(response, cacheControlFor(binding))
  }
}

/**
 * The memory of the user who is signed in, where only the request is at hand.
 *
 * @throws MemoryMiddlewareError `MEMORY_NOT_MOUNTED` if `withMemory()` did not run on this request
 * @throws InvalidUserIdError (status 401) if nobody is signed in, which `optional: true` allows
 */
export function getMemory(request: object): ScopedMemory {
  return boundMemory(request, 'export const GET = withMemory({ client, userId: (request) => … }, handler)')
}

/** The memory of the user who is signed in; undefined if nobody is, or if `withMemory()` did not run. */
export function tryGetMemory(request: object): ScopedMemory | undefined {
  return tryBoundMemory(request)
}

function unauthorized(error: unknown): Response {
  if (error instanceof InvalidUserIdError) return errorResponse(error)
  throw error
}
