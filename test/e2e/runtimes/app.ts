// Keeps memory with the real MemoryClient: by core alone below /core, by /web below /web, by Hono below /hono.
import { createMemoryFactory, type ScopedMemory } from '@scoped-memory/core'
import {
  memoryRoutes as honoRoutes,
  scopedMemory,
  type MemoryVariables,
} from '@scoped-memory/middleware/hono'
import { memoryRoutes } from '@scoped-memory/middleware/routes'
import { withMemory } from '@scoped-memory/middleware/web'
import { Hono } from 'hono'
import { MemoryClient } from 'mem0ai'

// Each of these runtimes says who it is.
declare const navigator: { readonly userAgent: string }

export type App = (request: Request) => Response | Promise<Response>

const userId = ({ headers }: Request): string | undefined =>
  /^Bearer token-of-(.+)$/.exec(headers.get('authorization') ?? '')?.[1]

/** Adds what is posted, and answers with all there is; searches for what a query asks. */
async function remember(memory: ScopedMemory, request: Request): Promise<(string | undefined)[]> {
  const query = new URL(request.url).searchParams.get('q')
  if (request.method === 'POST') await memory.add(await request.text(), { infer: false })
  const { results } = query === null ? await memory.getAll() : await memory.search(query)
  return results.map((record) => record.memory)
}

export function createApp(host: string): App {
  const client = new MemoryClient({ apiKey: 'm0-test-key', host })

  const memoryFor = createMemoryFactory({ client })
  const core: App = async (request) => {
    const user = userId(request)
    if (user === undefined) return new Response(null, { status: 401 })
    return Response.json(await remember(memoryFor(user), request))
  }

  const web = withMemory({ client, userId }, async (request, { memory }) =>
    Response.json(await remember(memory, request)),
  )
  const data = memoryRoutes({ path: '/web/memories' })
  const webData = withMemory({ client, userId }, data)

  const hono = new Hono<{ Variables: MemoryVariables }>()
  hono.use(scopedMemory({ client, userId: (c) => userId(c.req.raw) }))
  hono.use(honoRoutes({ path: '/hono/memories' }))
  hono.all('/hono', async (c) => c.json(await remember(c.var.memory, c.req.raw)))

  return (request) => {
    const { pathname } = new URL(request.url)
    if (pathname === '/runtime')
      return Response.json([navigator.userAgent, typeof Buffer, typeof process.getBuiltinModule])
    if (pathname.startsWith('/core')) return core(request)
    if (pathname.startsWith('/hono')) return hono.fetch(request)
    return data.covers(pathname) ? webData(request) : web(request)
  }
}
