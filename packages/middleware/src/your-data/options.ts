import { InvalidArgumentError } from '@scoped-memory/core'

/** Options of `memoryRoutes()`. */
export interface MemoryRoutesOptions {
  /** The path of the routes, as the browser sees it. Default `/memories`. */
  readonly path?: string | undefined
  /**
   * Other origins whose pages may change memories, such as `https://app.example.com`. Default none: only pages of the
   * same origin may.
   */
  readonly origins?: readonly string[] | undefined
}

/** The path of the routes where the app names none. */
export const DEFAULT_PATH = '/memories'

/**
 * Options with their defaults.
 *
 * @throws InvalidArgumentError for a path or an origin that is not one
 */
export function checkOptions({ path = DEFAULT_PATH, origins = [] }: MemoryRoutesOptions): {
  path: string
  origins: ReadonlySet<string>
} {
  if (typeof path !== 'string' || !/^(\/[^/?#\s]+)+$/.test(path)) {
    throw new InvalidArgumentError('path must be a path such as "/memories", without a slash at its end.')
  }
  for (const origin of origins) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
      throw new InvalidArgumentError(
        'origins must be origins such as "https://app.example.com", without a path.',
      )
    }
  }
  return { path, origins: new Set(origins) }
}
