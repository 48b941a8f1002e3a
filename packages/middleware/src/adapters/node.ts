import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ScopedMemory } from '@scoped-memory/core'
import { problemOf } from '../error-response.ts'
import { setDefaultCacheControl } from '../http/node-cache-control.ts'
import { pathOf, respondWith, targetOf } from '../http/node-web.ts'
import { sendProblem as send } from '../http/send-problem.ts'
import { boundMemory, tryBoundMemory, type RequestBinding } from '../request-binding.ts'
import { createResolver, type MemoryFor, type MemoryOptions } from '../resolver.ts'
import { memoryRoutes as webRoutes, type MemoryRoutesOptions } from '../your-data/routes.ts'

export { MemoryMiddlewareError, type MemoryMiddlewareErrorCode } from '../errors.ts'
export type { MemoryOptions, ResolvedUserId } from '../resolver.ts'
export type { MemoryRoutesOptions } from '../your-data/routes.ts'

/**
 * The memory of the user who is signed in. However often it is called, a request is resolved once.
 *
 * Pass the response to have its `cache-control` set where you set none. Rejects with InvalidUserIdError (status 401) if
 * nobody is signed in, MemoryMiddlewareError if another one resolved this request with a different user or options,
 * ScopedMemoryError `MISSING_API_KEY` without a client and a key, and whatever `userId` throws: {@link sendProblem}
 * responds with any of them.
 */
export type MemoryOf<Optional extends boolean = false> = (
  req: IncomingMessage,
  res?: ServerResponse,
) => Promise<MemoryFor<Optional>>

/**
 * Memory for plain Node servers: requests, server-sent events, WebSocket upgrades.
 *
 * ```ts
 * const memoryOf = scopedMemory({ client, userId: (req) => sessions.userOf(req) })
 *
 * createServer(async (req, res) => {
 *   try {
 *     const memory = await memoryOf(req, res)
 *     …
 *   } catch (error) {
 *     sendProblem(res, error)
 *   }
 * })
 * ```
 *
 * A WebSocket is bound by the request of its upgrade: take `await memoryOf(req)` there, keep it for that socket, and
 * close the socket when the user logs out. The middleware of an app in front does not see upgrades.
 *
 * @throws InvalidArgumentError and UnsafeBackendError for options that are wrong
 */
export function scopedMemory<Optional extends boolean = false>(
  options: MemoryOptions<IncomingMessage, Optional>,
): MemoryOf<Optional> {
  const { resolve, cacheControlFor } = createResolver<IncomingMessage>(options)
  const bindings = new WeakMap<IncomingMessage, Promise<RequestBinding>>()
  return async (req, res) => {
    let binding = bindings.get(req)
    if (binding === undefined) bindings.set(req, (binding = resolve(req)))
    const bound = await binding
    if (res !== undefined) setDefaultCacheControl(res, cacheControlFor(bound))
    return bound.memory as MemoryFor<Optional>
  }
}

/**
 * The memory of a request that was resolved before.
 *
 * @throws MemoryMiddlewareError `MEMORY_NOT_MOUNTED` if it was not
 * @throws InvalidUserIdError (status 401) if nobody is signed in, which `optional: true` allows
 */
export function getMemory(req: object): ScopedMemory {
  return boundMemory(
    req,
    'await memoryOf(req), where memoryOf = scopedMemory({ client, userId: (req) => sessions.userOf(req) })',
  )
}

/** The memory of a request that was resolved before; undefined if nobody is signed in, or if it was not. */
export function tryGetMemory(req: object): ScopedMemory | undefined {
  return tryBoundMemory(req)
}

/**
 * The "your data" endpoints, for requests that were resolved: `if (await yourData(req, res)) return`, where
 * `yourData = memoryRoutes({ path: '/memories' })`. Resolves true if it responded, false if the path is not one of these.
 */
export function memoryRoutes(
  options?: MemoryRoutesOptions,
): (req: IncomingMessage, res: ServerResponse) => Promise<boolean> {
  const routes = webRoutes(options)
  return async (req, res) => {
    if (!routes.covers(pathOf(targetOf(req)))) return false
    await respondWith(req, res, async (request) => routes(request, { memory: getMemory(req) }))
    return true
  }
}

/**
 * Responds with an error as problem JSON: with the status it carries from 400 to 599, else 500, and with its code and
 * message only where it is an error of this library and the client's fault. On the socket of an upgrade it also closes
 * the connection. Once a response has begun it only ends the connection.
 */
export function sendProblem(to: ServerResponse | Duplex, error: unknown): void {
  send(to, problemOf(error))
}
