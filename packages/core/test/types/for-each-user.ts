// Compiled, never run: types.test.ts holds that this compiles under every configuration it names.
import { forEachUser, type UserOutcome, type UserProgress, type UserRun } from '@scoped-memory/core'

const run: UserRun<number> = forEachUser(
  ['u_alice'],
  async (memory) => (await memory.getAll()).results.length,
)

export async function read(): Promise<UserOutcome<number>[]> {
  const outcomes: UserOutcome<number>[] = []
  for await (const outcome of run) outcomes.push(outcome)
  return outcomes
}

export const completed: Promise<UserProgress> = run.completed()

// It is not a thenable: an async function that returns a run hands out the run.
export const isThenable: 'then' extends keyof UserRun<unknown> ? true : false = false
export const begin = async (): Promise<UserRun<number>> => run

export async function refused(): Promise<void> {
  // eslint-disable-next-line @typescript-eslint/await-thenable -- what is tested
  const awaited = await run
  // @ts-expect-error it is the run, not its numbers
  void awaited.done
}
