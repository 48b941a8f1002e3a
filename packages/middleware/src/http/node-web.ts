import type { IncomingMessage, ServerResponse } from 'node:http'
import { finished, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream as NodeReadableStream } from 'node:stream/web'
import { MemoryMiddlewareError } from '../errors.ts'
import { webHeaders } from './headers.ts'

// As fetch() names them: a web-standard request cannot have them.
const FORBIDDEN_METHODS = new Set(['CONNECT', 'TRACE', 'TRACK'])

/** The path and query a browser asked for, also where a framework stripped the path it is mounted at. */
export function targetOf(req: IncomingMessage & { originalUrl?: string }): string {
  return req.originalUrl ?? req.url ?? '/'
}

/** The path of a target, without its query. */
export function pathOf(target: string): string {
  return target.split('?', 1)[0]!
}

/**
 * A request of Node as a web-standard one. Its signal aborts when the client disconnects before the response is sent.
 * Its body is not touched until it is read: what nobody reads, Node discards by itself.
 *
 * @param target the path and query
 * @param parsedBody what a body parser in front made of the body
 */
export function toWebRequest(
  req: IncomingMessage,
  res: ServerResponse,
  target: string,
  parsedBody: unknown,
): Request {
  const disconnect = new AbortController()
  res.once('close', () => {
    if (!res.writableFinished) disconnect.abort(new DOMException('The client disconnected.', 'AbortError'))
  })
  const method = methodOf(req)
  return new Request(new URL(`http://localhost${target}`), {
    method,
    headers: webHeaders(req.headers),
    signal: disconnect.signal,
    ...(method !== 'GET' &&
      method !== 'HEAD' && { body: bodyOf(req, res, parsedBody, disconnect), duplex: 'half' }),
  })
}

// HTTP/2 lets methods in lower case through, and a web-standard request would put some of them in upper case.
function methodOf({ method }: IncomingMessage): string {
  return method === undefined || method !== method.toUpperCase() || FORBIDDEN_METHODS.has(method)
    ? 'UNKNOWN'
    : method
}

/** Responds with a web-standard handler. Rejects with what that rejects with, unless the client disconnected. */
export async function respondWith(
  req: IncomingMessage & { body?: unknown },
  res: ServerResponse,
  handler: (request: Request) => Promise<Response>,
): Promise<void> {
  const request = toWebRequest(req, res, targetOf(req), req.body)
  try {
    const response = await handler(request)
    res.statusCode = response.status
    for (const [name, value] of response.headers) res.setHeader(name, value)
    if (response.body === null) res.end()
    else await pipeline(toNodeStream(response.body), res)
  } catch (error) {
    const isDisconnect =
      (error as { code?: unknown }).code === 'ERR_STREAM_PREMATURE_CLOSE' || error === request.signal.reason
    if (!isDisconnect || !request.signal.aborted) throw error
  }
}

/** The body of a web-standard response as a stream of Node. */
export function toNodeStream(body: ReadableStream): Readable {
  return Readable.fromWeb(body as NodeReadableStream)
}

// Without a queue of its own, so that nothing is read before a handler reads it.
function bodyOf(
  req: IncomingMessage,
  res: ServerResponse,
  parsedBody: unknown,
  disconnect: AbortController,
): ReadableStream<Uint8Array> {
  const source = parsedBody instanceof Readable ? parsedBody : req
  let isBegun = false
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (isBegun) return void source.resume()
        isBegun = true
        if (source !== parsedBody && isBody(parsedBody, req)) {
          controller.enqueue(bytesOf(parsedBody))
          controller.close()
        } else if (source.readableDidRead) throw bodyTakenError()
        else forward(source, req, res, controller, disconnect)
      },
    },
    { highWaterMark: 0 },
  )
}

function forward(
  source: Readable,
  req: IncomingMessage,
  res: ServerResponse,
  controller: ReadableStreamDefaultController<Uint8Array>,
  disconnect: AbortController,
): void {
  const onData = (chunk: Uint8Array): void => {
    source.pause()
    controller.enqueue(chunk)
  }
  const stop = finished(source, (error) => {
    if (!error) return controller.close()
    disconnect.abort(error)
    controller.error(disconnect.signal.reason)
  })
  source.on('data', onData)
  // Half read, it would keep the next request on this connection waiting.
  res.once('finish', () => {
    stop()
    if (source.readableEnded && req.readableEnded) return
    source.destroy()
    req.destroy()
  })
}

// A parser that skipped a body may leave an empty object for it.
function isBody(parsedBody: unknown, req: IncomingMessage): boolean {
  if (parsedBody === undefined) return false
  if (req.readableDidRead) return true
  if (parsedBody === null) return false
  if (typeof parsedBody !== 'object' || parsedBody instanceof Uint8Array) return true
  return Object.keys(parsedBody).length > 0
}

function bytesOf(parsedBody: unknown): Uint8Array {
  if (parsedBody instanceof Uint8Array) return parsedBody
  try {
    return new TextEncoder().encode(typeof parsedBody === 'string' ? parsedBody : JSON.stringify(parsedBody))
  } catch (cause) {
    throw bodyTakenError(cause)
  }
}

function bodyTakenError(cause?: unknown): MemoryMiddlewareError {
  return new MemoryMiddlewareError(
    'The body of this request was read before memoryRoutes() could, and what is left of it is not JSON. Mount memoryRoutes() ' +
      'before whatever reads the body, or have that keep what it parsed as the body of the request.',
    'BODY_TAKEN',
    { cause },
  )
}
