import { failureText } from './check-isolation.ts'
import type { IsolationCheck } from './isolation-check.ts'
import { isolationChecks } from './isolation-checks.ts'
import type { IsolationOptions } from './isolation-options.ts'

/** `describe` of vitest, jest or node:test. */
export type Describe = (name: string, body: () => void) => unknown

/** `it` of vitest, jest or node:test. */
export type It = (name: string, body: () => Promise<void>, timeoutMillis?: number) => unknown

/** Options of {@link isolationContract}. */
export interface IsolationContractOptions extends IsolationOptions {
  /** Default: the global one. Required with node:test, and with vitest without `globals: true`. */
  readonly describe?: Describe | undefined
  /** Default: the global one, as with `describe`. */
  readonly it?: It | undefined
}

const TEST_TIMEOUT_MILLIS = 120_000

/**
 * Registers the isolation checks as a suite of your test runner, one test a check, against your own stack: attacks that
 * must fail, and legitimate uses that must keep working.
 *
 * ```ts
 * import { describe, it } from 'node:test'
 * isolationContract({ describe, it, createMemory: (userId) => new ScopedMemory(userId, { client }) })
 * ```
 *
 * Each test makes its own users, stores under them and deletes what it stored, so the store may have other users. Still,
 * run it against a store you can afford to lose: a stack that fails does what the attack asked. No attack deletes by
 * wildcard; two search by wildcard.
 *
 * @throws Error when `describe` and `it` are neither passed nor global
 */
export function isolationContract(options: IsolationContractOptions): void {
  const { describe, it, ...isolationOptions } = { ...globalRunner(), ...withoutUndefined(options) }
  if (describe === undefined || it === undefined) {
    throw new Error(
      "isolationContract() finds no global describe and it. Pass them: import { describe, it } from 'vitest' or 'node:test', " +
        'then isolationContract({ describe, it, createMemory }).',
    )
  }
  const register = (kind: IsolationCheck['kind']): void => {
    for (const check of isolationChecks.filter((one) => one.kind === kind)) {
      it(
        check.name,
        async () => {
          const problems = await check.run(isolationOptions)
          if (problems.length > 0) throw new Error(failureText({ check, problems }))
        },
        TEST_TIMEOUT_MILLIS,
      )
    }
  }
  describe('memory isolation', () => {
    describe('attacks', () => {
      register('attack')
    })
    describe('legitimate uses', () => {
      register('legitimate-use')
    })
  })
}

function globalRunner(): Partial<Pick<IsolationContractOptions, 'describe' | 'it'>> {
  const { describe, it } = globalThis as { describe?: Describe; it?: It }
  return { describe, it }
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as T
}
