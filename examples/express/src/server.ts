import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { openEmbeddedMemory } from '@scoped-memory/core/embedded'
import { createApp } from './app.ts'

const port = Number(process.env['PORT'] ?? 3000)
const hosted = Boolean(process.env['MEM0_API_KEY'])

// Take the port first: an embedded memory takes seconds to open.
const server = createServer()
server.once('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EADDRINUSE') throw error
  console.error(
    `Port ${port} is in use. Take another one: PORT=${port + 1} pnpm --filter @scoped-memory/example-express start`,
  )
  process.exit(1)
})
await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening))

// On a Postgres server it is the same engine. Run setUpPostgres once (docs/back-ends.md), then change two lines:
//   import { openPostgresMemory } from '@scoped-memory/core/postgres'
//   const embedded = await openPostgresMemory({ connectionString: process.env['DATABASE_URL'], embedder })
const embedded = hosted ? undefined : await openEmbeddedMemory()
server.on('request', createApp(embedded === undefined ? {} : { client: embedded }))
console.log(`Memories are kept ${hosted ? 'by hosted mem0' : 'in this process, until it ends'}.`)
console.log(
  `http://127.0.0.1:${(server.address() as AddressInfo).port} · log in as alice (alice-demo) or bob (bob-demo)`,
)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close(() => void embedded?.close())
    server.closeAllConnections()
  })
}
