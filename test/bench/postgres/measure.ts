import { median, percentile } from '../paired.ts'
import { userId } from '../scale/texts.ts'
import { CONCURRENCIES, OPERATIONS, SUBJECTS, type Operation, type SubjectName } from './names.ts'
import { checkResults, type Subjects } from './subjects.ts'

/** How much is measured. */
export interface PostgresBenchOptions {
  /** How many users there are, smallest first, and how many memories each has. */
  readonly steps: readonly { readonly users: number; readonly memories: number }[]
  readonly rounds: number
  /** How many calls a round has, of each engine, at each concurrency. */
  readonly calls: number
  /** The same for deletions, for each of which there has to be a user. */
  readonly deletions: number
}

const NAMES = Object.keys(SUBJECTS) as SubjectName[]

/**
 * Measures the engines in turn, A B C A B C …, at each number of users.
 *
 * @returns figures by name: `postgres.<users>.<operation>.<concurrency>.<engine>.<perSecond|p50Millis|p95Millis|ratio>`; a ratio
 *   is the throughput over that of mem0's own `Memory`, the median of the rounds
 */
export async function measurePostgres(
  subjects: Subjects,
  { steps, rounds, calls, deletions }: PostgresBenchOptions,
  report: (doing: string) => void,
): Promise<Record<string, number>> {
  const figures: Record<string, number> = {}
  for (const { users, memories } of steps) {
    const prefix = `postgres.${users}`
    figures[`${prefix}.memoriesPerUser`] = memories
    report(`${users} users: filling`)
    // The users to delete come on top: the tables of the engine with and without row-level security are the same.
    let nextDeleted = users
    const toDelete = 2 * rounds * deletions * CONCURRENCIES.length + 100
    await subjects.fill(users + toDelete, memories)
    await checkResults(subjects, [userId(0), userId(users - 1)], memories)
    const someUser = (): string => userId(Math.floor(Math.random() * users))
    for (const operation of OPERATIONS) {
      for (const concurrency of CONCURRENCIES) {
        report(`${users} users: ${operation}, ${concurrency} at once`)
        const isDeletion = operation === 'deleteAll' || operation === 'batchDelete'
        const count = operation === 'batchDelete' ? BATCHES : isDeletion ? deletions : calls
        const rates = Object.fromEntries(NAMES.map((name) => [name, [] as number[]])) as Record<
          SubjectName,
          number[]
        >
        const times = Object.fromEntries(NAMES.map((name) => [name, [] as number[]])) as Record<
          SubjectName,
          number[]
        >
        for (let round = -1; round < rounds; round++) {
          // A deletion on the table of mem0 takes other rows than one on that of the engine.
          const from = { mem0: nextDeleted, own: nextDeleted, rls: nextDeleted + count }
          if (operation === 'deleteAll') nextDeleted += 2 * count
          for (const offset of NAMES.keys()) {
            const name = NAMES[(offset + round + 1) % NAMES.length]!
            const works = await prepare(subjects, name, operation, count, (index) =>
              operation === 'deleteAll' ? userId(from[name] + index) : someUser(),
            )
            const { rate, millis } = await run(works, concurrency)
            // The first round warms up.
            if (round < 0) continue
            rates[name].push(rate)
            times[name].push(...millis)
          }
        }
        for (const name of NAMES) {
          const figure = `${prefix}.${operation}.${concurrency}.${name}`
          figures[`${figure}.perSecond`] = median(rates[name])
          figures[`${figure}.p50Millis`] = percentile(times[name], 0.5)
          figures[`${figure}.p95Millis`] = percentile(times[name], 0.95)
          figures[`${figure}.ratio`] = median(rates[name].map((rate, round) => rate / rates.mem0[round]!))
        }
      }
    }
  }
  return figures
}

/** How many batches are deleted in a round: all of it has to be added first. */
const BATCHES = 2

type Work = () => Promise<unknown>

async function prepare(
  { byName }: Subjects,
  name: SubjectName,
  operation: Operation,
  count: number,
  userOf: (index: number) => string,
): Promise<Work[]> {
  const { calls, prepareBatch } = byName[name]
  const works: Work[] = []
  for (let index = 0; index < count; index++) {
    const user = userOf(index)
    works.push(operation === 'batchDelete' ? await prepareBatch(user) : () => calls[operation](user))
  }
  return works
}

async function run(works: readonly Work[], concurrency: number): Promise<{ rate: number; millis: number[] }> {
  const queue = works.values()
  const millis: number[] = []
  const startedAt = performance.now()
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      for (const work of queue) {
        const began = performance.now()
        await work()
        millis.push(performance.now() - began)
      }
    }),
  )
  return { rate: (works.length * 1000) / (performance.now() - startedAt), millis }
}
