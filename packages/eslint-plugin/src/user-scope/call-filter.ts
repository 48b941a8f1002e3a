import type { ChainedCall } from '../analysis/chained-calls.ts'
import { literalString, type Node, unwrap } from '../analysis/syntax.ts'
import type { Conditions, ConditionsOptions } from './conditions.ts'
import { noUser, oneUser, problem, type ScopeResult, unknownScope } from './scope-result.ts'
import { checkUserValue } from './user-value.ts'

/** Calls that compare a column in a way that more than one user can meet, or none. */
const comparisons = new Set([
  'neq',
  'gt',
  'gte',
  'lt',
  'lte',
  'like',
  'ilike',
  'not',
  'isDistinct',
  'contains',
  'containedBy',
  'overlaps',
  'textSearch',
  'rangeGt',
  'rangeGte',
  'rangeLt',
  'rangeLte',
  'rangeAdjacent',
  'likeAllOf',
  'likeAnyOf',
  'ilikeAllOf',
  'ilikeAnyOf',
  'regexMatch',
  'regexIMatch',
  'is',
  'notIn',
])

/** Whom a condition names that is a call of its own: `.eq('user_id', userId)`; `undefined` for any other call. */
export function ofConditionCall(
  { name, node }: ChainedCall,
  { sourceCode, userKeys, onUser }: ConditionsOptions,
  asKeys: Conditions['ofFilter'],
): ScopeResult | undefined {
  const [first, second, third] = node.arguments
  if (!first) return undefined
  switch (name) {
    case 'eq':
    case 'in':
      return ofColumn(first, second)
    case 'filter':
      return literalString(second) === 'eq' ? ofColumn(first, third) : ofComparison(first)
    case 'match':
      return asKeys(first)
    case 'or':
      return ofAlternatives(first)
    default:
      return comparisons.has(name) ? ofComparison(first) : undefined
  }

  function ofColumn(column: Node, value: Node | undefined): ScopeResult {
    const path = literalString(unwrap(column))
    if (path === undefined || !value) return unknownScope(column)
    const [key = '', ...tables] = path.split('.').reverse()
    if (!userKeys.has(key)) return noUser
    // The column of a joined table: it narrows the rows only where the join is an inner one.
    if (tables.length > 0) return unknownScope(column)
    onUser(value)
    return checkUserValue(value, sourceCode)
  }

  function ofComparison(column: Node): ScopeResult {
    return literalString(unwrap(column)) === undefined ? unknownScope(column) : noUser
  }

  /** `.or('user_id.eq.1,topic.eq.food')`. */
  function ofAlternatives(node: Node): ScopeResult {
    const inner = unwrap(node)
    const text = literalString(inner)
    if (text === undefined && inner.type !== 'TemplateLiteral') return unknownScope(node)
    const written =
      text ??
      (inner.type === 'TemplateLiteral' ? inner.quasis.map(({ value }) => value.cooked).join('\0') : '')
    if (written.includes('(')) return unknownScope(node)
    const parts = written.split(',').map((part) => part.trim())
    const named = parts.filter((part) => {
      const [key = '', operator] = part.split('.')
      return userKeys.has(key) && operator === 'eq'
    })
    if (named.length === 0)
      return written.includes('\0') && !/^\w+\./.test(written) ? unknownScope(node) : noUser
    if (named.length > 1 || parts.length > 1) return problem('widenedFilter', node)
    const id = inner.type === 'TemplateLiteral' ? inner.expressions[0] : undefined
    if (id) onUser(id)
    return oneUser(id ?? node)
  }
}
