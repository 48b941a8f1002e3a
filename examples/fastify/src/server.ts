// Fastify with @fastify/jwt. MEM0_API_KEY=… pnpm start, then:
//   TOKEN=$(curl -X POST 'localhost:3000/login?name=alice')
//   curl -H "authorization: Bearer $TOKEN" 'localhost:3000/notes?add=I+am+vegetarian'
import jwt from '@fastify/jwt'
import { memoryRoutes, scopedMemory } from '@scoped-memory/middleware/fastify'
import { fromJwt } from '@scoped-memory/middleware/identity'
import fastify from 'fastify'
import { randomBytes } from 'node:crypto'

type Query<Name extends string> = { Querystring: { [key in Name]?: string } }
const users = new Map([
  ['alice', 'u_7f3a'],
  ['bob', 'u_c21d'],
])
const app = fastify()
app.register(jwt, { secret: process.env['JWT_SECRET'] ?? randomBytes(32).toString('hex') })

// Where a real app checks a password.
app.post<Query<'name'>>('/login', async (request, reply) => {
  const sub = users.get(request.query.name ?? '')
  return sub === undefined ? reply.code(401).send() : app.jwt.sign({ sub }, { expiresIn: '1h' })
})

app.register(async (guarded) => {
  guarded.addHook('onRequest', async (request) => void (await request.jwtVerify()))
  guarded.register(scopedMemory, { userId: fromJwt() })
  guarded.register(memoryRoutes, { path: '/memories' })
  guarded.get<Query<'add'>>('/notes', async ({ memory, query }) => {
    if (query.add) await memory.add(query.add, { infer: false })
    return (await memory.getAll()).results.map((record) => record.memory)
  })
})

console.log(await app.listen({ port: Number(process.env['PORT'] ?? 3000), host: '127.0.0.1' }))
