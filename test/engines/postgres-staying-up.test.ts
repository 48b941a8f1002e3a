import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ScopedMemory } from '@scoped-memory/core'
import { openPostgresMemory, setUpPostgres } from '@scoped-memory/core/postgres'
import { Client, Pool } from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { hashEmbedder } from '../../packages/core/test/embedded/hash-embedder.ts'
import { openPostgres } from './postgres-server.ts'
import { startProxy } from './proxy.ts'

const DIMENSIONS = 8
const postgres = await openPostgres()
const url = 'url' in postgres ? postgres.url : ''
const server = 'url' in postgres ? postgres.server : undefined
if ('unavailable' in postgres) console.warn(`Skipped, PostgreSQL: ${postgres.unavailable}`)

const embedder = hashEmbedder(DIMENSIONS)
embedder.config.embeddingDims = DIMENSIONS
const VERBATIM = { infer: false }

describe.skipIf(url === '')('a memory on Postgres', () => {
  let admin: Client
  const connect = async (): Promise<void> => {
    admin = new Client({ connectionString: url })
    admin.on('error', () => undefined)
    await admin.connect()
  }
  beforeAll(async () => {
    await connect()
    await setUpPostgres({ connectionString: url, dimensions: DIMENSIONS })
  })
  afterAll(async () => {
    await admin.end()
    if ('close' in postgres) await postgres.close()
  })
  beforeEach(() => admin.query('TRUNCATE scoped_memories, scoped_memories_entities, scoped_memories_history'))

  const open = (options: object = { connectionString: url }) => openPostgresMemory({ embedder, ...options })
  const texts = async (): Promise<unknown[]> =>
    (await admin.query(`SELECT payload ->> 'data' AS text FROM scoped_memories ORDER BY seq`)).rows.map(
      ({ text }) => text as unknown,
    )
  const working = async (): Promise<number> =>
    (
      await admin.query(
        `SELECT FROM pg_stat_activity WHERE application_name = 'scoped-memory' AND state = 'active'`,
      )
    ).rows.length
  const works = (count: number) =>
    vi.waitFor(async () => expect(await working()).toBe(count), { timeout: 10_000 })
  /** Lets no other connection write until it is released. */
  const lock = async (): Promise<{ release(): Promise<void> }> => {
    const locker = new Client({ connectionString: url })
    locker.on('error', () => undefined)
    await locker.connect()
    await locker.query('BEGIN')
    await locker.query('LOCK TABLE scoped_memories IN EXCLUSIVE MODE')
    return { release: () => locker.end() }
  }

  describe('a call that is given up', () => {
    it.each([
      ['by its signal', {}, 'enough'],
      ['by the timeoutMs of the handle', { timeoutMs: 300 }, 'got no response'],
    ])('%s ends on the server, writes nothing and harms no other', async (_how, options, message) => {
      await using client = await open({ connectionString: url, poolSize: 1 })
      const alice = new ScopedMemory('u_alice', { client, ...options })
      await alice.add('tea', VERBATIM)
      const controller = new AbortController()
      const { release } = await lock()
      const given = alice
        .add('coffee', { ...VERBATIM, signal: controller.signal })
        .catch((error: unknown) => error)
      await works(1)
      if (message === 'enough') controller.abort(new Error('enough'))
      expect(await given).toMatchObject({ message: expect.stringContaining(message) })
      await works(0)
      await release()
      await alice.add('milk', VERBATIM)
      expect(await texts()).toEqual(['tea', 'milk'])
    })

    it('while its text is embedded writes nothing', async () => {
      const vector = Array.from({ length: DIMENSIONS }, () => 1)
      let isAsked: () => void
      const asked = new Promise<void>((resolve) => (isAsked = resolve))
      let embed: () => void
      const embedded = new Promise<void>((resolve) => (embed = resolve))
      const embedQuery = (): Promise<number[]> => {
        isAsked()
        return embedded.then(() => vector)
      }
      const embedDocuments = (all: string[]) => Promise.all(all.map(embedQuery))
      const slow = {
        provider: 'langchain',
        config: { embeddingDims: DIMENSIONS, model: { embedQuery, embedDocuments } },
      }
      const client = await open({ connectionString: url, embedder: slow })
      const alice = new ScopedMemory('u_alice', { client })
      const controller = new AbortController()
      const given = alice.add('coffee', { ...VERBATIM, signal: controller.signal })
      await asked
      controller.abort(new Error('enough'))
      await expect(given).rejects.toThrow('enough')
      embed!()
      // It waits for what is under way.
      await client.close()
      expect(await texts()).toEqual([])
    })

    it.skipIf(server === undefined)('is cancelled over TLS where the server is asked so', async () => {
      const directory = mkdtempSync(join(tmpdir(), 'postgres-tls-'))
      const [key, certificate] = ['key', 'crt'].map((name) => join(directory, name)) as [string, string]
      // prettier-ignore
      execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
        '-subj', '/CN=localhost', '-keyout', key, '-out', certificate], { stdio: 'ignore' })
      // Written by the server itself, whose file the key has to be.
      const { rows } = await admin.query<{ directory: string }>(
        `SELECT current_setting('data_directory') AS directory`,
      )
      for (const [path, name] of [
        [key, 'server.key'],
        [certificate, 'server.crt'],
      ] as const) {
        const lines = readFileSync(path, 'utf8')
          .trim()
          .split('\n')
          .map((line) => `('${line}')`)
        const file = `umask 077; cat >${rows[0]!.directory}/${name}`
        await admin.query(`COPY (VALUES ${lines.join()}) TO PROGRAM '${file}'`)
      }
      rmSync(directory, { recursive: true })
      await admin.query('ALTER SYSTEM SET ssl = on')
      await admin.query('SELECT pg_reload_conf()')
      const ssl = { rejectUnauthorized: false }
      await vi.waitFor(
        async () => {
          const probe = new Client({ connectionString: url, ssl })
          await probe.connect()
          await probe.end()
        },
        { timeout: 10_000 },
      )

      const pool = new Pool({ connectionString: url, ssl, application_name: 'scoped-memory' })
      const client = await open({ pool })
      const alice = new ScopedMemory('u_alice', { client })
      const controller = new AbortController()
      const { release } = await lock()
      const given = alice.add('coffee', { ...VERBATIM, signal: controller.signal }).catch(() => undefined)
      await works(1)
      expect(
        (
          await admin.query(
            `SELECT FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE ssl AND state = 'active'`,
          )
        ).rows,
      ).toHaveLength(1)
      controller.abort()
      await given
      await works(0)
      await release()
      await client.close()
      await pool.end()
      expect(await texts()).toEqual([])
      await admin.query('ALTER SYSTEM RESET ssl')
      await admin.query('SELECT pg_reload_conf()')
    })
  })

  it('says of a write whose connection broke that its fate is unknown, and of others that nothing was written', async () => {
    await using proxy = await startProxy(url)
    await using client = await open({ connectionString: proxy.url })
    const alice = new ScopedMemory('u_alice', { client })
    proxy.traffic = 'cut after the server'
    const failure = await alice.add('tea', VERBATIM).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'OUTCOME_UNKNOWN', status: 503 })
    expect(String(failure)).not.toContain('tea')
    await expect(alice.getAll()).rejects.toMatchObject({ code: 'UNAVAILABLE', status: 503 })
    proxy.traffic = 'forwarded'
    expect((await alice.getAll()).results).toMatchObject([{ memory: 'tea' }])
  })

  it.skipIf(server === undefined)('serves the first call after the server has come back', async () => {
    await using client = await open()
    const users = Array.from({ length: 20 }, (_, index) => new ScopedMemory(`u_${index}`, { client }))
    await Promise.all(users.map((user) => user.add('tea', VERBATIM)))
    const { release } = await lock()
    const given = users.map((user) => user.add('coffee', VERBATIM).catch((error: unknown) => error))
    await works(8)
    await server!.halt()
    await release()
    for (const outcome of await Promise.all(given)) {
      expect(outcome).toMatchObject({
        code: expect.stringMatching(/^(OUTCOME_UNKNOWN|UNAVAILABLE)$/),
        status: 503,
      })
    }
    await expect(users[0]!.add('milk', VERBATIM)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await server!.restart()
    for (const user of users) expect((await user.getAll()).results).toMatchObject([{ memory: 'tea' }])
    await connect()
  })

  it('is closed after the calls under way, even while the server is away, and refuses later ones', async () => {
    const client = await open()
    const alice = new ScopedMemory('u_alice', { client })
    const { release } = await lock()
    const adding = alice.add('tea', VERBATIM)
    await works(1)
    const closing = client.close()
    await expect(alice.getAll()).rejects.toMatchObject({ code: 'CLOSED' })
    await release()
    await adding
    await closing
    expect(await texts()).toEqual(['tea'])

    if (server === undefined) return
    const left = await open()
    await new ScopedMemory('u_alice', { client: left }).getAll()
    await server.halt()
    await left.close()
    await server.restart()
    await connect()
  })

  it('leaves a pool open that was given', async () => {
    const pool = new Pool({ connectionString: url })
    {
      await using client = await open({ pool })
      await new ScopedMemory('u_alice', { client }).add('tea', VERBATIM)
    }
    expect((await pool.query('SELECT user_id FROM scoped_memories')).rows).toEqual([{ user_id: 'u_alice' }])
    await pool.end()
  })

  it('does not wait for ever for a server that does not answer', async () => {
    const silent = createServer(() => undefined)
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as AddressInfo
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const connected = new Promise((resolve) => silent.once('connection', resolve))
      const opening = open({ connectionString: `postgres://app:app@127.0.0.1:${port}/app` }).catch(
        (error: unknown) => error,
      )
      await connected
      vi.advanceTimersByTime(10_000)
      expect(await opening).toMatchObject({ code: 'UNAVAILABLE', status: 503 })
    } finally {
      vi.useRealTimers()
      silent.close()
    }
  })
})
