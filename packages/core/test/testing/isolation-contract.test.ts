import nodeTest from 'node:test'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ScopedMemory, type Mem0Client } from '../../src/index.ts'
import {
  createInMemoryClient,
  isolationChecks,
  isolationContract,
  type IsolationContractOptions,
} from '../../src/testing/index.ts'
import type { Backend } from '../support/backends.ts'
import { naiveMemory } from '../support/naive-memory.ts'
import { BACKENDS } from './backends.ts'

describe.each(Object.entries(BACKENDS))('over %s', (_name, open) => {
  let backend: Backend<Mem0Client>
  beforeAll(async () => {
    backend = await open()
  })
  afterAll(() => backend.close())

  isolationContract({
    describe,
    it,
    createMemory: (userId) => new ScopedMemory(userId, { client: backend.client }),
  })
})

describe('isolationContract', () => {
  it('registers each check once, attacks apart from legitimate uses, and fails the test of a failed check', async () => {
    const tests = new Map<string, () => Promise<void>>()
    const groups: string[] = []
    const client = createInMemoryClient()
    isolationContract({
      describe: (name, body) => {
        groups.push(name)
        body()
      },
      it: (name, body) => tests.set(`${groups.at(-1)}: ${name}`, body),
      createMemory: (userId) => naiveMemory(client, userId),
    })
    expect(groups).toEqual(['memory isolation', 'attacks', 'legitimate uses'])
    expect([...tests.keys()]).toEqual(
      isolationChecks.map(
        ({ kind, name }) => `${kind === 'attack' ? 'attacks' : 'legitimate uses'}: ${name}`,
      ),
    )
    await expect(tests.get("attacks: get does not read another user's memory")!()).rejects.toThrow(
      /^Failed: get does not read another user's memory\n {2}- get\('<id of a memory of bob>'\) leaked bob's memory/,
    )
    await tests.get('legitimate uses: a user can delete everything')!()
  })

  it('takes describe and it of node:test as they are', () => {
    const options: IsolationContractOptions = {
      describe: nodeTest.describe,
      it: nodeTest.it,
      createMemory: (userId) => new ScopedMemory(userId),
    }
    expect(options).toBeDefined()
  })
})
