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

// An async function that returns a run hands out the run: it is not a thenable.
export const begin = async (): Promise<UserRun<number>> => run

export async function refused(): Promise<void> {
  // @ts-expect-error an await gives the run, not its numbers
  const { done } = await run
  // @ts-expect-error it has no then
  void run.then(() => done as never)
}
