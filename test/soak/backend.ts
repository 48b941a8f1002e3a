/** What the server of the soak stores memories in, with faults. */
export interface SoakBackend extends AsyncDisposable {
  /** How the server reaches it. */
  readonly env: Readonly<Record<string, string>>
  /** Whether a write that failed is known not to be stored, unless its error says otherwise. */
  readonly tellsFate: boolean
  /**
   * Injects faults, one at a time and at random, until it is stopped.
   *
   * @param isServed resolves when the server has answered the next user
   */
  injectFaults(options: FaultOptions, isServed: () => Promise<void>): { stop(): Promise<Faults> }
  /** All that is stored, asked for past the handles. */
  stored(): Promise<StoredText[]>
}

export interface FaultOptions {
  readonly users: number
  readonly seconds: number
  readonly faultEveryMillis: number
}

/** The faults that there were. */
export interface Faults {
  /** How many, by kind. */
  readonly counts: Readonly<Record<string, number>>
  /** The longest time from the end of a fault that stops the whole back end until the first user was served again. */
  readonly recoveryMillis: number
}

export interface StoredText {
  readonly text: string
  readonly userId: string
  /** Whether all that is written with it is there as well. */
  readonly isWhole: boolean
}

/** Counts faults, and picks one at random. */
export class FaultCounter {
  readonly counts: Record<string, number> = {}

  pick(names: readonly string[]): string {
    return this.count(names[Math.floor(Math.random() * names.length)]!)
  }

  count(name: string): string {
    this.counts[name] = (this.counts[name] ?? 0) + 1
    return name
  }
}
