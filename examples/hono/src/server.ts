// Hono with its own JWT middleware. MEM0_API_KEY=… pnpm start, then:
//   TOKEN=$(curl -X POST 'localhost:3000/login?name=alice')
//   curl -H "authorization: Bearer $TOKEN" 'localhost:3000/notes?add=I+am+vegetarian'
import { serve } from '@hono/node-server'
import { memoryRoutes, scopedMemory, type MemoryVariables } from '@scoped-memory/middleware/hono'
import { fromJwt } from '@scoped-memory/middleware/identity'
import { Hono } from 'hono'
import { jwt, sign } from 'hono/jwt'

const secret = process.env['JWT_SECRET'] ?? crypto.randomUUID()
const users = new Map([
  ['alice', 'u_7f3a'],
  ['bob', 'u_c21d'],
])
const app = new Hono<{ Variables: MemoryVariables }>()

// Where a real app checks a password.
app.post('/login', async (c) => {
  const sub = users.get(c.req.query('name') ?? '')
  if (sub === undefined) return c.body(null, 401)
  return c.text(await sign({ sub, exp: Math.floor(Date.now() / 1000) + 3600 }, secret))
})

app.use(jwt({ secret, alg: 'HS256' }), scopedMemory({ userId: fromJwt() }))
app.use(memoryRoutes({ path: '/memories' }))
app.get('/notes', async (c) => {
  const { memory } = c.var
  const text = c.req.query('add')
  if (text) await memory.add(text, { infer: false })
  return c.json((await memory.getAll()).results.map((record) => record.memory))
})

serve({ fetch: app.fetch, port: Number(process.env['PORT'] ?? 3000), hostname: '127.0.0.1' }, ({ port }) =>
  console.log(`http://127.0.0.1:${port}`),
)
