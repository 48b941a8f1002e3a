import { Harness, type TestUser } from './harness.ts'
import type { IsolationOptions } from './isolation-options.ts'

/** One thing that a memory of many users must withstand, or must still allow. */
export interface IsolationCheck {
  /** An `attack` has to fail; a `legitimate-use` has to work. */
  readonly kind: 'attack' | 'legitimate-use'
  /** What holds when the check passes, in plain words: the name of its test. */
  readonly name: string
  /** What the check does, and why it matters. */
  readonly description: string
  /** Resolves to the problems found, one sentence each; an empty list when the check passes. */
  run(options: IsolationOptions): Promise<readonly string[]>
}

type Body = (harness: Harness, alice: TestUser, bob: TestUser) => Promise<void> | void

/** A check in which alice tries to reach bob. */
export function attack(name: string, description: string, body: Body): IsolationCheck {
  return { kind: 'attack', name, description, run: (options) => Harness.run(options, body) }
}

/** A check in which alice, and bob where two are needed, use their own memories. */
export function legitimateUse(name: string, description: string, body: Body): IsolationCheck {
  return { kind: 'legitimate-use', name, description, run: (options) => Harness.run(options, body) }
}
