import type { Connection, PoolClient } from 'pg'

/** What of a client of `pg` says which process of which server it speaks to. */
interface Wired {
  readonly connection: Cancelling
  readonly host: string
  readonly port: number
  readonly ssl: unknown
  readonly sslNegotiation?: string
  readonly processID: number
  readonly secretKey: number
}

interface Cancelling extends Connection {
  connect(portOrPath: number | string, host?: string): void
  requestSsl(): void
  cancel(processID: number, secretKey: number): void
}

/** For how long the server is waited for. */
const PATIENCE_MILLIS = 5000

/**
 * Asks the server to end the statement that a client runs, over a connection of its own, as the protocol wants it. The
 * client must not be used for another statement afterwards, which a late request would end too. Where the server does not
 * answer, the connection is ended from this side after five seconds.
 */
export function cancelOnServer(client: PoolClient): void {
  const { connection, host, port, ssl, sslNegotiation, processID, secretKey } = client as unknown as Wired
  const { constructor } = connection as unknown as { constructor: new (config: object) => Cancelling }
  const messenger = new constructor({ ssl, sslNegotiation })
  const cancel = (): void => messenger.cancel(processID, secretKey)
  messenger.on('error', () => messenger.stream.destroy())
  messenger.on('connect', () => {
    if (!ssl) cancel()
    else if (sslNegotiation !== 'direct') messenger.requestSsl()
  })
  messenger.on('sslconnect', cancel)
  if (host.startsWith('/')) messenger.connect(`${host}/.s.PGSQL.${port}`)
  else messenger.connect(port, host)
  setTimeout(() => {
    messenger.stream.destroy()
    connection.stream.destroy()
  }, PATIENCE_MILLIS).unref()
}
