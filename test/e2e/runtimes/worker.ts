// A worker that keeps memory with the real MemoryClient: by /web, and below /hono by Hono.
import {
  memoryRoutes as honoRoutes,
  scopedMemory,
  type MemoryVariables,
} from '@scoped-memory/middleware/hono'
import { memoryRoutes } from '@scoped-memory/middleware/routes'
import { withMemory } from '@scoped-memory/middleware/web'
import { Hono } from 'hono'
import { MemoryClient } from 'mem0ai'

type Handler = (request: Request) => Response | Promise<Response>
interface Env {
  readonly MEM0_HOST: string
}

const userId = ({ headers }: Request): string | undefined =>
  /^Bearer token-of-(.+)$/.exec(headers.get('authorization') ?? '')?.[1]

function createApp({ MEM0_HOST: host }: Env): Handler {
  const client = new MemoryClient({ apiKey: 'm0-test-key', host })

  const web = withMemory({ client, userId }, async (request, { memory }) => {
    await memory.add(await request.text(), { infer: false })
    return Response.json((await memory.getAll()).results.map((record) => record.memory))
  })
  const data = memoryRoutes({ path: '/memories' })
  const webData = withMemory({ client, userId }, data)

  const hono = new Hono<{ Variables: MemoryVariables }>()
  hono.use(scopedMemory({ client, userId: (c) => userId(c.req.raw) }))
  hono.use(honoRoutes({ path: '/hono/memories' }))
  hono.post('/hono', async (c) => {
    await c.var.memory.add(await c.req.text(), { infer: false })
    return c.json((await c.var.memory.getAll()).results.map((record) => record.memory))
  })
  hono.get('/hono/node', (c) => c.json([typeof Buffer, typeof process.getBuiltinModule]))

  return (request) => {
    const { pathname } = new URL(request.url)
    if (pathname.startsWith('/hono')) return hono.fetch(request)
    return data.covers(pathname) ? webData(request) : web(request)
  }
}

// A client asks its server who it is, which a worker may do from its first request on.
let app: Handler | undefined

export default {
  fetch: (request: Request, env: Env): Response | Promise<Response> => (app ??= createApp(env))(request),
}
