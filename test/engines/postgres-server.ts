import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Client } from 'pg'

/** A database of its own on a PostgreSQL that can have pgvector. */
export interface PostgresDatabase extends AsyncDisposable {
  readonly url: string
  /** Drops the database, and stops the server where it was started for it. */
  close(): Promise<void>
}

const SCRIPT = fileURLToPath(new URL('../../scripts/pgvector-up.sh', import.meta.url))
const CANNOT_RUN = 69
const run = promisify(execFile)

/**
 * A new database on the server at `PGVECTOR_URL`, or else on one that the project's script gets.
 *
 * @returns why there is none, where this machine cannot have one
 * @throws what the script or the server broke with
 */
export async function openPostgres(): Promise<PostgresDatabase | { readonly unavailable: string }> {
  const given = process.env['PGVECTOR_URL']
  if (given !== undefined && given !== '') return newDatabase(given, () => Promise.resolve())
  const name = `p${process.pid}-${randomUUID().slice(0, 8)}`
  let url: string
  try {
    url = (await run(SCRIPT, [name])).stdout.trim()
  } catch (error) {
    const { code, stderr, message } = error as { code?: unknown; stderr?: string; message: string }
    if (code === CANNOT_RUN)
      return { unavailable: `${stderr?.trim()} Set PGVECTOR_URL to a server that may create databases.` }
    // Such as a system that has no bash.
    if (code === 'ENOENT' || code === 'EACCES') return { unavailable: message }
    throw new Error(stderr?.trim() ?? message, { cause: error })
  }
  return newDatabase(url, async () => void (await run(SCRIPT, ['--stop', name])))
}

async function newDatabase(server: string, stop: () => Promise<void>): Promise<PostgresDatabase> {
  const name = `scoped_memory_${randomUUID().replaceAll('-', '')}`
  const url = new URL(server)
  url.pathname = `/${name}`
  try {
    await query(server, `CREATE DATABASE ${name}`)
  } catch (error) {
    await stop()
    throw error
  }
  const close = async (): Promise<void> => {
    await query(server, `DROP DATABASE ${name} WITH (FORCE)`)
    await stop()
  }
  return { url: url.href, close, [Symbol.asyncDispose]: close }
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
