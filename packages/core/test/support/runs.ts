import type { UserOutcome, UserRun } from '../../src/index.ts'

/** Ids of as many users. */
export const ids = (count: number): string[] => Array.from({ length: count }, (_, index) => `u_${index}`)

/** Reads a run to its end. */
export async function outcomesOf<T>(run: UserRun<T>): Promise<UserOutcome<T>[]> {
  const outcomes: UserOutcome<T>[] = []
  for await (const outcome of run) outcomes.push(outcome)
  return outcomes
}
