import { isAbsolute, relative } from 'node:path'
import type { JSONSchema4 } from '@typescript-eslint/utils/json-schema'
import picomatch from 'picomatch'

export const allowInSchema: JSONSchema4 = {
  type: 'array',
  // From the working directory, with forward slashes: no leading "/", "./", "../" or "!".
  items: { type: 'string', minLength: 1, pattern: '^(?!/|\\./|\\.\\./|!)[^\\\\]+$' },
  uniqueItems: true,
}

/** The schema of a rule that takes one object of options, `allowIn` among them. */
export const schemaWithAllowIn = (properties: Readonly<Record<string, JSONSchema4>> = {}): JSONSchema4[] => [
  {
    type: 'object',
    properties: { allowIn: allowInSchema, ...properties },
    additionalProperties: false,
  },
]

/** Whether the globs of an `allowIn` option take in the file being linted. */
export function allowedIn(
  context: { readonly filename: string; readonly cwd: string },
  globs: readonly string[] | undefined,
): boolean {
  if (!globs || globs.length === 0) return false
  const path = isAbsolute(context.filename) ? relative(context.cwd, context.filename) : context.filename
  return picomatch.isMatch(path.replaceAll('\\', '/'), globs as string[], { dot: true })
}
