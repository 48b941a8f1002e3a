import type { TSESTree } from '@typescript-eslint/utils'
import type { Evaluator } from '../analysis/abstract-value.ts'
import { isFunction, type Node } from '../analysis/syntax.ts'
import { leaves } from './guards.ts'

type IsWrite = (assignment: TSESTree.AssignmentExpression) => boolean

/** Whether code that runs to its end is sure to write something, itself or in a function of the file that it calls. */
export function isSureToWrite(root: Node, isWrite: IsWrite, { functionsOf }: Evaluator): boolean {
  const active = new Set<Node>()
  return writes(root)

  function writes(node: Node | null | undefined): boolean {
    switch (node?.type) {
      case 'ExpressionStatement':
        return writes(node.expression)
      case 'BlockStatement':
        return node.body.some(writes)
      case 'IfStatement':
        return node.alternate !== null && writesOrLeaves(node.consequent) && writesOrLeaves(node.alternate)
      case 'TryStatement':
        return writes(node.finalizer) || (writes(node.block) && writesOrLeaves(node.handler?.body))
      case 'AwaitExpression':
        return writes(node.argument)
      case 'SequenceExpression':
        return node.expressions.some(writes)
      case 'AssignmentExpression':
        return (node.operator === '=' && isWrite(node)) || writes(node.right)
      case 'CallExpression':
        return calledWrites(node)
      default:
        return false
    }
  }

  /** Whether what comes after a branch sees the write: after one that leaves nothing comes. */
  function writesOrLeaves(branch: Node | null | undefined): boolean {
    return !branch || leaves(branch) || writes(branch)
  }

  function calledWrites(node: TSESTree.CallExpression): boolean {
    const [fn, ...others] = functionsOf(node.callee)
    if (!fn || others.length > 0 || active.has(fn)) return false
    active.add(fn)
    try {
      return writes(fn.body)
    } finally {
      active.delete(fn)
    }
  }
}

/** Whether something is sure to be written in a function before the code at a place in it runs. */
export function isWrittenBefore(at: Node, isWrite: IsWrite, evaluator: Evaluator): boolean {
  for (let inner = at; inner.parent && !isFunction(inner); inner = inner.parent) {
    const { parent }: Node = inner
    if (parent.type !== 'BlockStatement' && parent.type !== 'Program') continue
    const statements = parent.body as readonly Node[]
    const before = statements.slice(0, statements.indexOf(inner))
    if (before.some((statement) => isSureToWrite(statement, isWrite, evaluator))) return true
  }
  return false
}
