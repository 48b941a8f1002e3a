/** One piece of work to measure. */
export type Work = () => Promise<unknown>

/** How two kinds of work are measured. */
export interface Pairing {
  /** How many times each is measured. Default 41. */
  readonly rounds?: number
  /** How many pieces of work a measurement has. Default 200. */
  readonly batch?: number
  /** How many are in flight at once. Default 8. */
  readonly concurrency?: number
}

/**
 * The throughput of `subject` relative to that of `baseline`: 1 is equal, 0.5 is half. The two alternate, A B B A …, so
 * that a machine that slows down slows both. Returns the median of the rounds.
 */
export async function throughputRatio(baseline: Work, subject: Work, pairing: Pairing = {}): Promise<number> {
  const { rounds = 41, batch = 200, concurrency = 8 } = pairing
  const warmUp = { batch, concurrency }
  await millisFor(baseline, warmUp)
  await millisFor(subject, warmUp)
  const ratios: number[] = []
  for (let round = 0; round < rounds; round++) {
    const [first, second] = round % 2 === 0 ? [baseline, subject] : [subject, baseline]
    const [firstMillis, secondMillis] = [await millisFor(first, warmUp), await millisFor(second, warmUp)]
    ratios.push(round % 2 === 0 ? firstMillis / secondMillis : secondMillis / firstMillis)
  }
  return median(ratios)
}

/** How many calls of each are timed. */
export interface Sampling {
  readonly samples: number
  /** Starts no further pair after this time, but times at least five. Default: no limit. */
  readonly maxMillis?: number
}

const FEWEST_SAMPLES = 5

/** How long single calls of the two take, in milliseconds, one at a time and alternating: A B B A … */
export async function millisInTurn(
  baseline: Work,
  subject: Work,
  { samples, maxMillis = Infinity }: Sampling,
): Promise<{ baseline: number[]; subject: number[] }> {
  const taken = { baseline: [] as number[], subject: [] as number[] }
  const time = async (which: keyof typeof taken, work: Work): Promise<void> => {
    const startedAt = performance.now()
    await work()
    taken[which].push(performance.now() - startedAt)
  }
  const startedAt = performance.now()
  for (let round = 0; round < samples; round++) {
    if (round >= FEWEST_SAMPLES && performance.now() - startedAt > maxMillis) break
    if (round % 2 === 0) await time('baseline', baseline)
    await time('subject', subject)
    if (round % 2 === 1) await time('baseline', baseline)
  }
  return taken
}

/** The middle value. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}

/** The value that is above this share of the values, such as 0.95. */
export function percentile(values: readonly number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length * share)]!
}

async function millisFor(
  work: Work,
  { batch, concurrency }: { batch: number; concurrency: number },
): Promise<number> {
  let left = batch
  const startedAt = performance.now()
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (left-- > 0) await work()
    }),
  )
  return performance.now() - startedAt
}
