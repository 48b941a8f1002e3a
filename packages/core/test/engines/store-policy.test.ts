import { spawnSync } from 'node:child_process'
import { Memory } from 'mem0ai/oss'
import { describe, expect, it } from 'vitest'
import { ensureUserIndex } from '../../src/index.ts'
import { hashEmbedder } from '../embedded/hash-embedder.ts'

/** What a new process warns of while it runs `code`, in which `handle(client)` makes a handle and `on(store)` a client. */
function warningsOf(code: string): string[] {
  const program = `
    import { createMemoryFactory, ScopedMemory } from './src/index.ts'
    import { createInMemoryClient } from './src/testing/index.ts'
    process.on('warning', ({ name, message }) => console.log(name + ' ' + message))
    const none = async () => ({ results: [] })
    const on = (provider) => ({
      config: { vectorStore: { provider } },
      add: none, search: none, getAll: none, get: none, update: none, delete: none, deleteAll: none, history: none,
    })
    const handle = (client) => new ScopedMemory('u_alice', { client })
    ${code}`
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--conditions=@scoped-memory/source', '--import', 'tsx', '--input-type=module', '--eval', program],
    { cwd: new URL('../..', import.meta.url), encoding: 'utf8' },
  )
  expect(status, stderr).toBe(0)
  return stdout.split('\n').filter((line) => line.startsWith('ScopedMemoryWarning'))
}

describe('a store in which every search reads every user', () => {
  it.each([
    [
      'memory',
      /"memory": mem0 reads the whole SQLite file.*use openPostgresMemory\(\) of @scoped-memory\/core\/postgres/,
    ],
    ['supabase', /"supabase":.*every search reads every user\. Use openPostgresMemory\(\)/],
  ])('%s is named once, with what to do, however many clients and handles there are', (store, text) => {
    const warnings = warningsOf(`
      const [one, other] = [on('${store}'), on('${store}')]
      for (const client of [one, one, other]) handle(client).within({ runId: 'r1' })
      createMemoryFactory({ client: other, ownershipCacheSize: 5 })('u_bob')`)
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toMatch(text)
  })

  it('is said by ensureUserIndex() in the same words', async () => {
    const memory = new Memory({
      embedder: hashEmbedder(8),
      llm: { provider: 'openai', config: { apiKey: 'unused', baseURL: 'http://127.0.0.1:9' } },
      vectorStore: { provider: 'memory', config: { collectionName: 'm', dimension: 8, dbPath: ':memory:' } },
      disableHistory: true,
    })
    const { status, advice } = await ensureUserIndex(memory)
    expect(status).toBe('missing')
    expect(warningsOf(`handle(on('memory'))`)[0]).toContain(advice)
  })

  it('is not said of the other stores, nor of the client for tests, which is not a store', () => {
    expect(
      warningsOf(`
        for (const store of ['pgvector', 'qdrant', 'mongodb', 'elasticsearch']) handle(on(store))
        handle(createInMemoryClient())`),
    ).toEqual([])
  })
})
