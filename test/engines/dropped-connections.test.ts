import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { openPostgres } from './postgres-server.ts'

const postgres = await openPostgres()
const url = 'url' in postgres ? postgres.url : ''
if ('unavailable' in postgres) console.warn(`Skipped, PostgreSQL: ${postgres.unavailable}`)
afterAll(() => ('close' in postgres ? postgres.close() : undefined))

/** Stores a memory, has the server end both connections of mem0 three times, and lists after each. */
const program = (collectionName: string, given: string) => `
  import { ScopedMemory } from '@scoped-memory/core'
  import { hashEmbedder } from '../packages/core/test/embedded/hash-embedder.ts'
  import { postgresMemory } from './engines/postgres-memory.ts'
  import pg from 'pg'

  const client = postgresMemory({
    url: process.env.DATABASE_URL, embedder: hashEmbedder(8), dimensions: 8, collectionName: '${collectionName}',
  })
  ${given}
  await client.add('tea', { userId: 'u_alice', infer: false })
  const admin = new pg.Client({ connectionString: process.env.DATABASE_URL })
  await admin.connect()
  for (let drop = 0; drop < 3; drop++) {
    await (await client.getEntityStore()).list({ user_id: 'u_alice' }, 1)
    const ended = [client.vectorStore.client, client._entityStore.client].map(
      (connection) => new Promise((resolve) => connection.once('end', resolve)),
    )
    await admin.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    )
    await Promise.all(ended)
    const { results } = await client.getAll({ filters: { user_id: 'u_alice' } })
    console.log(results.map(({ memory }) => memory).join())
  }
  process.exit()`

describe.skipIf(url === '')('81 · a server that ends the connections of mem0', () => {
  it('ends the process of one who uses mem0 alone', async () => {
    await expect(run(program('alone', ''))).rejects.toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('terminating connection due to administrator command'),
    })
  })

  it('is a warning to one who gave the client to a handle: the next call is answered', async () => {
    const { stdout, stderr } = await run(program('handed', `new ScopedMemory('u_alice', { client })`))
    expect(stdout).toBe('tea\ntea\ntea\n')
    expect(stderr.match(/ScopedMemoryWarning: Postgres ended a connection of mem0 \(57P01\)/g)).toHaveLength(
      1,
    )
  })
})

/** Runs a module in a process of its own. */
function run(module: string): Promise<{ stdout: string; stderr: string }> {
  return promisify(execFile)(
    process.execPath,
    ['--conditions=@scoped-memory/source', '--import', 'tsx', '--input-type=module', '--eval', module],
    { cwd: new URL('..', import.meta.url), env: { ...process.env, DATABASE_URL: url } },
  )
}
