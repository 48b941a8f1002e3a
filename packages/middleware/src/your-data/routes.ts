import {
  InvalidArgumentError,
  ScopedMemoryError,
  type MemoryRecord,
  type ScopedMemory,
} from '@scoped-memory/core'
import { concealed, MemoryMiddlewareError } from '../errors.ts'
import { problemResponse } from '../http/problem.ts'
import { nobody } from '../request-binding.ts'

/** Options of {@link memoryRoutes}. */
export interface MemoryRoutesOptions {
  /** The path of the routes, as the browser sees it. Default `/memories`. */
  readonly path?: string | undefined
  /**
   * Other origins whose pages may change memories, such as `https://app.example.com`. Default none: only pages of the
   * same origin may.
   */
  readonly origins?: readonly string[] | undefined
}

/** The routes as a handler of web-standard requests. */
export interface MemoryRoutes {
  (request: Request, context: { readonly memory: ScopedMemory | undefined }): Promise<Response>
  /** Whether a path, without its query, is one of these routes. */
  covers(path: string): boolean
}

type Answer = (call: { request: Request; url: URL; memory: ScopedMemory; id: string }) => Promise<Response>

const DEFAULT_PATH = '/memories'
const DEFAULT_PAGE_SIZE = 20
const MAX_PAGE_SIZE = 100
const MAX_FOUND = 50
const MAX_BODY_BYTES = 64 * 1024
// What is too large is read on up to here, so that the connection can serve the next request.
const MAX_DISCARDED_BYTES = 8 * 1024 * 1024
const HEADERS = {
  'cache-control': 'private, no-store',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
}

/**
 * The "your data" endpoints, with which users see and correct what is remembered about them. Every adapter but `/web`
 * exports a `memoryRoutes` of its own to mount them with; here they are as a handler:
 *
 * ```ts
 * const handler = withMemory(options, memoryRoutes({ path: '/api/memories' }))
 * export { handler as GET, handler as PATCH, handler as DELETE, handler as POST }
 * ```
 *
 * | request | answer |
 * |---|---|
 * | `GET /memories?page=1&pageSize=20` | `{ results, page, pageSize, next }`, `next` the next page or null; at most 100 a page |
 * | `GET /memories?q=…` | the same, by meaning, best match first, at most 50 |
 * | `GET /memories/export` | a JSON file of everything, with its history |
 * | `PATCH /memories/:id` `{ "text": "…" }` | 204, corrected |
 * | `DELETE /memories/:id` | 204, deleted |
 * | `POST /memories/erase` `{ "confirm": true }` | 200 and a receipt, once the back end shows nothing any more |
 *
 * No other website can change anything through the user's browser: what changes data must come from a page of the same
 * origin (`Sec-Fetch-Site`, or `Origin` against `Host`) or from one of `origins`, and carry its body as JSON. Programs
 * that are not browsers send neither header and pass. No CORS header is ever sent; pages of `origins` need one from you.
 *
 * Errors of this library are answered as problem JSON where the fault is the client's. For all others, those of mem0
 * too, it rejects with MemoryMiddlewareError `MEMORY_FAILED`, for the framework to answer with 500 or more: the original
 * is its `cause`, and no answer repeats what that says.
 *
 * @throws InvalidArgumentError for a path or an origin that is not one
 */
export function memoryRoutes(options: MemoryRoutesOptions = {}): MemoryRoutes {
  const { path, origins } = checked(options)
  const covers = (asked: string): boolean => asked === path || asked.startsWith(`${path}/`)

  const answer = async (
    request: Request,
    { memory }: { readonly memory: ScopedMemory | undefined },
  ): Promise<Response> => {
    const url = new URL(request.url)
    const methods = covers(url.pathname) ? methodsOf(url.pathname.slice(path.length)) : undefined
    if (methods === undefined) return problem(404, 'There is no such route.')
    const run = methods.get(request.method)
    if (run === undefined) {
      return problem(405, 'This route does not take this method.', { allow: [...methods.keys()].join(', ') })
    }
    if (request.method !== 'GET' && isCrossOrigin(request, url, origins)) {
      return problem(403, 'Only pages of this origin may change memories.')
    }
    try {
      if (memory === undefined) throw nobody()
      return await run({ request, url, memory, id: decoded(url.pathname.slice(path.length + 1)) })
    } catch (error) {
      if (error instanceof ScopedMemoryError && error.status < 500) return problemResponse(error)
      if (error instanceof MemoryMiddlewareError || isLeaving(request, error)) throw error
      throw concealed(error)
    }
  }
  return Object.assign(answer, { covers })
}

function isLeaving({ signal }: Request, error: unknown): boolean {
  return signal.aborted && error === signal.reason
}

function methodsOf(below: string): ReadonlyMap<string, Answer> | undefined {
  const [, name = '', ...deeper] = below.split('/')
  if (deeper.length > 0) return undefined
  if (name === '') return ALL
  return ROUTES.get(name) ?? ONE
}

const list: Answer = async ({ request, url, memory }) => {
  const { signal } = request
  const query = url.searchParams.get('q')
  if (query) {
    const { results } = await memory.search(query, { topK: MAX_FOUND, signal })
    return json({ results: results.map(shown), page: 1, pageSize: MAX_FOUND, next: null })
  }
  const page = count(url, 'page', 1)
  const pageSize = Math.min(count(url, 'pageSize', DEFAULT_PAGE_SIZE), MAX_PAGE_SIZE)
  const first = (page - 1) * pageSize
  const results: object[] = []
  let index = 0
  let next: number | null = null
  for await (const record of memory.list({ signal })) {
    if (results.length === pageSize) {
      next = page + 1
      break
    }
    if (index++ >= first) results.push(shown(record))
  }
  return json({ results, page, pageSize, next })
}

const download: Answer = async ({ request, memory }) => {
  const exportedAt = new Date().toISOString()
  const entries = memory.exportAll({ signal: request.signal })
  // The first before the answer begins: until then a failure can still be said.
  let entry = await entries.next()
  async function* text(): AsyncGenerator<string> {
    yield `{"exportedAt":${JSON.stringify(exportedAt)},"memories":[`
    for (let separator = ''; !entry.done; separator = ',', entry = await entries.next()) {
      yield `${separator}\n${JSON.stringify(entry.value)}`
    }
    yield '\n]}\n'
  }
  return new Response(streamOf(text(), request), {
    headers: {
      ...HEADERS,
      'content-type': 'application/json',
      'content-disposition': `attachment; filename="memories-${exportedAt.slice(0, 10)}.json"`,
    },
  })
}

const correct: Answer = async ({ request, memory, id }) => {
  const { text } = await bodyOf(request)
  if (typeof text !== 'string' || text.trim() === '') throw new InvalidArgumentError('Send { "text": "…" }.')
  await memory.update(id, text, { signal: request.signal })
  return new Response(null, { status: 204, headers: HEADERS })
}

const forget: Answer = async ({ request, memory, id }) => {
  await memory.delete(id, { signal: request.signal })
  return new Response(null, { status: 204, headers: HEADERS })
}

const erase: Answer = async ({ request, memory }) => {
  const { confirm } = await bodyOf(request)
  if (confirm !== true) throw new InvalidArgumentError('To erase everything, send { "confirm": true }.')
  return json(await memory.erase())
}

const ALL: ReadonlyMap<string, Answer> = new Map([['GET', list]])
const ONE: ReadonlyMap<string, Answer> = new Map([
  ['PATCH', correct],
  ['DELETE', forget],
])
const ROUTES: ReadonlyMap<string, ReadonlyMap<string, Answer>> = new Map([
  ['export', new Map([['GET', download]])],
  ['erase', new Map([['POST', erase]])],
])

function shown({ id, memory, createdAt, updatedAt, categories, score }: MemoryRecord): object {
  return { id, memory, createdAt, updatedAt, categories, score }
}

// As Go's http.CrossOriginProtection decides it: browsers send one of the two headers with every such request.
function isCrossOrigin({ headers }: Request, url: URL, allowed: ReadonlySet<string>): boolean {
  const origin = headers.get('origin')
  if (origin !== null && allowed.has(origin)) return false
  const site = headers.get('sec-fetch-site')
  if (site !== null) return site !== 'same-origin' && site !== 'none'
  return (
    origin !== null && (!URL.canParse(origin) || new URL(origin).host !== (headers.get('host') ?? url.host))
  )
}

async function bodyOf(request: Request): Promise<Record<string, unknown>> {
  // A form of another website cannot send this type.
  if (!/^application\/json\s*(;|$)/i.test(request.headers.get('content-type') ?? '')) {
    throw new InvalidArgumentError('Send the body as JSON, with content-type: application/json.')
  }
  if (request.bodyUsed) {
    throw new MemoryMiddlewareError(
      'The body of this request was read before memoryRoutes() could. Where it is read before, read a copy: request.clone().text().',
      'BODY_TAKEN',
    )
  }
  let text = ''
  let bytes = 0
  const decoder = new TextDecoder()
  const reader = request.body?.getReader() as ReadableStreamDefaultReader<Uint8Array> | undefined
  for (let read = await reader?.read(); read?.value !== undefined; read = await reader?.read()) {
    bytes += read.value.byteLength
    if (bytes > MAX_DISCARDED_BYTES) break
    if (bytes <= MAX_BODY_BYTES) text += decoder.decode(read.value, { stream: true })
  }
  if (bytes > MAX_BODY_BYTES)
    throw new InvalidArgumentError(`The body is larger than ${MAX_BODY_BYTES} bytes.`)
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null ? { ...body } : {}
  } catch {
    throw new InvalidArgumentError('The body is not JSON.')
  }
}

function count(url: URL, name: string, otherwise: number): number {
  const value = url.searchParams.get(name)
  if (value === null) return otherwise
  if (!/^[1-9]\d{0,8}$/.test(value))
    throw new InvalidArgumentError(`${name} must be a whole number of at least 1.`)
  return Number(value)
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

function json(value: unknown): Response {
  return Response.json(value, { headers: HEADERS })
}

function problem(status: number, detail: string, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify({ status, detail }), {
    status,
    headers: { ...HEADERS, 'content-type': 'application/problem+json', ...headers },
  })
}

function streamOf(texts: AsyncGenerator<string>, request: Request): ReadableStream<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder()
  return new ReadableStream({
    async pull(controller) {
      try {
        const next = await texts.next()
        if (next.done === true) controller.close()
        else controller.enqueue(encoder.encode(next.value))
      } catch (error) {
        throw isLeaving(request, error) ? error : concealed(error)
      }
    },
    async cancel() {
      await texts.return(undefined)
    },
  })
}

function checked({ path = DEFAULT_PATH, origins = [] }: MemoryRoutesOptions): {
  path: string
  origins: ReadonlySet<string>
} {
  if (typeof path !== 'string' || !/^(\/[^/?#\s]+)+$/.test(path)) {
    throw new InvalidArgumentError('path must be a path such as "/memories", without a slash at its end.')
  }
  for (const origin of origins) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
      throw new InvalidArgumentError(
        'origins must be origins such as "https://app.example.com", without a path.',
      )
    }
  }
  return { path, origins: new Set(origins) }
}
