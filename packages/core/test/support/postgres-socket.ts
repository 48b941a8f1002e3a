import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import type { PGlite } from '@electric-sql/pglite'

/** Where a {@link PostgresSocket} listens: on a Unix socket, or on a loopback port that the system chooses. */
export type Endpoint = { path: string } | { host: '127.0.0.1'; port: 0 }

/** A Postgres server on a socket. */
export interface PostgresSocket {
  /** The port, unless it listens on a Unix socket. */
  readonly port: number | undefined
  /** Drops every connection and stops listening. */
  close(): Promise<void>
}

const TERMINATE = 'X'
/** The messages after which a client waits for a response, besides its first one: Sync and Query. */
const ENDS_PIPELINE = new Set(['S', 'Q'])

/**
 * Serves PGlite to Postgres clients on a socket.
 *
 * PGlite has one session, and a parameterised query is several messages (Parse, Bind, Execute, Sync) that rely on the
 * session's unnamed statement. So the messages of a connection are collected up to the one that ends a query and then run
 * together: served message by message, a query that arrives in two reads would run with another connection's parameters.
 */
export async function servePostgres(db: PGlite, endpoint: Endpoint): Promise<PostgresSocket> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    serveConnection(db, socket)
  })
  await listen(server, endpoint)

  return {
    port: 'port' in endpoint ? (server.address() as AddressInfo).port : undefined,
    async close() {
      const closed = new Promise<void>((resolve) =>
        server.close(() => {
          resolve()
        }),
      )
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

function listen(server: Server, endpoint: Endpoint): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(endpoint, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function serveConnection(db: PGlite, socket: Socket): void {
  let received: Buffer = Buffer.alloc(0)
  let pipeline: Buffer[] = []
  let started = false
  let responded: Promise<void> = Promise.resolve()

  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk])
    for (let message = nextMessage(); message; message = nextMessage()) {
      const type = started ? String.fromCharCode(message[0]!) : undefined
      if (type === TERMINATE) {
        socket.end()
        return
      }
      pipeline.push(message)
      if (type !== undefined && !ENDS_PIPELINE.has(type)) continue
      const query = pipeline
      started = true
      pipeline = []
      responded = responded.then(() => respond(db, query, socket))
    }
  })

  /** A message is a type byte and a length that counts itself; the startup message has no type byte. */
  function nextMessage(): Buffer | undefined {
    const typeBytes = started ? 1 : 0
    if (received.length < typeBytes + 4) return undefined
    const body = received.readInt32BE(typeBytes)
    if (body < 4) {
      socket.destroy()
      return undefined
    }
    const length = typeBytes + body
    if (received.length < length) return undefined
    const message = received.subarray(0, length)
    received = received.subarray(length)
    return message
  }
}

async function respond(db: PGlite, query: Buffer[], socket: Socket): Promise<void> {
  try {
    await db.runExclusive(async () => {
      for (const message of query) {
        const response = await db.execProtocolRaw(message)
        if (socket.writable) socket.write(response)
      }
    })
  } catch {
    socket.destroy()
  }
}
