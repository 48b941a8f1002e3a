import { randomUUID } from 'node:crypto'
import type { Mem0Platform } from '@scoped-memory/mem0-platform'
import type { MemoryClient } from 'mem0ai'
import type { Memory } from 'mem0ai/oss'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMemoryFactory, ScopedMemoryError } from '../../src/index.ts'
import type { Backend } from '../support/backends.ts'
import { naiveMemory } from '../support/naive-memory.ts'

/** The operations of a handle, whatever is passed to them: an attacker has no compiler. */
type Handle = Record<
  | 'add'
  | 'search'
  | 'getAll'
  | 'get'
  | 'update'
  | 'delete'
  | 'deleteAll'
  | 'history'
  | 'batchUpdate'
  | 'batchDelete'
  | 'feedback',
  (...args: unknown[]) => Promise<unknown>
>

/** Thrown by an attack that got through. */
export class Leak extends Error {}

/** Two users with one secret each in a run they share by name, and the means to look behind the handle. */
export interface Harness {
  readonly client: MemoryClient | Memory
  readonly platform: Mem0Platform | undefined
  readonly alice: string
  readonly bob: string
  readonly run: string
  /** The handle of Alice. */
  readonly memory: Handle
  readonly bobsId: string
  readonly bobsSecret: string
  readonly alicesId: string
  readonly memoryFor: (userId: unknown) => Handle
  /** The answer, or undefined when the handle refused. Errors that no handle of ours throws fail the test. */
  readonly attempt: <T>(call: () => Promise<T>) => Promise<T | undefined>
  /** Throws a Leak when the answer holds Bob's secret. */
  readonly mustNotShowBob: (answer: unknown) => void
  /** Throws a Leak when what Bob has is not what he had. */
  readonly mustBeIntact: () => Promise<void>
  /** What the back end holds under a user. */
  readonly rowsOf: (userId: string) => Promise<{ id: string; memory: string }[]>
}

export interface Attack {
  readonly title: string
  /** The back ends whose own store stops it, whatever wrapper asks. */
  readonly stoppedByStoreOf?: readonly string[]
  /** Throws a Leak when it got through. */
  readonly run: (harness: Harness) => Promise<void>
}

/**
 * Runs each attack against the naive wrapper, where it has to get through unless the store itself stops it, and against a
 * handle, where it must not.
 */
export function threats(
  backend: string,
  open: () => Promise<Backend & { platform?: Mem0Platform }>,
  attacks: readonly Attack[],
): void {
  describe.each(attacks)(`$title · ${backend}`, ({ run, stoppedByStoreOf = [] }) => {
    const isStoppedByStore = stoppedByStoreOf.includes(backend)
    let opened: Awaited<ReturnType<typeof open>>
    beforeAll(async () => {
      opened = await shared(backend, open)
    })

    it(`${isStoppedByStore ? 'is stopped by the store behind' : 'gets through'} the naive wrapper`, async () => {
      const harness = await setUp(
        opened,
        (userId) => naiveMemory(opened.client, userId) as unknown as Handle,
        false,
      )
      if (isStoppedByStore) await run(harness)
      else await expect(run(harness)).rejects.toThrow(Leak)
    })

    it('is stopped', async () => {
      const memoryFor = createMemoryFactory({ client: opened.client })
      const harness = await setUp(opened, (userId) => memoryFor(userId as string) as unknown as Handle, true)
      await run(harness)
      await harness.mustBeIntact()
      harness.mustNotShowBob(await harness.memory.getAll())
    })
  })

  afterAll(async () => {
    const running = await back.get(backend)
    back.delete(backend)
    await running?.close()
  })
}

// Starting a database costs seconds; users are new in each test.
const back = new Map<string, Promise<Backend & { platform?: Mem0Platform }>>()
function shared(name: string, open: () => Promise<Backend & { platform?: Mem0Platform }>) {
  let running = back.get(name)
  if (running === undefined) back.set(name, (running = open()))
  return running
}

async function setUp(
  { client, platform }: Backend & { platform?: Mem0Platform },
  memoryFor: (userId: unknown) => Handle,
  refusesProperly: boolean,
): Promise<Harness> {
  platform?.reset()
  const unique = randomUUID().slice(0, 8)
  const [alice, bob, run] = [`alice-${unique}`, `bob-${unique}`, `run-${unique}`]
  const bobsSecret = `BOB-SECRET-${unique}`
  const add = client.add.bind(client) as (messages: object[], options: object) => Promise<unknown>
  await add([{ role: 'user', content: `ALICE-SECRET-${unique}` }], {
    userId: alice,
    runId: run,
    infer: false,
  })
  await add([{ role: 'user', content: bobsSecret }], { userId: bob, runId: run, infer: false })
  const rowsOf = async (userId: string) =>
    (await client.getAll({ filters: { user_id: userId } })).results as { id: string; memory: string }[]
  const [alicesRow] = await rowsOf(alice)
  const [bobsRow] = await rowsOf(bob)
  platform?.clearRequests()
  return {
    client,
    platform,
    alice,
    bob,
    run,
    bobsSecret,
    memoryFor,
    rowsOf,
    memory: memoryFor(alice),
    bobsId: bobsRow!.id,
    alicesId: alicesRow!.id,
    async attempt(call) {
      try {
        return await call()
      } catch (error) {
        if (refusesProperly) expect(error).toBeInstanceOf(ScopedMemoryError)
        if (refusesProperly) expect(String(error)).not.toContain(bobsSecret)
        return undefined
      }
    },
    mustNotShowBob(answer) {
      if (JSON.stringify(answer ?? null).includes(bobsSecret)) throw new Leak("Bob's memory was shown")
    },
    async mustBeIntact() {
      const rows = await rowsOf(bob)
      if (rows.length !== 1 || rows[0]!.memory !== bobsSecret) throw new Leak("Bob's memories were changed")
    },
  }
}
