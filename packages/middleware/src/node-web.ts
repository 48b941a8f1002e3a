import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream as NodeReadableStream } from 'node:stream/web'
import { webHeaders } from './headers.ts'

/** What a request asks for as the browser wrote it, also where a framework stripped the part it is mounted at. */
export function targetOf(req: IncomingMessage & { originalUrl?: string }): string {
  return req.originalUrl ?? req.url ?? '/'
}

/** The path of a target, without its query. */
export function pathOf(target: string): string {
  return target.split('?', 1)[0]!
}

/**
 * A request of Node as a web-standard one. Its signal aborts when the client leaves before it has its answer.
 *
 * @param target the path and query
 * @param parsedBody what a body parser in front made of the body, which then cannot be read any more
 */
export function toWebRequest(
  req: IncomingMessage,
  res: ServerResponse,
  target: string,
  parsedBody: unknown,
): Request {
  const left = new AbortController()
  res.once('close', () => {
    if (!res.writableFinished) left.abort(new DOMException('The client left.', 'AbortError'))
  })
  const { method = 'GET' } = req
  const body = parsedBody === undefined ? (Readable.toWeb(req) as ReadableStream) : JSON.stringify(parsedBody)
  return new Request(new URL(`http://localhost${target}`), {
    method,
    headers: webHeaders(req.headers),
    signal: left.signal,
    ...(method !== 'GET' && method !== 'HEAD' && { body, duplex: 'half' }),
  })
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
