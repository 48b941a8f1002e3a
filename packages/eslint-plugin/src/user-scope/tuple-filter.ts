import { literalString, type Node } from '../analysis/syntax.ts'
import type { Conditions, ConditionsOptions } from './conditions.ts'
import { combined, noUser, problem, type ScopeResult, unknownScope } from './scope-result.ts'
import { checkUserValue } from './user-value.ts'

/** Reads a filter of tuples: `['user_id', 'Eq', userId]`, `['And', [filter, filter]]`. */
export function ofTuple(
  node: Node,
  { sourceCode, userKeys, onUser }: ConditionsOptions,
  read: Conditions['ofFilter'],
): ScopeResult | undefined {
  if (node.type !== 'ArrayExpression') return undefined
  const [first, second, third] = node.elements
  const key = literalString(first)
  if (key === undefined || !second) return unknownScope(node)
  if (key === 'And' || key === 'Or' || key === 'Not') {
    const parts = key !== 'Not' && second.type === 'ArrayExpression' ? second.elements : [second]
    const results = parts.map((part) => (part ? read(part) : noUser))
    return combined(key, results, node, (id) => sourceCode.getText(id))
  }
  if (!userKeys.has(key)) return noUser
  const operator = literalString(second)
  if (!third || operator === undefined) return unknownScope(node)
  if (operator !== 'Eq' && operator !== 'In') return problem('widenedFilter', node)
  if (operator === 'In' && third.type !== 'ArrayExpression') return problem('severalUsers', third)
  onUser(third)
  return checkUserValue(third, sourceCode)
}
