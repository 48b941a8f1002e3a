import type { TSESTree } from '@typescript-eslint/utils'
import { listElements } from '../analysis/list-elements.ts'
import { lastName } from '../analysis/names.ts'
import { isFunction, type Node, returned, unwrap } from '../analysis/syntax.ts'
import type { Conditions, ConditionsOptions } from './conditions.ts'
import { allOf, anyOf, combined, noUser, problem, type ScopeResult, unknownScope } from './scope-result.ts'
import { checkUserValue } from './user-value.ts'

/** Comparisons of a column with values, none of which names exactly one user. */
const comparisons = new Set([
  'ne',
  'gt',
  'gte',
  'lt',
  'lte',
  'isNull',
  'isNotNull',
  'like',
  'notLike',
  'ilike',
  'notIlike',
  'between',
  'notBetween',
  'notInArray',
  'arrayContains',
  'arrayContained',
  'arrayOverlaps',
])

/** Reads a filter of functions over columns: `and(eq(memories.userId, userId), gt(memories.createdAt, day))`. */
export function ofExpression(
  node: Node,
  { sourceCode, userKeys, onUser }: ConditionsOptions,
  read: Conditions['ofFilter'],
): ScopeResult | undefined {
  if (isFunction(node)) return anyOf(returned(sourceCode, node).map(read))
  if (node.type === 'ConditionalExpression') return anyOf([read(node.consequent), read(node.alternate)])
  if (node.type === 'Identifier' && node.name === 'undefined') return noUser
  if (node.type !== 'CallExpression') return undefined
  const name = lastName(sourceCode, unwrap(node.callee)) ?? ''
  const [column, value] = node.arguments
  const isUser = column !== undefined && userKeys.has(lastName(sourceCode, unwrap(column)) ?? '')
  switch (name) {
    case 'and':
      return together(node)
    case 'or':
      return node.arguments.some(({ type }) => type === 'SpreadElement')
        ? unknownScope(node)
        : combined('Or', node.arguments.map(read), node, textOf)
    case 'not':
      return combined('Not', node.arguments.map(read), node, textOf)
    case 'eq':
      return value && isUser ? ofUser(value) : noUser
    case 'inArray':
      if (value && isUser) return ofUser(value)
      // What is selected from another table may be a user's.
      return value && unwrap(value).type === 'ArrayExpression' ? noUser : unknownScope(node)
    default:
      if (comparisons.has(name)) return isUser ? problem('widenedFilter', node) : noUser
      return unknownScope(node)
  }

  function ofUser(id: Node): ScopeResult {
    onUser(id)
    return checkUserValue(id, sourceCode)
  }

  function together({ arguments: passed }: TSESTree.CallExpression): ScopeResult {
    const results = passed.flatMap((argument): readonly ScopeResult[] => {
      if (argument.type !== 'SpreadElement') return [read(argument)]
      const { items, open } = listElements(argument.argument, sourceCode)
      return [...(items ?? []).map(read), ...(open || !items ? [unknownScope(argument)] : [])]
    })
    return allOf(results, textOf)
  }

  function textOf(id: Node): string {
    return sourceCode.getText(id)
  }
}
