import { createRequire } from 'node:module'
import { ScopedMemoryError } from '../errors.ts'

const MODULE_NOT_FOUND = new Set(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'])

/**
 * Loads optional peer packages together.
 *
 * @param caller what needs them, as an error names it
 * @throws {ScopedMemoryError} `MISSING_PACKAGE`, with the command that installs every missing one
 */
export async function loadPeerPackages<Loaded extends Record<string, unknown>>(
  caller: string,
  loaders: { [Name in keyof Loaded]: () => Promise<Loaded[Name]> },
): Promise<Loaded> {
  const names = Object.keys(loaders)
  const outcomes = await Promise.allSettled(
    Object.values<() => Promise<unknown>>(loaders).map((load) => load()),
  )
  const failures = outcomes
    .filter((outcome) => outcome.status === 'rejected')
    .map(({ reason }) => reason as unknown)

  const missing = [...new Set(failures.map(missingPackage))]
  if (missing.some((name) => name === undefined)) {
    throw failures.find((failure) => missingPackage(failure) === undefined)
  }
  if (missing.length > 0) {
    throw new ScopedMemoryError(
      `${caller} needs packages that are not installed. Run: npm install ${(missing as string[]).map(withVersion).join(' ')}`,
      { code: 'MISSING_PACKAGE', cause: failures[0] },
    )
  }
  return Object.fromEntries(
    outcomes.map((outcome, index) => [names[index], (outcome as PromiseFulfilledResult<unknown>).value]),
  ) as Loaded
}

/** The missing package that made an import fail: the one imported, or one of its dependencies. */
function missingPackage(failure: unknown): string | undefined {
  if (!(failure instanceof Error) || !MODULE_NOT_FOUND.has((failure as NodeJS.ErrnoException).code ?? ''))
    return
  return /Cannot find (?:package|module) '((?:@[^/']+\/)?[^@./'][^/']*)/.exec(failure.message)?.[1]
}

/** The package with the version to install: the exact one where the peer range is exact, else the major, as `mem0ai@3`. */
function withVersion(name: string): string {
  const { peerDependencies } = createRequire(import.meta.url)('../../package.json') as {
    peerDependencies: Record<string, string>
  }
  const range = peerDependencies[name]
  if (range === undefined) return name
  return `${name}@${/^\d/.test(range) ? range : /[1-9]\d*|0\.\d+/.exec(range)![0]}`
}
