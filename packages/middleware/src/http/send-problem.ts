import { STATUS_CODES, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Problem } from './problem.ts'

/**
 * Sends a problem document to a response of Node, or to the socket of an upgrade and closes that. Once a
 * response has begun it only ends the connection.
 */
export function sendProblem(to: ServerResponse | Duplex, { status, headers, body }: Problem): void {
  // By shape: the response of HTTP/2 is another class.
  if ('writeHead' in to) {
    if (to.headersSent) to.destroy()
    else to.writeHead(status, headers).end(body)
    return
  }
  if (!to.writable) return
  const fields = Object.entries({
    ...headers,
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  })
  to.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
      ...fields.map(([name, value]) => `${name}: ${value}`),
      '',
      body,
    ].join('\r\n'),
  )
}
