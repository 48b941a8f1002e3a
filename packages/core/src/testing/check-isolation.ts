import type { IsolationCheck } from './isolation-check.ts'
import { isolationChecks } from './isolation-checks.ts'
import type { IsolationOptions } from './isolation-options.ts'

/** A check that failed. */
export interface IsolationFailure {
  readonly check: IsolationCheck
  /** What the check found wrong, one sentence each; at least one. */
  readonly problems: readonly string[]
}

/** What {@link checkIsolation} resolves to. */
export interface IsolationReport {
  /** Whether every attack failed and every legitimate use worked. */
  readonly passed: boolean
  /** The attacks that succeeded and the legitimate uses that failed. */
  readonly failures: readonly IsolationFailure[]
  /** The report as text: the counts, then each failure with its problems. */
  toString(): string
}

/** Runs the checks of `isolationContract` one after the other, without a test runner: for scripts. */
export async function checkIsolation(options: IsolationOptions): Promise<IsolationReport> {
  const failures: IsolationFailure[] = []
  for (const check of isolationChecks) {
    const problems = await check.run(options)
    if (problems.length > 0) failures.push({ check, problems })
  }
  return { passed: failures.length === 0, failures, toString: () => reportText(failures) }
}

function reportText(failures: readonly IsolationFailure[]): string {
  const section = (kind: IsolationCheck['kind'], summary: string): string[] => {
    const total = isolationChecks.filter((check) => check.kind === kind).length
    const failed = failures.filter(({ check }) => check.kind === kind)
    const heading = `${failed.length} of ${total} ${summary}`
    return failed.length === 0 ? [heading] : [`${heading}:`, ...failed.map(failureText)]
  }
  return [
    ...section('attack', 'attacks succeeded'),
    ...section('legitimate-use', 'legitimate uses failed'),
  ].join('\n\n')
}

const SHOWN_PROBLEMS = 5

/** A failure as text: the check's name, its first problems and its description. */
export function failureText({ check, problems }: IsolationFailure): string {
  const more = problems.length - SHOWN_PROBLEMS
  return [
    `Failed: ${check.name}`,
    ...problems.slice(0, SHOWN_PROBLEMS).map((problem) => `  - ${problem}`),
    ...(more > 0 ? [`  - and ${more} more`] : []),
    `  ${check.description}`,
  ].join('\n')
}
