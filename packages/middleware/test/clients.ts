import { request as httpRequest, type Agent } from 'node:http'
import { signedIn, type App, type Framework, type Running } from './servers/server.ts'

/** Starts servers of a framework, to be closed after each test. */
export function serversOf(framework: Framework): {
  start: (app: App) => Promise<Running>
  closeAll(): Promise<void>
} {
  const running: Running[] = []
  return {
    async start(app) {
      const server = await framework.start(app)
      running.push(server)
      return server
    },
    async closeAll() {
      for (const server of running.splice(0)) await server.close()
    },
  }
}

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

/** What a path answers, as JSON; an error where it is no success. */
export async function json(url: string, path: string, user: string | undefined): Promise<unknown> {
  const answer = await get(url, path, user)
  const body = await answer.text()
  if (!answer.ok) throw new Error(`${answer.status} ${body}`)
  return JSON.parse(body)
}

/** Asks over an agent's connections, and notes which one it was by its port. */
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
