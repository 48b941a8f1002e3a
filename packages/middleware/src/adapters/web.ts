import { InvalidUserIdError, type ScopedMemory } from '@scoped-memory/core'
import { problemResponse } from '../http/problem.ts'
import { withCacheControl } from '../http/web-cache-control.ts'
import { bindingOf, boundMemory } from '../request-binding.ts'
import { createResolver, type MemoryFor, type MemoryOptions } from '../resolver.ts'

export { MemoryMiddlewareError, type MemoryMiddlewareErrorCode } from '../errors.ts'
export type { MemoryOptions, ResolvedUserId } from '../resolver.ts'

/**
 * Makes a handler of web-standard requests that gets the memory of the user who is signed in: for Next.js route
 * handlers, Bun, Deno and workers. What the runtime passes beside the request comes after it.
 *
 * ```ts
 * export const GET = withMemory({ client, userId }, async (request, { memory }) =>
 *   Response.json(await memory.getAll()),
 * )
 * ```
 *
 * When nobody is signed in it answers 401 with a problem as JSON, and the handler is not called. It rejects, for the
 * runtime to answer, with MemoryMiddlewareError when it ran twice and came to different users or options, with
 * ScopedMemoryError `MISSING_API_KEY` without a client and a key, with whatever `userId` throws, and with whatever the handler throws.
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
  const { resolve, cacheControlOf } = createResolver<WebRequest>(options)
  return async (request, ...rest) => {
    const binding = await resolve(request).catch(unauthorized)
    if (binding instanceof Response) return binding
    const response = await handler(request, { memory: binding.memory as MemoryFor<Optional> }, ...rest)
    return withCacheControl(response, cacheControlOf(binding))
  }
}

/**
 * The memory of the user who is signed in, where only the request is at hand.
 *
 * @throws MemoryMiddlewareError `MEMORY_NOT_MOUNTED` when `withMemory()` did not run on this request
 * @throws InvalidUserIdError (status 401) when it is optional and nobody is signed in
 */
export function getMemory(request: object): ScopedMemory {
  return boundMemory(request, 'export const GET = withMemory({ client, userId: (request) => … }, handler)')
}

/** The memory of the user who is signed in; undefined when nobody is, or when `withMemory()` did not run. */
export function tryGetMemory(request: object): ScopedMemory | undefined {
  return bindingOf(request)?.memory
}

function unauthorized(error: unknown): Response {
  if (error instanceof InvalidUserIdError) return problemResponse(error)
  throw error
}
