import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ScopedMemory } from '@scoped-memory/core'
import { defaultCacheControl } from '../http/cache-control.ts'
import { answerWith, pathOf, targetOf } from '../http/node-web.ts'
import { problemOf } from '../http/problem.ts'
import { bindingOf, boundMemory, type Binding } from '../request-binding.ts'
import { createResolver, type MemoryFor, type MemoryOptions } from '../resolver.ts'
import { memoryRoutes as webRoutes, type MemoryRoutesOptions } from '../your-data/routes.ts'

export { MemoryMiddlewareError, type MemoryMiddlewareErrorCode } from '../errors.ts'
export type { MemoryOptions, ResolvedUserId } from '../resolver.ts'
export type { MemoryRoutesOptions } from '../your-data/routes.ts'

/**
 * The memory of the user who is signed in. However often it is asked for, a request is resolved once.
 *
 * Give it the response to have its `cache-control` set where you set none. Rejects with InvalidUserIdError (status 401)
 * when nobody is signed in, with MemoryMiddlewareError when another one came to a different user or options, with
 * ScopedMemoryError `MISSING_API_KEY` without a client and a key, with whatever `userId` throws: {@link sendProblem} answers that.
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
  const { resolve, cacheControlOf } = createResolver<IncomingMessage>(options)
  const bindings = new WeakMap<IncomingMessage, Promise<Binding>>()
  return async (req, res) => {
    let binding = bindings.get(req)
    if (binding === undefined) bindings.set(req, (binding = resolve(req)))
    const bound = await binding
    if (res !== undefined) defaultCacheControl(res, cacheControlOf(bound))
    return bound.memory as MemoryFor<Optional>
  }
}

/**
 * The memory of a request that was resolved before.
 *
 * @throws MemoryMiddlewareError `MEMORY_NOT_MOUNTED` when it was not
 * @throws InvalidUserIdError (status 401) when it is optional and nobody is signed in
 */
export function getMemory(req: object): ScopedMemory {
  return boundMemory(
    req,
    'await memoryOf(req), where memoryOf = scopedMemory({ client, userId: (req) => sessions.userOf(req) })',
  )
}

/** The memory of a request that was resolved before; undefined when nobody is signed in, or when it was not. */
export function tryGetMemory(req: object): ScopedMemory | undefined {
  return bindingOf(req)?.memory
}

/**
 * The "your data" endpoints, for requests that were resolved: `if (await yourData(req, res)) return`, where
 * `yourData = memoryRoutes({ path: '/memories' })`. Resolves whether it answered.
 */
export function memoryRoutes(
  options?: MemoryRoutesOptions,
): (req: IncomingMessage, res: ServerResponse) => Promise<boolean> {
  const routes = webRoutes(options)
  return async (req, res) => {
    if (!routes.covers(pathOf(targetOf(req)))) return false
    await answerWith(req, res, async (request) => routes(request, { memory: getMemory(req) }))
    return true
  }
}

/**
 * Answers with an error, as problem JSON: with the status it carries from 400 to 599, else with 500, and with what it
 * says only where it is one of this library and the fault is the client's. On a socket, that of an upgrade, it also closes the connection. Does nothing where an answer began.
 */
export function sendProblem(to: ServerResponse | Duplex, error: unknown): void {
  const { status, headers, body } = problemOf(error)
  // By shape: the response of HTTP/2 is another class.
  if ('writeHead' in to) {
    if (to.headersSent) to.destroy()
    else to.writeHead(status, headers).end(body)
    return
  }
  if (!to.writable) return
  const lines = Object.entries({
    ...headers,
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  })
  to.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
      ...lines.map(([name, value]) => `${name}: ${value}`),
      '',
      body,
    ].join('\r\n'),
  )
}
