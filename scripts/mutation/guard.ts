/** A guard as the source has it, and the source without it. */
export interface Guard {
  readonly name: string
  /** Below the package's `src`. */
  readonly file: string
  /** Stands in the file exactly once. */
  readonly code: string
  readonly without: string
}

/** The guards of a package and the tests that have to miss them. */
export interface GuardedPackage {
  /** Below `packages`. */
  readonly folder: string
  readonly guards: readonly Guard[]
  /** Test files below the package that are worth running; left out: all. */
  readonly tests?: readonly string[]
  /** Globs of test files that could miss none of these guards. */
  readonly exclude?: readonly string[]
}

export const guard = (name: string, file: string, code: string, without: string): Guard => ({
  name,
  file,
  code,
  without,
})
