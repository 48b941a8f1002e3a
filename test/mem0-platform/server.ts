import type { IncomingMessage, ServerResponse } from 'node:http'
import { ApiError, detailError, type ApiResponse } from './responses.ts'
import { isObject } from './filters.ts'
import { faultResponse, type Misbehaviours, withForeignRows, withoutOwners } from './misbehaviour.ts'
import type { PlatformState } from './platform-state.ts'
import type { ApiRequest, Match, Router } from './router.ts'

const MAX_BODY_BYTES = 10 * 1024 * 1024

export interface RecordedRequest {
  readonly method: string
  /** Decoded, without the query. */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  /** Parsed JSON; the text itself when it is not JSON; undefined without a body. */
  readonly body: unknown
}

export interface ServerParts {
  readonly router: Router
  readonly state: PlatformState
  readonly misbehaviours: Misbehaviours
  /** The only key to accept. Default: every key that begins with `m0-`, as mem0's do. */
  readonly apiKey: string | undefined
  readonly record: (request: RecordedRequest) => void
}

/** Serves one request: reads and records it, then applies the fault that is due or calls its route. */
export async function serve(parts: ServerParts, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const method = req.method ?? 'GET'
  const [rawPath = '/', ...search] = (req.url ?? '/').split('?')
  const path = decodedPath(rawPath)
  const query = new URLSearchParams(search.join('?'))
  const text = await readBody(req)
  if (text === undefined) return send(res, { status: 413, body: { detail: 'Request body is too large.' } })
  const body = parseBody(text)
  parts.record({ method, path, query: Object.fromEntries(query), body: body.ok ? body.value : text })

  const fault = parts.misbehaviours.next(method, path)
  if (fault) {
    if ('hang' in fault) return
    if ('closeSocket' in fault) return void req.socket.destroy()
    if ('status' in fault) return send(res, faultResponse(fault))
  }

  let response: ApiResponse
  try {
    const match = parts.router(path)
    if (!match) throw detailError(404, 'Not found.')
    requireKey(req, parts.apiKey)
    const handle = handlerOf(match, method)
    const request: ApiRequest = {
      method,
      path,
      params: match.params,
      query,
      body: requireObject(body),
      header: (name) => req.headers[name]?.toString(),
      location: `http://${req.headers.host}${rawPath}`,
    }
    response = handle(request, parts.state)
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    response = error.response
  }

  if (!fault) return send(res, response)
  if ('foreignRowsOf' in fault) {
    return send(res, withForeignRows(response, fault.foreignRowsOf, parts.state.store, path))
  }
  if ('ownerless' in fault) return send(res, withoutOwners(response))
  if ('rubbish' in fault) return sendText(res, 200, fault.rubbish)
  setTimeout(send, fault.delayMillis, res, response)
}

function decodedPath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

async function readBody(req: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size <= MAX_BODY_BYTES) chunks.push(chunk)
  }
  return size > MAX_BODY_BYTES ? undefined : Buffer.concat(chunks).toString('utf8')
}

type ParsedBody = { readonly ok: true; readonly value: unknown } | { readonly ok: false }

function parseBody(text: string): ParsedBody {
  if (text === '') return { ok: true, value: undefined }
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch {
    return { ok: false }
  }
}

function requireObject(body: ParsedBody): Record<string, unknown> {
  if (!body.ok) throw detailError(400, 'JSON parse error - the body is not valid JSON')
  if (body.value === undefined) return {}
  if (!isObject(body.value)) throw detailError(400, 'Invalid data. Expected a dictionary.')
  return body.value
}

function requireKey(req: IncomingMessage, apiKey: string | undefined): void {
  const { authorization } = req.headers
  if (!authorization) throw detailError(401, 'Authentication credentials were not provided.')
  const key = /^Token (\S.*)$/.exec(authorization)?.[1] ?? ''
  if (apiKey === undefined ? !key.startsWith('m0-') : key !== apiKey) {
    throw detailError(
      401,
      'Invalid API key. You can find your API key on https://app.mem0.ai/dashboard/api-keys.',
    )
  }
}

function handlerOf({ methods }: Match, method: string) {
  const handler = Object.hasOwn(methods, method) ? methods[method as keyof typeof methods] : undefined
  if (!handler) {
    throw new ApiError(
      405,
      { detail: `Method "${method}" not allowed.` },
      { allow: Object.keys(methods).join(', ') },
    )
  }
  return handler
}

const send = (res: ServerResponse, { status, body, headers }: ApiResponse): void =>
  sendText(res, status, JSON.stringify(body), headers)

function sendText(
  res: ServerResponse,
  status: number,
  text: string,
  headers?: Readonly<Record<string, string>>,
): void {
  res.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...headers,
  })
  res.end(text)
}
