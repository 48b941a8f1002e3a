import { ScopedMemoryError, type ScopedMemory } from '@scoped-memory/core'
import { errorResponse, hideError } from '../error-response.ts'
import { MemoryMiddlewareError, notSignedInError } from '../errors.ts'
import { isCrossOrigin } from './cross-origin.ts'
import { correct, deleteOne, eraseAll, exportAll, listOrSearch, type Handler } from './handlers.ts'
import { checkOptions, type MemoryRoutesOptions } from './options.ts'
import { isDisconnect, refusal } from './responses.ts'

export type { MemoryRoutesOptions } from './options.ts'

/** The routes as a handler of web-standard requests. */
export interface MemoryRoutes {
  (request: Request, context: { readonly memory: ScopedMemory | undefined }): Promise<Response>
  /** Whether a path, without its query, is one of these routes. */
  covers(path: string): boolean
}

type Methods = ReadonlyMap<string, Handler>

const ALL: Methods = new Map([['GET', listOrSearch]])
const ONE: Methods = new Map([
  ['PATCH', correct],
  ['DELETE', deleteOne],
])
const NAMED: ReadonlyMap<string, Methods> = new Map([
  ['export', new Map([['GET', exportAll]])],
  ['erase', new Map([['POST', eraseAll]])],
])

/**
 * The "your data" endpoints, with which users see and correct what is remembered about them. Every adapter but `/web`
 * exports a `memoryRoutes` of its own to mount them with; here they are as a handler:
 *
 * ```ts
 * const handler = withMemory(options, memoryRoutes({ path: '/api/memories' }))
 * export { handler as GET, handler as PATCH, handler as DELETE, handler as POST }
 * ```
 *
 * | request | response |
 * |---|---|
 * | `GET /memories?page=1&pageSize=20` | `{ results, page, pageSize, next }`, `next` the next page or null; at most 100 a page |
 * | `GET /memories?q=…` | the same, by meaning, best match first, at most 50 |
 * | `GET /memories/export` | a JSON file of everything, with its history |
 * | `PATCH /memories/:id` `{ "text": "…" }` | 204, corrected |
 * | `DELETE /memories/:id` | 204, deleted |
 * | `POST /memories/erase` `{ "confirm": true }` | 200 and a receipt, once the back end shows nothing any more |
 *
 * No other website can change anything through the user's browser: a request that changes data must come from a page of
 * the same origin (`Sec-Fetch-Site`, or `Origin` against `Host`) or from one of `origins`, and carry its body as JSON.
 * Programs that are not browsers send neither header and pass. No CORS header is ever sent; pages of `origins` need one
 * from you.
 *
 * Errors of this library are sent as problem JSON where the fault is the client's. For all others, including those of
 * mem0, it rejects with MemoryMiddlewareError `MEMORY_FAILED`, for the framework to respond with 500 or more: the
 * original is its `cause`, and no response repeats its message.
 *
 * @throws InvalidArgumentError for a path or an origin that is not one
 */
export function memoryRoutes(options: MemoryRoutesOptions = {}): MemoryRoutes {
  const { path, origins } = checkOptions(options)
  const covers = (asked: string): boolean => asked === path || asked.startsWith(`${path}/`)

  const respond = async (
    request: Request,
    { memory }: { readonly memory: ScopedMemory | undefined },
  ): Promise<Response> => {
    const url = new URL(request.url)
    const methods = covers(url.pathname) ? methodsOf(url.pathname.slice(path.length)) : undefined
    if (methods === undefined) return refusal(404, 'There is no such route.')
    const handler = methods.get(request.method)
    if (handler === undefined) {
      return refusal(405, 'This route does not take this method.', { allow: [...methods.keys()].join(', ') })
    }
    if (request.method !== 'GET' && isCrossOrigin(request, url, origins)) {
      return refusal(403, 'Only pages of this origin may change memories.')
    }
    try {
      if (memory === undefined) throw notSignedInError()
      return await handler({ request, url, memory, id: decode(url.pathname.slice(path.length + 1)) })
    } catch (error) {
      if (error instanceof ScopedMemoryError && error.status < 500) return errorResponse(error)
      if (error instanceof MemoryMiddlewareError || isDisconnect(request, error)) throw error
      throw hideError(error)
    }
  }
  return Object.assign(respond, { covers })
}

function methodsOf(below: string): Methods | undefined {
  const [, name = '', ...deeper] = below.split('/')
  if (deeper.length > 0) return undefined
  if (name === '') return ALL
  return NAMED.get(name) ?? ONE
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
