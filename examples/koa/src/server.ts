// Koa with koa-session. MEM0_API_KEY=… pnpm start, then:
//   curl -c jar -X POST 'localhost:3000/login?name=alice' && curl -b jar 'localhost:3000/notes?add=I+am+vegetarian'
import { memoryRoutes, scopedMemory } from '@scoped-memory/middleware/koa'
import { fromSession } from '@scoped-memory/middleware/identity'
import Koa from 'koa'
import session from 'koa-session'
import { randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'

const users = new Map([
  ['alice', 'u_7f3a'],
  ['bob', 'u_c21d'],
])
const app = new Koa()
app.keys = [process.env['SESSION_SECRET'] ?? randomBytes(32).toString('hex')]
app.use(session(app))

// Where a real app checks a password.
app.use(async (ctx, next) => {
  if (ctx.path !== '/login') return next()
  const userId = users.get(String(ctx.query['name']))
  if (userId === undefined) ctx.throw(401)
  ctx.session!['userId'] = userId
  ctx.status = 204
})

app.use(scopedMemory({ userId: fromSession('userId') }))
app.use(memoryRoutes({ path: '/memories' }))
app.use(async (ctx) => {
  const { add } = ctx.query
  if (typeof add === 'string') await ctx.memory.add(add, { infer: false })
  ctx.body = (await ctx.memory.getAll()).results.map(({ memory }) => memory)
})

const server = app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
