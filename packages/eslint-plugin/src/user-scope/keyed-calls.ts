import type { Evaluator } from '../analysis/abstract-value.ts'
import { type Node, type SourceCode, unwrap } from '../analysis/syntax.ts'
import type { KeyedMethod } from '../clients/client-description.ts'
import { usersInKey } from './key-names.ts'
import { anyOf, noUser, oneUser, type ScopeResult, unknownScope } from './scope-result.ts'

/** The keys or patterns of a call, `all` where it gives none and reaches every key; none where they cannot be seen. */
export function keysOf({ keys }: KeyedMethod, passed: readonly Node[] | undefined): readonly Node[] | 'all' {
  if (!passed || passed.some(({ type }) => type === 'SpreadElement')) return []
  let isHidden = false
  for (const { argument, at } of keys) {
    const given = passed[argument]
    if (!given) continue
    const inner = unwrap(given)
    if (at === '')
      return inner.type === 'ArrayExpression' ? inner.elements.filter((key) => key !== null) : [given]
    if (inner.type !== 'ObjectExpression') {
      isHidden = true
      continue
    }
    for (const property of inner.properties) {
      if (property.type !== 'Property' || property.computed) isHidden = true
      else if (property.key.type === 'Identifier' && property.key.name === at) return [property.value]
    }
  }
  return isHidden ? [] : 'all'
}

/** Whom the keys of a call name: each has to be built with the id of a user. */
export function ofKeys(
  method: KeyedMethod,
  { arguments: passed, node }: { readonly arguments: readonly Node[] | undefined; readonly node: Node },
  {
    sourceCode,
    evaluator,
    onUser,
  }: {
    readonly sourceCode: SourceCode
    readonly evaluator: Evaluator
    readonly onUser: (id: Node) => void
  },
): ScopeResult {
  const keys = keysOf(method, passed)
  if (keys === 'all') return noUser
  if (keys.length === 0) return unknownScope(node)
  return anyOf(
    keys.map((key) => {
      const users = usersInKey(key, { sourceCode, evaluator })
      if (!users) return noUser
      if (users.length === 0) return unknownScope(key)
      for (const id of users) onUser(id)
      return oneUser(...users)
    }),
  )
}
