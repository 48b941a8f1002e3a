import type { IsolationOptions } from './memory-handle.ts'
import { Stage, type Party } from './harness.ts'

/** One thing that a memory of many users must withstand, or must still do. */
export interface IsolationCheck {
  /** What holds, in plain words: the name of its test. */
  readonly name: string
  /** What is tried, and the rule that is broken when it works. */
  readonly what: string
  /** Resolves what was found wrong, each in one sentence; nothing when it holds. */
  run(options: IsolationOptions): Promise<readonly string[]>
}

/** A check that takes place between alice and bob, where alice is the one who tries. */
export function check(
  name: string,
  what: string,
  body: (stage: Stage, alice: Party, bob: Party) => Promise<void> | void,
): IsolationCheck {
  return { name, what, run: (options) => Stage.run(options, body) }
}
