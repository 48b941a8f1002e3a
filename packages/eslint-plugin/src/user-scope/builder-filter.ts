import { memberName } from '../analysis/names.ts'
import { literalString, type Node, type SourceCode, unwrap } from '../analysis/syntax.ts'
import type { Conditions, ConditionsOptions } from './conditions.ts'
import { combined, noUser, problem, type ScopeResult, unknownScope } from './scope-result.ts'
import { checkUserValue } from './user-value.ts'

const logic = { and: 'And', or: 'Or', not: 'Not' } as const

/** Reads a filter that calls build: `collection.filter.byProperty('user_id').equal(userId)`, `Filters.and(…)`. */
export function ofBuilder(
  node: Node,
  { sourceCode, userKeys, onUser }: ConditionsOptions,
  read: Conditions['ofFilter'],
): ScopeResult | undefined {
  if (node.type !== 'CallExpression') return undefined
  const { callee, arguments: passed } = node
  if (callee.type !== 'MemberExpression') return unknownScope(node)
  const name = memberName(sourceCode, callee)
  if (name === 'and' || name === 'or' || name === 'not')
    return combined(logic[name], passed.map(read), node, (id) => sourceCode.getText(id))
  const key = propertyOf(callee.object, sourceCode)
  if (key === undefined) return unknownScope(node)
  if (!userKeys.has(key)) return noUser
  const [value] = passed
  if (name !== 'equal' || !value) return problem('widenedFilter', node)
  onUser(value)
  return checkUserValue(value, sourceCode)
}

/** The property of `….byProperty('user_id')`. */
function propertyOf(node: Node, sourceCode: SourceCode): string | undefined {
  const inner = unwrap(node)
  if (inner.type !== 'CallExpression' || inner.callee.type !== 'MemberExpression') return undefined
  return memberName(sourceCode, inner.callee) === 'byProperty' ? literalString(inner.arguments[0]) : undefined
}
