import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { once } from 'node:events'

/** What becomes of what the two sides send. */
type Traffic =
  | 'forwarded'
  /** Nothing gets through, and nobody is told. */
  | 'swallowed'
  /** The next message from the client does not reach the server: both connections break. */
  | 'cut before the server'
  /** The next message from the server does not reach the client: both connections break. */
  | 'cut after the server'

/** What stands between a client and a Postgres server. */
export interface Proxy extends AsyncDisposable {
  /** Of the server, by way of the proxy. */
  readonly url: string
  traffic: Traffic
}

/** Starts a proxy to the server of a URL. */
export async function startProxy(url: string): Promise<Proxy> {
  const target = new URL(url)
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname)
    const cut = (): void => {
      near.destroy()
      far.destroy()
    }
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', cut)
      socket.on('close', () => {
        sockets.delete(socket)
        if (proxy.traffic !== 'swallowed') cut()
      })
    }
    near.on('data', (chunk) => {
      if (proxy.traffic === 'cut before the server') cut()
      else if (proxy.traffic !== 'swallowed') far.write(chunk)
    })
    far.on('data', (chunk) => {
      if (proxy.traffic === 'cut after the server') cut()
      else if (proxy.traffic !== 'swallowed') near.write(chunk)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const through = new URL(url)
  through.port = String((server.address() as AddressInfo).port)
  const proxy: Proxy = {
    url: through.href,
    traffic: 'forwarded',
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
  return proxy
}
