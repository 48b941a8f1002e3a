import { createMemoryFactory } from '@scoped-memory/core'
import {
  importMem0Table,
  openPostgresMemory,
  setUpPostgres,
  type ClosableMemory,
  type ImportMem0TableOptions,
  type Mem0TableImport,
  type SetUpPostgresOptions,
} from '@scoped-memory/core/postgres'
import type { Memory } from 'mem0ai/oss'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hashEmbedder } from '../../packages/core/test/embedded/hash-embedder.ts'
import { startFactModel } from '../../packages/core/test/support/fact-model.ts'
import { disconnect, postgresMemory } from './postgres-memory.ts'
import { createRoles, type PostgresRoles } from './postgres-roles.ts'
import { openPostgres } from './postgres-server.ts'

const DIMENSIONS = 16
const postgres = await openPostgres()
const url = 'url' in postgres ? postgres.url : ''
if ('unavailable' in postgres) console.warn(`Skipped, PostgreSQL: ${postgres.unavailable}`)

describe.skipIf(url === '')('importMem0Table()', () => {
  const users = ['u_alice', 'u_bob', 'u_carol']
  const embedder = hashEmbedder(DIMENSIONS)
  let roles: PostgresRoles
  let ids: Record<string, string[]>
  let counter = 0

  /** A target of its own, and the import into it. */
  const target = async (options: Partial<SetUpPostgresOptions> = {}) => {
    const table = `target_${counter++}`
    const { owner, app } = roles
    const setUp = { connectionString: owner.url, dimensions: DIMENSIONS, role: app.name, table, ...options }
    await setUpPostgres(setUp)
    const run = (more: Partial<ImportMem0TableOptions> = {}): Promise<Mem0TableImport> =>
      importMem0Table({ from: 'memories', connectionString: owner.url, table, ...more })
    const open = (): Promise<ClosableMemory> =>
      openPostgresMemory({
        connectionString: app.url,
        embedder,
        table,
        rowLevelSecurity: options.rowLevelSecurity ?? false,
      })
    const countOf = async (suffix = ''): Promise<number> =>
      Number((await roles.admin(`SELECT count(*) FROM ${table}${suffix}`))[0]!['count'])
    return { table, run, open, countOf }
  }
  const sourceRows = async () => [
    await roles.admin('SELECT id, vector::text, payload FROM memories ORDER BY id'),
    await roles.admin('SELECT id, vector::text, payload FROM memories_entities ORDER BY id'),
  ]

  beforeAll(async () => {
    roles = await createRoles(url)
    await roles.admin(`ALTER SCHEMA public OWNER TO ${roles.owner.name}`)
    const model = await startFactModel()
    const mem0: Memory = postgresMemory({
      url: roles.owner.url,
      embedder,
      dimensions: DIMENSIONS,
      modelUrl: model.url,
    })
    ids = {}
    for (const user of users) {
      const texts = ['I met Maria Lopez in Porto', 'My dog is called Rex', 'I work at Acme Corporation']
      const { results } = await mem0.add(
        texts.map((content) => ({ role: 'user', content: `${content} (${user})` })),
        { userId: user, agentId: 'guide', metadata: { appId: 'web', n: 1.5 } },
      )
      ids[user] = results.map(({ id }) => id)
    }
    await disconnect(mem0)
    await model.close()
    expect(ids['u_alice']).toHaveLength(3)
  })
  afterAll(async () => {
    await roles?.[Symbol.asyncDispose]()
    if ('close' in postgres) await postgres.close()
  })

  it.each([
    ['plain tables', {}],
    ['partitions', { partitions: 3 }],
    ['row-level security, which binds the owner too', { rowLevelSecurity: true }],
  ])(
    'brings what mem0 stored into %s, with ids, entities and a first entry of history',
    async (_name, options) => {
      const before = await sourceRows()
      const entities = before[1]!.length
      expect(entities).toBeGreaterThan(0)
      const { run, open } = await target(options)
      const seen: Mem0TableImport[] = []
      const done = await run({ batchSize: 2, onProgress: (progress) => void seen.push(progress) })

      const none = { alreadyThere: 0, withoutUser: 0, withoutVector: 0, withoutMemory: 0 }
      expect(done).toEqual({
        memories: { found: 9, imported: 9, ...none },
        entities: { found: entities, imported: entities, ...none },
        leftBehind: [],
      })
      expect(seen.map(({ memories }) => memories.found).slice(0, 5)).toEqual([2, 4, 6, 8, 9])
      expect(seen.at(-1)).toEqual(done)

      await using client = await open()
      const memoryFor = createMemoryFactory({ client })
      for (const user of users) {
        const handle = memoryFor(user)
        const { results } = await handle.getAll()
        expect(results.map(({ id }) => id).sort()).toEqual([...ids[user]!].sort())
        for (const { id, memory, metadata, createdAt } of results) {
          expect(memory).toContain(`(${user})`)
          expect(metadata).toMatchObject({ n: 1.5 })
          expect(await handle.history(id)).toMatchObject([
            { action: 'ADD', memory_id: id, new_value: memory, previous_value: null, created_at: createdAt },
          ])
        }
        expect((await handle.search('Rex the dog')).results[0]).toMatchObject({
          memory: `My dog is called Rex (${user})`,
        })
      }
      expect(await sourceRows()).toEqual(before)

      const again = await run()
      expect(again.memories).toEqual({ found: 9, imported: 0, ...none, alreadyThere: 9 })
      expect(again.entities).toEqual({ found: entities, imported: 0, ...none, alreadyThere: entities })
      for (const user of users) await memoryFor(user).deleteAll()
    },
  )

  it('links entities to the memories of their own user only', async () => {
    const { run, table } = await target()
    const id = (
      await roles.admin(`SELECT id FROM memories_entities WHERE payload ->> 'user_id' = 'u_alice' LIMIT 1`)
    )[0]!['id']
    const original = (await roles.admin('SELECT payload FROM memories_entities WHERE id = $1', [id]))[0]![
      'payload'
    ]
    const foreign = JSON.stringify([ids['u_bob']![0], 'not an id', null, ids['u_alice']![0]])
    await roles.admin(
      `UPDATE memories_entities SET payload = jsonb_set(payload, '{linkedMemoryIds}', $2) WHERE id = $1`,
      [id, foreign],
    )
    await run()
    expect(
      await roles.admin(`SELECT user_id, links, payload FROM ${table}_entities WHERE id = $1`, [id]),
    ).toMatchObject([{ user_id: 'u_alice', links: [ids['u_alice']![0]] }])
    await roles.admin('UPDATE memories_entities SET payload = $2 WHERE id = $1', [id, original])
  })

  it('leaves rows without a user or a vector where they are, and reports them', async () => {
    const strays = await roles.admin(
      `INSERT INTO memories SELECT gen_random_uuid(), array_fill(0.1, ARRAY[${DIMENSIONS}])::vector, payload
       FROM unnest(ARRAY[
         '{"data":"x"}', '{"data":"x","user_id":null}', '{"data":"x","user_id":""}', '{"data":"x","user_id":7}',
         '{"data":"x","user_id":["u_alice"]}', '{"data":"x","user_id":"*"}', '{"data":"x","user_id":"John Smith"}', NULL
       ]::jsonb[]) payload RETURNING id`,
    )
    const flat = await roles.admin(
      `INSERT INTO memories VALUES (gen_random_uuid(), NULL, '{"data":"x","user_id":"u_alice"}') RETURNING id`,
    )
    const left = [...strays, ...flat].map(({ id }) => id as string)
    const { run, countOf } = await target()
    const { memories, leftBehind } = await run({ batchSize: 5 })
    expect(memories).toEqual({
      found: 18,
      imported: 9,
      alreadyThere: 0,
      withoutUser: 8,
      withoutVector: 1,
      withoutMemory: 0,
    })
    expect([...leftBehind].sort()).toEqual(left.sort())
    expect(await countOf()).toBe(9)
    await roles.admin('DELETE FROM memories WHERE id = ANY($1)', [left])
  })

  it('goes on where it was ended, and doubles nothing', async () => {
    const { run, countOf } = await target()
    const controller = new AbortController()
    const ended = run({
      batchSize: 2,
      signal: controller.signal,
      onProgress: ({ memories }) => {
        if (memories.imported === 4) controller.abort(new Error('enough'))
      },
    })
    await expect(ended).rejects.toThrow('enough')
    expect([await countOf(), await countOf('_history'), await countOf('_entities')]).toEqual([4, 4, 0])
    // A process that dies in the middle of a batch leaves nothing of it.
    const killed = run({
      batchSize: 5,
      onProgress: () => {
        throw new Error('killed')
      },
    })
    await expect(killed).rejects.toThrow('killed')
    expect(await countOf()).toBe(5)
    expect((await run({ batchSize: 2 })).memories).toMatchObject({ found: 9, imported: 4, alreadyThere: 5 })
    expect([await countOf(), await countOf('_history')]).toEqual([9, 9])
  })

  it('leaves as it is what was changed or deleted since', async () => {
    const { run, open } = await target()
    await run()
    await using client = await open()
    const alice = createMemoryFactory({ client })('u_alice')
    const [changed, deleted] = ids['u_alice']!
    await alice.update(changed!, 'I moved to Faro')
    await alice.delete(deleted!)
    expect((await run()).memories).toMatchObject({ imported: 0, alreadyThere: 9 })
    expect(await alice.get(changed!)).toMatchObject({ memory: 'I moved to Faro' })
    await expect(alice.get(deleted!)).rejects.toMatchObject({ code: 'MEMORY_NOT_FOUND' })
    expect(await alice.history(changed!)).toHaveLength(2)
  })

  it('brings everything once when several run at once', async () => {
    const { run, countOf } = await target({ rowLevelSecurity: true })
    const all = await Promise.all([1, 2, 3].map((batchSize) => run({ batchSize })))
    expect(all.reduce((sum, { memories }) => sum + memories.imported, 0)).toBe(9)
    expect(await countOf()).toBe(9)
  })

  it('imports memories whose entities were never stored', async () => {
    await roles.admin(
      'CREATE TABLE lonely (LIKE memories INCLUDING ALL); INSERT INTO lonely SELECT * FROM memories',
    )
    const { run } = await target()
    const refused: unknown = await run({ from: 'public.lonely' }).catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'SCHEMA_MISMATCH' })
    await roles.admin(/run: (GRANT .*;)$/.exec((refused as Error).message)![1]!)
    expect(await run({ from: 'public.lonely' })).toMatchObject({
      memories: { imported: 9 },
      entities: { found: 0 },
    })
  })

  describe('refuses', () => {
    const refusal = async (run: () => Promise<unknown>): Promise<Error> =>
      run().then(
        () => new Error('none'),
        (error: Error) => error,
      )

    it('vectors of another length, and says what to make', async () => {
      const { run } = await target({ dimensions: 3 })
      expect(await refusal(run)).toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: expect.stringContaining(
          `setUpPostgres({ …, dimensions: ${DIMENSIONS}, table: 'imported_memories' })`,
        ),
      })
    })
    it('a source that is not there, or not of mem0', async () => {
      const { run, table } = await target()
      expect(await refusal(() => run({ from: 'nowhere' }))).toMatchObject({
        code: 'SCHEMA_MISMATCH',
        message: expect.stringContaining('collectionName'),
      })
      expect(await refusal(() => run({ from: table }))).toMatchObject({
        code: 'SCHEMA_MISMATCH',
        message: expect.stringContaining('not one of mem0'),
      })
    })
    it('a target that is not there, and says what to run', async () => {
      const { run } = await target()
      expect(await refusal(() => run({ table: 'missing' }))).toMatchObject({
        code: 'SCHEMA_MISMATCH',
        message: expect.stringContaining("setUpPostgres({ connectionString, dimensions, table: 'missing' })"),
      })
      expect(await refusal(() => run({ table: 'memories' }))).toMatchObject({ code: 'SCHEMA_MISMATCH' })
    })
    it.each([
      [{ from: 'memories; DROP TABLE memories' }, 'from must be'],
      [{ from: undefined as never }, 'from must be'],
      [{ batchSize: 0 }, 'batchSize must be'],
      [{ batchSize: 10_001 }, 'batchSize must be'],
    ])('%j', async (options, message) => {
      const { run } = await target()
      expect(await refusal(() => run(options))).toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: expect.stringContaining(message),
      })
    })
  })
})
