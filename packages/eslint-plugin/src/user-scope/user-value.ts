import type { TSESTree } from '@typescript-eslint/utils'
import { listElements } from '../analysis/list-elements.ts'
import { literalString, type Node, type SourceCode, unwrap } from '../analysis/syntax.ts'
import { assignedTo } from '../analysis/variable-uses.ts'
import { variableOf } from '../analysis/variables.ts'
import { allOf, anyId, oneUser, problem, type ScopeResult, unknownScope } from './scope-result.ts'

const equalities = new Set(['eq', 'equals', '$eq'])
const listOperators = new Set(['in', '$in'])

/** Whether what stands where a user belongs names exactly one. */
export function checkUserValue(value: Node, sourceCode: SourceCode): ScopeResult {
  return ofValue(value, 0)

  function ofValue(node: Node, depth: number): ScopeResult {
    const inner = unwrap(node)
    const text = literalString(inner)?.trim()
    if (text === '*') return problem('wildcardUser', node)
    if (text === '') return problem('undefinedUser', node)
    switch (inner.type) {
      case 'Literal':
        return inner.value === null ? problem('undefinedUser', node) : oneUser(inner)
      case 'UnaryExpression':
        return inner.operator === 'void' ? problem('undefinedUser', node) : oneUser(inner)
      case 'ArrayExpression':
        return ofList(inner, depth)
      case 'ObjectExpression':
        return ofOperators(inner, depth)
      case 'ConditionalExpression':
        return anyId([ofValue(inner.consequent, depth), ofValue(inner.alternate, depth)], inner)
      case 'LogicalExpression':
        return inner.operator === '&&'
          ? ofValue(inner.right, depth)
          : anyId([ofValue(inner.left, depth), ofValue(inner.right, depth)], inner)
      case 'Identifier':
        return ofIdentifier(inner, depth)
      default:
        return oneUser(inner)
    }
  }

  function ofIdentifier(node: TSESTree.Identifier, depth: number): ScopeResult {
    if (node.name === 'undefined') return problem('undefinedUser', node)
    const variable = depth < 4 ? variableOf(sourceCode, node) : undefined
    const definition = variable?.defs[0]
    if (!variable || !definition) return oneUser(node)
    if (definition.type === 'Parameter') {
      const holder = definition.name.parent as Node | undefined
      if (holder?.type !== 'AssignmentPattern' || holder.left !== definition.name) return oneUser(node)
      const fallback = ofValue(holder.right, depth + 1)
      return fallback.kind === 'problem' && fallback.problem === 'wildcardUser' ? fallback : oneUser(node)
    }
    if (definition.type !== 'Variable' || definition.node.id.type !== 'Identifier') return oneUser(node)
    const loop = definition.parent.parent
    if (loop.type === 'ForOfStatement' || loop.type === 'ForInStatement') return oneUser(node)
    const { init, definite, parent } = definition.node
    const sources = [...(init ? [init] : []), ...assignedTo(variable)]
    if (sources.length === 0)
      return parent.declare || definite ? oneUser(node) : problem('undefinedUser', node)
    const result = anyId(
      sources.map((source) => ofValue(source, depth + 1)),
      node,
    )
    return result.kind === 'oneUser' ? oneUser(node) : result
  }

  function ofList(node: Node, depth: number): ScopeResult {
    const { items, open } = listElements(node, sourceCode)
    if (!items || open || items.length > 1) return problem('severalUsers', node)
    return items[0] ? ofValue(items[0], depth) : problem('undefinedUser', node)
  }

  /** `{ eq: userId }`, `{ in: [userId] }`. */
  function ofOperators(node: TSESTree.ObjectExpression, depth: number): ScopeResult {
    const results = node.properties.map((property): ScopeResult => {
      if (property.type !== 'Property' || property.computed) return unknownScope(property)
      const name =
        property.key.type === 'Identifier'
          ? property.key.name
          : String((property.key as TSESTree.Literal).value)
      if (equalities.has(name)) return ofValue(property.value, depth)
      return listOperators.has(name) ? ofList(property.value, depth) : problem('widenedFilter', property)
    })
    return allOf(results, (id) => sourceCode.getText(id))
  }
}
