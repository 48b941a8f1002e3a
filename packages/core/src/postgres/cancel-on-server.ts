import type { Client, Connection, PoolClient } from 'pg'

/** What of a client of `pg` says which process of which server it speaks to. */
interface Wired {
  readonly connection: Cancelling
  readonly host: string
  readonly port: number
  readonly ssl: unknown
  readonly processID: number
  readonly secretKey: number
}

interface Cancelling extends Connection {
  connect(portOrPath: number | string, host?: string): void
  requestSsl(): void
  cancel(processID: number, secretKey: number): void
}

/**
 * Asks the server to end the statement that a client runs, over a connection of its own, as the protocol wants it. The
 * client must not be used for another statement afterwards, which a late request would end too.
 */
export function cancelOnServer(client: PoolClient | Client): void {
  const { connection, host, port, ssl, processID, secretKey } = client as unknown as Wired
  const { constructor } = connection as unknown as { constructor: new (config: object) => Cancelling }
  const messenger = new constructor({ ssl })
  const cancel = (): void => messenger.cancel(processID, secretKey)
  messenger.on('error', () => messenger.stream.destroy())
  messenger.on('connect', () => (ssl ? messenger.requestSsl() : cancel()))
  messenger.on('sslconnect', cancel)
  if (host.startsWith('/')) messenger.connect(`${host}/.s.PGSQL.${port}`)
  else messenger.connect(port, host)
}
