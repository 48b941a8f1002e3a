import type { JSONSchema4 } from '@typescript-eslint/utils/json-schema'
import { schemaWithAllowIn } from './allow-in.ts'

/** Options of the two rules that ask where an id comes from. */
export interface SourceOptions {
  /** What may be trusted although it comes with the request, such as `headers['x-verified-user']` behind a gateway. */
  readonly allowSources?: readonly string[]
  /** Files to leave out, as globs from the working directory. */
  readonly allowIn?: readonly string[]
}

export const sourceSchema: JSONSchema4[] = schemaWithAllowIn({
  allowSources: { type: 'array', items: { type: 'string', minLength: 1 }, uniqueItems: true },
})

/** Says whether a source, as code spells it, is one that `allowSources` names. */
export function createAllowedSources(allowSources: readonly string[]): (source: string) => boolean {
  const allowed = allowSources.map((source) => source.toLowerCase())
  return (source) => {
    const spelled = source.toLowerCase()
    return allowed.some((one) => spelled.includes(one))
  }
}
