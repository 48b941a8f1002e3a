import type { Node } from '../analysis/syntax.ts'

/** What keeps a call from naming exactly one user. */
export type ScopeProblem =
  | 'missingUser'
  | 'otherScope'
  | 'ignoredUser'
  | 'undefinedUser'
  | 'wildcardUser'
  | 'severalUsers'
  | 'widenedFilter'
  | 'overridableUser'

/** Whom a call, or a part of its arguments, names. */
export type ScopeResult =
  /** Exactly one user, by these expressions. */
  | { readonly kind: 'oneUser'; readonly ids: readonly Node[] }
  | {
      readonly kind: 'problem'
      readonly problem: ScopeProblem
      readonly node: Node
      /** The key that is there in place of a user. */
      readonly given?: string
    }
  /** No user; `given` is another key that narrows the call, if there is one. */
  | { readonly kind: 'noUser'; readonly given?: string | undefined }
  | { readonly kind: 'unknown'; readonly node: Node }
  /** Nobody, as it is not about what belongs to users. */
  | { readonly kind: 'notOfUsers' }

export const noUser: ScopeResult = { kind: 'noUser' }
export const unknownScope = (node: Node): ScopeResult => ({ kind: 'unknown', node })
export const oneUser = (...ids: Node[]): ScopeResult => ({ kind: 'oneUser', ids })
export const problem = (what: ScopeProblem, node: Node, given?: string): ScopeResult => ({
  kind: 'problem',
  problem: what,
  node,
  ...(given === undefined ? {} : { given }),
})

/** Problems that remain whatever other conditions there are. */
const lasting = new Set<ScopeProblem>(['wildcardUser', 'severalUsers', 'overridableUser', 'undefinedUser'])

const idsOf = (results: readonly ScopeResult[]): Node[] =>
  results.flatMap((result) => (result.kind === 'oneUser' ? result.ids : []))

const givenOf = (results: readonly ScopeResult[]): ScopeResult | undefined =>
  results.find((result) => result.kind === 'noUser' && result.given !== undefined)

const first = (results: readonly ScopeResult[], kind: ScopeResult['kind']): ScopeResult | undefined =>
  results.find((result) => result.kind === kind)

/** One of several ids, depending on the path the code takes. */
export function anyId(results: readonly ScopeResult[], node: Node): ScopeResult {
  const present = results.filter((result) => result.kind !== 'problem' || result.problem !== 'undefinedUser')
  if (present.length === 0) return results[0] ?? noUser
  const wrong = first(present, 'problem')
  if (wrong) return wrong
  return present.length < results.length ? unknownScope(node) : oneUser(...idsOf(present))
}

/** One of several shapes, depending on the path the code takes: all of them must name the user. */
export function anyOf(results: readonly ScopeResult[]): ScopeResult {
  if (results.length === 1) return results[0] as ScopeResult
  const settled = first(results, 'problem') ?? first(results, 'unknown') ?? givenOf(results)
  if (settled) return settled
  const ids = idsOf(results)
  if (!ids[0]) return noUser
  return results.every((result) => result.kind === 'oneUser') ? oneUser(...ids) : unknownScope(ids[0])
}

/** Conditions that hold together: one of them naming the user is enough, unless another undoes it. */
export function allOf(results: readonly ScopeResult[], textOf: (node: Node) => string): ScopeResult {
  const undone = results.find((result) => result.kind === 'problem' && lasting.has(result.problem))
  if (undone) return undone
  const [named, ...others] = results.filter((result) => result.kind === 'oneUser')
  if (named) {
    const spelled = ({ ids }: typeof named): string => ids.map(textOf).join()
    const other = others.find((result) => spelled(result) !== spelled(named))
    return other ? problem('severalUsers', other.ids[0] as Node) : named
  }
  return first(results, 'unknown') ?? first(results, 'problem') ?? givenOf(results) ?? noUser
}

/** What says independently of each other whom a call is for: it is enough that one of them names the user. */
export const firstNamed = (results: readonly ScopeResult[]): ScopeResult =>
  first(results, 'oneUser') ??
  first(results, 'unknown') ??
  first(results, 'problem') ??
  givenOf(results) ??
  noUser

/** What a conjunction, disjunction or negation of filters names. */
export function combined(
  logic: 'And' | 'Or' | 'Not',
  results: readonly ScopeResult[],
  node: Node,
  textOf: (id: Node) => string,
): ScopeResult {
  const names = results.some(({ kind }) => kind === 'oneUser')
  if (logic === 'And') return allOf(results, textOf)
  if (logic === 'Or' && results.every(({ kind }) => kind === 'oneUser')) return allOf(results, textOf)
  if (names) return problem('widenedFilter', node)
  return results.find(({ kind }) => kind === 'unknown') ?? noUser
}
