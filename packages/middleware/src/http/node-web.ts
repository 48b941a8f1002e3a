import type { IncomingMessage, ServerResponse } from 'node:http'
import { finished, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream as NodeReadableStream } from 'node:stream/web'
import { MemoryMiddlewareError } from '../errors.ts'
import { webHeaders } from './headers.ts'

// Methods that a web-standard request refuses to have.
const UNHEARD_OF = new Set(['CONNECT', 'TRACE', 'TRACK'])

/** What a request asks for as the browser wrote it, also where a framework stripped the part it is mounted at. */
export function targetOf(req: IncomingMessage & { originalUrl?: string }): string {
  return req.originalUrl ?? req.url ?? '/'
}

/** The path of a target, without its query. */
export function pathOf(target: string): string {
  return target.split('?', 1)[0]!
}

/**
 * A request of Node as a web-standard one. Its signal aborts when the client leaves before it has its answer. Its body
 * is left alone until it is read: what nobody reads, Node clears away by itself.
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
  const left = new AbortController()
  const leave = (): void => left.abort(new DOMException('The client left.', 'AbortError'))
  res.once('close', () => {
    if (!res.writableFinished) leave()
  })
  const method = methodOf(req)
  return new Request(new URL(`http://localhost${target}`), {
    method,
    headers: webHeaders(req.headers),
    signal: left.signal,
    ...(method !== 'GET' &&
      method !== 'HEAD' && { body: bodyOf(req, res, parsedBody, left), duplex: 'half' }),
  })
}

// A web-standard request would take some in lower case, which HTTP/2 lets through, for those in upper case.
function methodOf({ method }: IncomingMessage): string {
  return method === undefined || method !== method.toUpperCase() || UNHEARD_OF.has(method)
    ? 'UNKNOWN'
    : method
}

/** Answers with a web-standard handler. Rejects with what it rejects with, unless the client is not there any more. */
export async function answerWith(
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
    else await pipeline(readable(response.body), res)
  } catch (error) {
    const left =
      (error as { code?: unknown }).code === 'ERR_STREAM_PREMATURE_CLOSE' || error === request.signal.reason
    if (!left || !request.signal.aborted) throw error
  }
}

/** The body of a web-standard answer as a stream of Node. */
export function readable(body: ReadableStream): Readable {
  return Readable.fromWeb(body as NodeReadableStream)
}

// Without a queue of its own, so that nothing is read before somebody reads it.
function bodyOf(
  req: IncomingMessage,
  res: ServerResponse,
  parsedBody: unknown,
  left: AbortController,
): ReadableStream<Uint8Array> {
  const source = parsedBody instanceof Readable ? parsedBody : req
  let begun = false
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (begun) return void source.resume()
        begun = true
        if (source !== parsedBody && isBody(parsedBody, req)) {
          controller.enqueue(bytesOf(parsedBody))
          controller.close()
        } else if (source.readableDidRead) throw taken()
        else forward(source, req, res, controller, left)
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
  left: AbortController,
): void {
  const onData = (chunk: Uint8Array): void => {
    source.pause()
    controller.enqueue(chunk)
  }
  const stop = finished(source, (error) => {
    if (!error) return controller.close()
    left.abort(error)
    controller.error(left.signal.reason)
  })
  source.on('data', onData)
  // Half read, it would keep whoever comes next on this connection waiting.
  res.once('finish', () => {
    stop()
    if (source.readableEnded && req.readableEnded) return
    source.destroy()
    req.destroy()
  })
}

// A parser that passed a body over may leave an empty object for it.
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
    throw taken(cause)
  }
}

function taken(cause?: unknown): MemoryMiddlewareError {
  return new MemoryMiddlewareError(
    'The body of this request was read before memoryRoutes() could, and nothing was left of it that is JSON. Mount memoryRoutes() ' +
      'before what reads it, or have that keep what it parsed as the body of the request.',
    'BODY_TAKEN',
    { cause },
  )
}
