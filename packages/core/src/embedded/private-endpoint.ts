import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PGlite } from '@electric-sql/pglite'
import type { VectorStoreConfig } from 'mem0ai/oss'
import { servePostgres } from './postgres-socket.ts'

/** The longest path of a Unix socket on every platform, including the file name that Postgres clients expect. */
const MAX_SOCKET_PATH = 103
const SOCKET_NAME = '.s.PGSQL.5432'

/**
 * Serves PGlite where mem0's Postgres client can reach it and no other user of the machine can: on a Unix socket in a new
 * directory of mode 0700. On Windows it is a port on the loopback address, which every local process can reach.
 *
 * @returns mem0's connection settings, and `close`, which also removes the directory
 */
export async function openPrivateEndpoint(
  db: PGlite,
): Promise<{ connection: VectorStoreConfig; close: () => Promise<void> }> {
  // PGlite has one role and accepts any password, but mem0 requires one. Without `ssl`, pg reads PGSSLMODE.
  const login = { user: 'postgres', password: 'unused', dbname: 'postgres', ssl: false }
  if (process.platform === 'win32') {
    const socket = await servePostgres(db, { host: '127.0.0.1', port: 0 })
    return { connection: { ...login, host: '127.0.0.1', port: socket.port }, close: () => socket.close() }
  }

  const directory = await mkdtemp(join(temporaryDirectory(), 'mem-'))
  const removeDirectory = () => rm(directory, { recursive: true, force: true })
  try {
    const socket = await servePostgres(db, { path: join(directory, SOCKET_NAME) })
    return {
      connection: { ...login, host: directory, port: 5432 },
      close: async () => {
        await socket.close()
        await removeDirectory()
      },
    }
  } catch (error) {
    await removeDirectory()
    throw error
  }
}

function temporaryDirectory(): string {
  const longest = join(tmpdir(), 'mem-XXXXXX', SOCKET_NAME)
  return Buffer.byteLength(longest) <= MAX_SOCKET_PATH ? tmpdir() : '/tmp'
}
