import type { TSESTree } from '@typescript-eslint/utils'
import type { Evaluator } from '../analysis/abstract-value.ts'
import { createShapes } from '../analysis/object-shapes.ts'
import { type Node, returned, type SourceCode } from '../analysis/syntax.ts'
import { clientCall } from '../clients/client-calls.ts'
import { mem0Clients } from '../clients/mem0.ts'
import { boundId, resolverIn } from '../handles/handles.ts'
import { createUserScope, isScopedCall } from './check-user-scope.ts'

/** Finds the expressions by which a call says which user it is for. */
export type FindUserIds = (node: TSESTree.CallExpression | TSESTree.NewExpression) => readonly Node[]

export function createFindUserIds(sourceCode: SourceCode, evaluator: Evaluator): FindUserIds {
  const scope = createUserScope(sourceCode, createShapes(sourceCode, evaluator))

  return (node) => {
    const bound = boundId(node, evaluator)
    if (bound) return [bound]
    if (node.type === 'NewExpression') return []
    const resolver = resolverIn(node, evaluator)
    if (resolver) return returned(sourceCode, resolver.node)
    const call = clientCall(node, mem0Clients, evaluator, sourceCode)
    return call && isScopedCall(call) ? scope.ids(call) : []
  }
}
