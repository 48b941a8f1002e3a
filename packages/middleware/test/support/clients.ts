import { request as httpRequest, type Agent } from 'node:http'
import { signedIn } from './server.ts'

export function get(
  url: string,
  path: string,
  user: string | undefined,
  init: RequestInit = {},
): Promise<Response> {
  return fetch(url + path, {
    ...init,
    headers: { ...init.headers, ...(user !== undefined && signedIn(user)) },
  })
}

/** The body of a response, as JSON; an error where the status is not a success. */
export async function json(url: string, path: string, user: string | undefined): Promise<unknown> {
  const answer = await get(url, path, user)
  const body = await answer.text()
  if (!answer.ok) throw new Error(`${answer.status} ${body}`)
  return JSON.parse(body)
}

/** Sends a request over an agent's connections, and notes the port of the one it took. */
export function overAgent(
  agent: Agent,
  url: string,
  user: string | undefined,
  ports: Set<number | undefined>,
): Promise<[number | undefined, unknown]> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      url,
      { agent, headers: user === undefined ? {} : signedIn(user) },
      (response) => {
        let body = ''
        ports.add(response.socket.localPort)
        response.on('data', (chunk) => (body += chunk))
        response.on('end', () =>
          resolve([response.statusCode, response.statusCode === 200 ? JSON.parse(body) : body]),
        )
      },
    )
    request.on('error', reject).end()
  })
}

/** The head of a request, to write to a socket. */
export function requestHead(line: string, headers: Readonly<Record<string, string | number>>): string {
  const fields = Object.entries({ host: 'localhost', ...headers }).map((field) => field.join(': '))
  return [`${line} HTTP/1.1`, ...fields, '', ''].join('\r\n')
}
