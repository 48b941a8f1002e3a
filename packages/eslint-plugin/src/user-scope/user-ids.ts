import type { TSESLint, TSESTree } from '@typescript-eslint/utils'
import type { Evaluator } from '../analysis/abstract-value.ts'
import { createShapes } from '../analysis/object-shapes.ts'
import { type Node, returned, type SourceCode } from '../analysis/syntax.ts'
import { clientCall } from '../clients/client-calls.ts'
import type { ClientDescription } from '../clients/client-description.ts'
import { boundId, resolverIn } from '../handles/handles.ts'
import { createUserScope } from './check-user-scope.ts'

/** Visits each expression by which a call of a file says which user it is for, once. */
export function visitUserIds(
  sourceCode: SourceCode,
  evaluator: Evaluator,
  clients: readonly ClientDescription[],
  visit: (id: Node) => void,
): TSESLint.RuleListener {
  const userIdsOf = userIdsIn(sourceCode, evaluator, clients)
  const visited = new Set<Node>()
  return { CallExpression: visitCall, NewExpression: visitCall }

  function visitCall(node: TSESTree.CallExpression | TSESTree.NewExpression): void {
    for (const id of userIdsOf(node)) {
      if (visited.has(id)) continue
      visited.add(id)
      visit(id)
    }
  }
}

/** Reads the expressions by which a call of a file says which user it is for. */
export function userIdsIn(
  sourceCode: SourceCode,
  evaluator: Evaluator,
  clients: readonly ClientDescription[],
): (node: TSESTree.CallExpression | TSESTree.NewExpression) => readonly Node[] {
  const scope = createUserScope(sourceCode, createShapes(sourceCode, evaluator), evaluator)
  return (node) => {
    const bound = boundId(node, evaluator)
    if (bound) return [bound]
    if (node.type === 'NewExpression') return []
    const resolver = resolverIn(node, evaluator)
    if (resolver) return returned(sourceCode, resolver.node)
    const call = clientCall(node, clients, evaluator, sourceCode)
    return call ? scope.ids(call) : []
  }
}
