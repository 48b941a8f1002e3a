import { byIdAttacks } from './attacks/by-id.ts'
import { filterAttacks } from './attacks/filters.ts'
import { optionAttacks } from './attacks/options.ts'
import { scopeAttacks } from './attacks/scopes.ts'
import { userAttacks } from './attacks/users.ts'
import type { IsolationCheck } from './isolation-check.ts'
import type { IsolationOptions } from './memory-handle.ts'
import { uses } from './legitimate-uses.ts'

/** Every attack of the catalogue: what must not get through. */
export const attacks: readonly IsolationCheck[] = [
  ...optionAttacks,
  ...filterAttacks,
  ...byIdAttacks,
  ...userAttacks,
  ...scopeAttacks,
]

export { uses }

/** `describe` of vitest, jest or node:test. */
export type Describe = (name: string, body: () => void) => unknown

/** `it` of vitest, jest or node:test. */
export type It = (name: string, body: () => Promise<void>, timeoutMillis?: number) => unknown

/** Options of {@link isolationContract}. */
export interface IsolationContractOptions extends IsolationOptions {
  /** Default: the global one. Needed for node:test, and for vitest without `globals: true`. */
  readonly describe?: Describe | undefined
  /** Default: the global one, as with `describe`. */
  readonly it?: It | undefined
}

const TEST_TIMEOUT_MILLIS = 120_000

/**
 * Registers the attack catalogue as a suite of your test runner, one test for each attack and for each use that must
 * keep working, against your own stack.
 *
 * ```ts
 * import { describe, it } from 'node:test'
 * isolationContract({ describe, it, createMemory: (userId) => new ScopedMemory(userId, { client }) })
 * ```
 *
 * Each test makes users of its own, stores under them, and deletes what it stored, so that the store may have other
 * users; still, run it against one that you can lose, since a stack that fails does what was asked of it. No attack
 * deletes by wildcard, two search by it.
 *
 * @throws Error when there is no `describe` and `it`, neither passed nor global
 */
export function isolationContract(options: IsolationContractOptions): void {
  const { describe, it, ...rest } = { ...globalRunner(), ...withoutUndefined(options) }
  if (describe === undefined || it === undefined) {
    throw new Error(
      "isolationContract() finds no global describe and it. Pass them: import { describe, it } from 'vitest' or 'node:test', " +
        'then isolationContract({ describe, it, createMemory }).',
    )
  }
  const register = (checks: readonly IsolationCheck[]): void => {
    for (const check of checks) {
      it(
        check.name,
        async () => {
          const problems = await check.run(rest)
          if (problems.length > 0) throw new Error(described(check, problems))
        },
        TEST_TIMEOUT_MILLIS,
      )
    }
  }
  describe('memory isolation', () => {
    describe('attacks', () => {
      register(attacks)
    })
    describe('ordinary use', () => {
      register(uses)
    })
  })
}

/** One check that did not hold. */
export interface IsolationFailure {
  readonly attack: IsolationCheck
  /** What was found wrong, each in one sentence. */
  readonly what: readonly string[]
}

/** What {@link checkIsolation} resolves to. */
export interface IsolationReport {
  /** Whether no attack got through and every use worked. */
  readonly passed: boolean
  /** The attacks that got through and the uses that did not work. */
  readonly failures: readonly IsolationFailure[]
  /** The report for a reader: the counts, then each failure with what was found. */
  toString(): string
}

/** The same catalogue without a test runner, for scripts: one check after the other. */
export async function checkIsolation(options: IsolationOptions): Promise<IsolationReport> {
  const failures: IsolationFailure[] = []
  for (const attack of [...attacks, ...uses]) {
    const what = await attack.run(options)
    if (what.length > 0) failures.push({ attack, what })
  }
  return { passed: failures.length === 0, failures, toString: () => report(failures) }
}

function report(failures: readonly IsolationFailure[]): string {
  const through = failures.filter(({ attack }) => attacks.includes(attack))
  const broken = failures.filter(({ attack }) => uses.includes(attack))
  const part = (title: string, list: readonly IsolationFailure[]): string[] =>
    list.length === 0 ? [title] : [`${title}:`, ...list.map(({ attack, what }) => described(attack, what))]
  return [
    ...part(`${through.length} of ${attacks.length} attacks got through`, through),
    ...part(`${broken.length} of ${uses.length} ordinary uses did not work`, broken),
  ].join('\n\n')
}

const SHOWN_PROBLEMS = 5

function described({ name, what }: IsolationCheck, problems: readonly string[]): string {
  const more = problems.length - SHOWN_PROBLEMS
  return [
    `Does not hold: ${name}`,
    ...problems.slice(0, SHOWN_PROBLEMS).map((problem) => `  - ${problem}`),
    ...(more > 0 ? [`  - and ${more} more`] : []),
    `  ${what}`,
  ].join('\n')
}

function globalRunner(): Partial<Pick<IsolationContractOptions, 'describe' | 'it'>> {
  const { describe, it } = globalThis as { describe?: Describe; it?: It }
  return { describe, it }
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as T
}
