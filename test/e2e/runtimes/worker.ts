import { createApp, type App } from './app.ts'

interface Env {
  readonly MEM0_HOST: string
}

// A client asks its server who it is, which a worker may do from its first request on.
let app: App | undefined

export default {
  fetch: (request: Request, env: Env): Response | Promise<Response> =>
    (app ??= createApp(env.MEM0_HOST))(request),
}
