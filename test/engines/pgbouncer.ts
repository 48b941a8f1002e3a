import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A PgBouncer before a server. */
export interface PgBouncer {
  /** Of the server's database as one of its roles, by way of the pooler. */
  readonly url: string
  close(): Promise<void>
}

const SCRIPT = fileURLToPath(new URL('../../scripts/pgbouncer.sh', import.meta.url))

/**
 * A PgBouncer in transaction mode.
 *
 * @param url of the database, with the role and its password
 * @param connections how many it has to the server
 * @returns why there is none, where this machine cannot have one
 */
export async function startPgBouncer(
  url: string,
  connections: number,
): Promise<PgBouncer | { readonly unavailable: string }> {
  const { hostname, port, username, password } = new URL(url)
  const directory = mkdtempSync(join(tmpdir(), 'pgbouncer-'))
  const listenPort = await freePort()
  writeFileSync(join(directory, 'users.txt'), `"${username}" "${password}"\n`)
  writeFileSync(
    join(directory, 'pgbouncer.ini'),
    `[databases]
* = host=${hostname} port=${port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${listenPort}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${join(directory, 'users.txt')}
pool_mode = transaction
default_pool_size = ${connections}
`,
  )
  // It may run as another user.
  chmodSync(directory, 0o755)
  const child = spawn(SCRIPT, [join(directory, 'pgbouncer.ini')], { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = once(child, 'close').catch(() => [])
  const close = async (): Promise<void> => {
    child.kill()
    await ended
    rmSync(directory, { recursive: true, force: true })
  }
  let log = ''
  for await (const chunk of child.stderr.setEncoding('utf8') as AsyncIterable<string>) {
    log += chunk
    if (!log.includes('process up')) continue
    child.stderr.resume()
    const pooled = new URL(url)
    pooled.host = `127.0.0.1:${listenPort}`
    return { url: pooled.href, close }
  }
  await close()
  if (log.startsWith('No PgBouncer here')) return { unavailable: log.trim() }
  throw new Error(log)
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
