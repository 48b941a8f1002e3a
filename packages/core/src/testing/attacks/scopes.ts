import { QUERY, VERBATIM, type Harness, type TestUser } from '../harness.ts'
import { attack, type IsolationCheck } from '../isolation-check.ts'
import { recordsIn, type MemoryHandle } from '../memory-handle.ts'
import { changingProperty, READ_METHODS, readArguments } from './hostile-input.ts'

/** Attacks through calls on a whole scope, and through narrowing it. */
export const scopeAttacks: readonly IsolationCheck[] = [
  attack(
    'deleteAll leaves other users alone',
    "It deletes the user's memories and nothing else.",
    async (harness, alice) => {
      await harness.addUser('carol')
      await harness.call(alice, 'deleteAll')
    },
  ),
  attack(
    'erase leaves other users alone',
    "It deletes the user's memories and nothing else.",
    async (harness, alice) => {
      await harness.addUser('carol')
      await harness.call(alice, 'erase')
    },
  ),
  attack(
    'list and exportAll yield no other user',
    "Both read all pages; every record of every page must be the user's.",
    async (harness, alice) => {
      await harness.addUser('carol')
      await harness.call(alice, 'list')
      await harness.call(alice, 'exportAll')
    },
  ),
  attack(
    'a handle cannot be narrowed to another user',
    'within is passed a user beside a run or in its place.',
    async (harness, alice, bob) => {
      const { userId } = bob
      const runId = `isolation-run-${alice.secret}`
      for (const scope of [
        { userId },
        { user_id: userId },
        { runId, userId },
        { runId: '*' },
        { runId: userId, appId: '*' },
        { filters: { user_id: userId } },
        changingProperty('runId', runId, '*'),
        JSON.parse(`{"__proto__":{"userId":${JSON.stringify(userId)}}}`) as object,
      ]) {
        const narrowed = narrow(alice.memory, scope)
        if (narrowed === undefined) continue
        for (const method of READ_METHODS)
          await harness.callOn(alice, narrowed, method, ...readArguments(method, QUERY, {}))
        await harness.callOn(alice, narrowed, 'add', `Planted by ${alice.secret}`, VERBATIM)
        await harness.callOn(alice, narrowed, 'get', bob.ids[0])
        await harness.callOn(alice, narrowed, 'deleteAll')
      }
    },
  ),
  attack(
    'a narrowed handle reaches nothing outside its run',
    'A handle for one run asks for another run through options, filters, ids and a second within.',
    async (harness, alice) => {
      const [inside, outside] = await twoRuns(harness, alice)
      if (inside === undefined || outside === undefined) return
      const { runId, secret } = outside
      const checkForLeak = async (label: string, read: () => Promise<unknown>): Promise<void> => {
        const result = await read().catch(() => undefined)
        if (JSON.stringify(result ?? null).includes(secret))
          harness.report(`within({ runId: 'one' }).${label} leaked a memory of another run`)
      }
      const { memory } = inside
      for (const filters of [
        { run_id: runId },
        { run_id: '*' },
        { OR: [{ run_id: runId }] },
        { NOT: [{ run_id: inside.runId }] },
      ]) {
        const shown = harness.show({ filters })
        await checkForLeak(`search(…, ${shown})`, async () =>
          memory.search(secret as never, { filters } as never),
        )
        await checkForLeak(`getAll(${shown})`, async () => memory.getAll({ filters } as never))
      }
      await checkForLeak('getAll({ runId })', async () => memory.getAll({ runId } as never))
      await checkForLeak('get(id)', async () => memory.get(outside.id as never))
      await checkForLeak('history(id)', async () => memory.history(outside.id as never))
      const again = narrow(memory, { runId })
      if (again !== undefined)
        await checkForLeak("within({ runId: 'other' }).getAll()", async () => again.getAll())
    },
  ),
  attack(
    'deleting on a narrowed handle leaves everything outside its run',
    "deleteAll and erase on a handle for one run leave the user's other runs, and the same run of another user.",
    async (harness, alice, bob) => {
      const [inside, outside] = await twoRuns(harness, alice)
      if (inside === undefined || outside === undefined) return
      await harness.call(bob, 'add', `Said in the same run, ${bob.secret}`, {
        ...VERBATIM,
        runId: inside.runId,
      })
      await harness.waitForRecords(bob, 3)
      await harness.callOn(alice, inside.memory, 'deleteAll')
      await harness.callOn(alice, inside.memory, 'erase')
      const left = JSON.stringify(recordsIn(await alice.memory.getAll()))
      if (!left.includes(outside.secret))
        harness.report("within({ runId: 'one' }).deleteAll() deleted a memory of another run")
      if (!alice.ids.every((id) => left.includes(id))) {
        harness.report("within({ runId: 'one' }).deleteAll() deleted memories outside any run")
      }
    },
  ),
]

interface Run {
  readonly runId: string
  readonly memory: MemoryHandle
  readonly secret: string
  readonly id: string
}

/** Two runs of one user with one memory each; none where handles cannot be narrowed. */
async function twoRuns(harness: Harness, alice: TestUser): Promise<Run[]> {
  const runs: Run[] = []
  for (const number of [1, 2]) {
    const runId = `isolation-run-${number}-${alice.secret}`
    const memory = narrow(alice.memory, { runId })
    if (memory === undefined) return []
    const secret = `run-${number}-of-${alice.secret}`
    await harness.callOn(alice, memory, 'add', `Said in a run, ${secret}`, VERBATIM)
    const [record] = await harness.waitForRecords({ name: 'alice', memory, secret }, 1)
    runs.push({ runId, memory, secret, id: String(record!['id']) })
  }
  return runs
}

function narrow(memory: MemoryHandle, scope: object): MemoryHandle | undefined {
  try {
    return memory.within?.(scope as never)
  } catch {
    return undefined
  }
}
