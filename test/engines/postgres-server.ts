import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Client } from 'pg'

/** A database of its own on a PostgreSQL that can have pgvector. */
export interface PostgresDatabase extends AsyncDisposable {
  readonly url: string
  /** The server, which is its alone; undefined where others may use it. */
  readonly server: PostgresServer | undefined
  /** Drops the database, and stops the server where it was started for it. */
  close(): Promise<void>
}

const SCRIPT = fileURLToPath(new URL('../../scripts/pgvector-up.sh', import.meta.url))
const CANNOT_RUN = 69
const run = promisify(execFile)

/** A PostgreSQL that can have pgvector, of one's own. */
export interface PostgresServer extends AsyncDisposable {
  readonly url: string
  /** Ends it without notice, as a failing machine does. Its data stay. */
  halt(): Promise<void>
  /** Starts it again, with the same data and URL. */
  restart(): Promise<void>
  /** Stops it and deletes its data. */
  close(): Promise<void>
}

/**
 * A new database on the server at `PGVECTOR_URL`, or else on one that the project's script gets.
 *
 * @returns why there is none, where this machine cannot have one
 * @throws what the script or the server broke with
 */
export async function openPostgres(): Promise<PostgresDatabase | { readonly unavailable: string }> {
  const given = process.env['PGVECTOR_URL']
  if (given !== undefined && given !== '') return newDatabase(given, undefined)
  const server = await startPostgres()
  if (!('unavailable' in server)) return newDatabase(server.url, server)
  return { unavailable: `${server.unavailable} Set PGVECTOR_URL to a server that may create databases.` }
}

/**
 * A server that the project's script gets.
 *
 * @returns why there is none, where this machine cannot have one
 * @throws what the script broke with
 */
export async function startPostgres(): Promise<PostgresServer | { readonly unavailable: string }> {
  const name = `p${process.pid}-${randomUUID().slice(0, 8)}`
  const start = async (): Promise<string> => (await run(SCRIPT, [name])).stdout.trim()
  let url: string
  try {
    url = await start()
  } catch (error) {
    const { code, stderr, message } = error as { code?: unknown; stderr?: string; message: string }
    if (code === CANNOT_RUN) return { unavailable: stderr?.trim() ?? message }
    // Such as a system that has no bash.
    if (code === 'ENOENT' || code === 'EACCES') return { unavailable: message }
    throw new Error(stderr?.trim() ?? message, { cause: error })
  }
  const close = async (): Promise<void> => void (await run(SCRIPT, ['--stop', name]))
  return {
    url,
    halt: async () => void (await run(SCRIPT, ['--halt', name])),
    async restart() {
      const now = await start()
      if (now !== url) throw new Error(`The server was to listen at the same port again.`)
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

async function newDatabase(serverUrl: string, server: PostgresServer | undefined): Promise<PostgresDatabase> {
  const name = `scoped_memory_${randomUUID().replaceAll('-', '')}`
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  try {
    await query(serverUrl, `CREATE DATABASE ${name}`)
  } catch (error) {
    await server?.close()
    throw error
  }
  const close = async (): Promise<void> => {
    await query(serverUrl, `DROP DATABASE ${name} WITH (FORCE)`)
    await server?.close()
  }
  return { url: url.href, server, close, [Symbol.asyncDispose]: close }
}

async function query(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
