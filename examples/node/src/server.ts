// Plain Node, over HTTP and WebSocket. MEM0_API_KEY=… pnpm start, then:
//   TOKEN=$(curl -X POST 'localhost:3000/login?name=alice')
//   curl -H "authorization: Bearer $TOKEN" 'localhost:3000/notes?add=I+am+vegetarian'
import { scopedMemory, sendProblem } from '@scoped-memory/middleware/node'
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { WebSocketServer } from 'ws'

const sessions = new Map<string, string>()
const memoryOf = scopedMemory({
  userId: ({ headers }) => sessions.get(headers.authorization?.replace(/^Bearer /, '') ?? ''),
})

async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(`http://localhost${req.url}`)
  if (pathname === '/login') return void res.end(login(searchParams.get('name')))
  const memory = await memoryOf(req, res)
  if (searchParams.has('add')) await memory.add(searchParams.get('add')!, { infer: false })
  res.end(JSON.stringify((await memory.getAll()).results.map((record) => record.memory)))
}

// Where a real app checks a password.
function login(name: string | null): string {
  const token = randomUUID()
  if (name === 'alice' || name === 'bob') sessions.set(token, `u_${name}`)
  return token
}

const server = createServer((req, res) => answer(req, res).catch((error) => sendProblem(res, error)))
const sockets = new WebSocketServer({ noServer: true })
server.on('upgrade', async (req, socket, head) => {
  const memory = await memoryOf(req).catch((error) => sendProblem(socket, error))
  if (memory)
    sockets.handleUpgrade(req, socket, head, (ws) => ws.on('message', (text) => memory.add(`${text}`)))
})
const port = Number(process.env['PORT'] ?? 3000)
server.listen(port, '127.0.0.1', () =>
  console.log('http://127.0.0.1:%d', (server.address() as { port: number }).port),
)
