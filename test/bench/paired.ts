/** Something to measure: does one piece of work. */
export type Work = () => Promise<unknown>

/** How the two are measured. */
export interface Pairing {
  /** How many times each is measured, in turn. Default 41. */
  readonly rounds?: number
  /** How many pieces of work one measurement is. Default 200. */
  readonly batch?: number
  /** How many are in flight at once. Default 8. */
  readonly concurrency?: number
}

/**
 * The throughput of `subject` as a share of that of `baseline`: 1 is equal, 0.5 is half. The two are measured in turn,
 * A B B A …, so that a machine that drifts slows both; the figure is the median of the rounds.
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

/** The middle value. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!
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
