import { check, type IsolationCheck } from '../isolation-check.ts'
import { rowsOf, type MemoryHandle } from '../memory-handle.ts'
import { QUERY, VERBATIM, type Party, type Stage } from '../harness.ts'
import { changing, reading, READS } from './hostile-input.ts'

/** Attacks by what deletes much, and by what narrows a handle. */
export const scopeAttacks: readonly IsolationCheck[] = [
  check(
    'deleteAll leaves everybody else alone',
    'It deletes what the user has and nothing besides.',
    async (stage, alice) => {
      await stage.enter('carol')
      await stage.tries(alice, 'deleteAll')
    },
  ),
  check(
    'erase leaves everybody else alone',
    'It deletes what the user has and nothing besides.',
    async (stage, alice) => {
      await stage.enter('carol')
      await stage.tries(alice, 'erase')
    },
  ),
  check(
    'list and exportAll yield nobody else',
    "Both read all pages; every record of every page is the user's.",
    async (stage, alice) => {
      await stage.enter('carol')
      await stage.tries(alice, 'list')
      await stage.tries(alice, 'exportAll')
    },
  ),
  check(
    'a handle cannot be narrowed into another user',
    'within is given a user beside or instead of a run.',
    async (stage, alice, bob) => {
      const { userId } = bob
      const runId = `isolation-run-${alice.secret}`
      for (const scope of [
        { userId },
        { user_id: userId },
        { runId, userId },
        { runId: '*' },
        { runId: userId, appId: '*' },
        { filters: { user_id: userId } },
        changing('runId', runId, '*'),
        JSON.parse(`{"__proto__":{"userId":${JSON.stringify(userId)}}}`) as object,
      ]) {
        const narrowed = narrowedBy(alice.memory, scope)
        if (narrowed === undefined) continue
        for (const method of READS)
          await stage.triesWith(alice, narrowed, method, ...reading(method, QUERY, {}))
        await stage.triesWith(alice, narrowed, 'add', `Planted by ${alice.secret}`, VERBATIM)
        await stage.triesWith(alice, narrowed, 'get', bob.ids[0])
        await stage.triesWith(alice, narrowed, 'deleteAll')
      }
    },
  ),
  check(
    'a narrowed handle reaches nothing outside its run',
    'A handle for one run asks for another by options, filters, ids and a second narrowing.',
    async (stage, alice) => {
      const [inside, outside] = await twoRuns(stage, alice)
      if (inside === undefined || outside === undefined) return
      const { runId, secret } = outside
      const seen = async (label: string, ask: () => Promise<unknown>): Promise<void> => {
        const answer = await ask().catch(() => undefined)
        if (JSON.stringify(answer ?? null).includes(secret))
          stage.found(`within({ runId: 'one' }).${label} gave away a memory of another run`)
      }
      const { memory } = inside
      for (const filters of [
        { run_id: runId },
        { run_id: '*' },
        { OR: [{ run_id: runId }] },
        { NOT: [{ run_id: inside.runId }] },
      ]) {
        const shown = stage.show({ filters })
        await seen(`search(…, ${shown})`, async () => memory.search(secret as never, { filters } as never))
        await seen(`getAll(${shown})`, async () => memory.getAll({ filters } as never))
      }
      await seen('getAll({ runId })', async () => memory.getAll({ runId } as never))
      await seen('get(id)', async () => memory.get(outside.id as never))
      await seen('history(id)', async () => memory.history(outside.id as never))
      const again = narrowedBy(memory, { runId })
      if (again !== undefined) await seen("within({ runId: 'other' }).getAll()", async () => again.getAll())
    },
  ),
  check(
    'deleting on a narrowed handle leaves the rest',
    'deleteAll and erase of a handle for one run leave the other runs of the user, and the same run of another user.',
    async (stage, alice, bob) => {
      const [inside, outside] = await twoRuns(stage, alice)
      if (inside === undefined || outside === undefined) return
      await stage.tries(bob, 'add', `Said in the same run, ${bob.secret}`, {
        ...VERBATIM,
        runId: inside.runId,
      })
      await stage.seen(bob, 3)
      await stage.triesWith(alice, inside.memory, 'deleteAll')
      await stage.triesWith(alice, inside.memory, 'erase')
      const left = JSON.stringify(rowsOf(await alice.memory.getAll()))
      if (!left.includes(outside.secret))
        stage.found("within({ runId: 'one' }).deleteAll() deleted a memory of another run")
      if (!alice.ids.every((id) => left.includes(id))) {
        stage.found("within({ runId: 'one' }).deleteAll() deleted memories that belong to no run")
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

/** Two runs of one user with a memory each; none where handles cannot be narrowed. */
async function twoRuns(stage: Stage, alice: Party): Promise<Run[]> {
  const runs: Run[] = []
  for (const number of [1, 2]) {
    const runId = `isolation-run-${number}-${alice.secret}`
    const memory = narrowedBy(alice.memory, { runId })
    if (memory === undefined) return []
    const secret = `run-${number}-of-${alice.secret}`
    await stage.triesWith(alice, memory, 'add', `Said in a run, ${secret}`, VERBATIM)
    const [row] = await stage.seen({ name: 'alice', memory, secret }, 1)
    runs.push({ runId, memory, secret, id: String(row!['id']) })
  }
  return runs
}

function narrowedBy(memory: MemoryHandle, scope: object): MemoryHandle | undefined {
  try {
    return memory.within?.(scope as never)
  } catch {
    return undefined
  }
}
