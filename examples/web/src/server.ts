// Handlers of web-standard requests, as Next.js, Bun, Deno and workers run them; here served by Node.
// MEM0_API_KEY=… pnpm start, then:
//   TOKEN=$(curl -X POST 'localhost:3000/login?name=alice')
//   curl -H "authorization: Bearer $TOKEN" 'localhost:3000/notes?add=I+am+vegetarian'
import { serve } from '@hono/node-server'
import { withMemory } from '@scoped-memory/middleware/web'
import { jwtVerify, SignJWT } from 'jose'

const secret = new TextEncoder().encode(process.env['JWT_SECRET'] ?? crypto.randomUUID())
const users = new Map([
  ['alice', 'u_7f3a'],
  ['bob', 'u_c21d'],
])

async function userId(request: Request): Promise<string | undefined> {
  const token = request.headers.get('authorization')?.replace(/^Bearer /, '') ?? ''
  // A token that does not verify does not sign anybody in.
  const verified = await jwtVerify(token, secret).catch(() => undefined)
  return verified?.payload.sub
}

export const GET = withMemory({ userId }, async (request, { memory }) => {
  const text = new URL(request.url).searchParams.get('add')
  if (text) await memory.add(text, { infer: false })
  return Response.json((await memory.getAll()).results.map((record) => record.memory))
})

// Where a real app checks a password.
export async function POST(request: Request): Promise<Response> {
  const sub = users.get(new URL(request.url).searchParams.get('name') ?? '')
  if (sub === undefined) return new Response(null, { status: 401 })
  const token = new SignJWT({ sub }).setProtectedHeader({ alg: 'HS256' }).setExpirationTime('1h')
  return new Response(await token.sign(secret))
}

const fetch = (request: Request): Promise<Response> => (request.method === 'POST' ? POST : GET)(request)
const port = Number(process.env['PORT'] ?? 3000)
serve({ fetch, port, hostname: '127.0.0.1' }, (at) => console.log(`http://127.0.0.1:${at.port}`))
