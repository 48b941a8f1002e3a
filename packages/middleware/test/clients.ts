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
