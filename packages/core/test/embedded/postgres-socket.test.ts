import { mkdtempSync, rmSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { openPrivateEndpoint } from '../../src/embedded/private-endpoint.ts'
import { servePostgres, type PostgresSocket } from '../../src/embedded/postgres-socket.ts'

describe('two connections to one PGlite', () => {
  const directory = mkdtempSync(join(tmpdir(), 'socket-test-'))
  let db: PGlite
  let socket: PostgresSocket

  const connect = async () => {
    const client = new pg.Client({ host: directory, port: 5432, user: 'postgres', password: 'x', ssl: false })
    await client.connect()
    return client
  }
  beforeAll(async () => {
    db = await PGlite.create()
    socket = await servePostgres(db, { path: join(directory, '.s.PGSQL.5432') })
  })
  afterAll(async () => {
    await socket.close()
    await db.close()
    rmSync(directory, { recursive: true, force: true })
  })

  it('never run with the parameters of the other, however long the query', async () => {
    const [alice, bob] = await Promise.all([connect(), connect()])
    await alice.query('CREATE TABLE of_alice (owner text, body text)')
    await bob.query('CREATE TABLE of_bob (owner text, body text)')
    const body = 'x'.repeat(300_000)
    const rounds = 20
    for (let round = 0; round < rounds; round++) {
      await Promise.all([
        alice.query('INSERT INTO of_alice VALUES ($1, $2)', ['alice', body]),
        bob.query('INSERT INTO of_bob VALUES ($1, $2)', ['bob', body]),
      ])
    }
    for (const [client, table, owner] of [
      [alice, 'of_alice', 'alice'],
      [bob, 'of_bob', 'bob'],
    ] as const) {
      const { rows } = await client.query(`SELECT owner, count(*)::int FROM ${table} GROUP BY owner`)
      expect(rows).toEqual([{ owner, count: rounds }])
    }
    await Promise.all([alice.end(), bob.end()])
  })

  it('report a failed query to its sender only, and keep working', async () => {
    const [alice, bob] = await Promise.all([connect(), connect()])
    const [failed, answered] = await Promise.allSettled([
      alice.query('SELECT $1::int / 0', [1]),
      bob.query('SELECT $1::int AS one', [1]),
    ])
    expect(failed).toMatchObject({ status: 'rejected', reason: { code: '22012' } })
    expect(answered).toMatchObject({ status: 'fulfilled', value: { rows: [{ one: 1 }] } })
    expect((await alice.query('SELECT $1::int AS two', [2])).rows).toEqual([{ two: 2 }])
    await Promise.all([alice.end(), bob.end()])
  })

  it('survive a client that does not speak the protocol', async () => {
    const stranger = createConnection(join(directory, '.s.PGSQL.5432'))
    const closed = new Promise((resolve) => stranger.once('close', resolve))
    stranger.on('error', () => {})
    stranger.write(Buffer.alloc(16, 0xff))
    await closed
    const client = await connect()
    expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
    await client.end()
  })

  it('work over a loopback port, where there are no Unix sockets', async () => {
    const platform = vi.spyOn(process, 'platform', 'get').mockReturnValue('win32')
    const { connection, close } = await openPrivateEndpoint(db).finally(() => platform.mockRestore())
    expect(connection).toMatchObject({ host: '127.0.0.1', port: expect.any(Number) })
    const client = new pg.Client({ ...connection, database: 'postgres' })
    await client.connect()
    expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
    await client.end()
    await close()
  })
})
