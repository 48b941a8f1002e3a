import type { TSESTree } from '@typescript-eslint/utils'
import { memberName } from '../analysis/names.ts'
import { enclosing, isFunction, type Node, type SourceCode, unwrap, walk } from '../analysis/syntax.ts'
import { pushedTo, writtenTo } from '../analysis/variable-uses.ts'
import { variableOf } from '../analysis/variables.ts'

export interface ProofOptions {
  readonly sourceCode: SourceCode
  /** Whether a call lists the records of exactly one user. */
  readonly listsOneUser: (call: TSESTree.CallExpression) => boolean
  /** Whether a call fetches the record of one memory id. */
  readonly fetchesById: (call: TSESTree.CallExpression) => boolean
}

const iterations = new Set([
  'map',
  'forEach',
  'filter',
  'find',
  'some',
  'every',
  'flatMap',
  'findLast',
  'reduce',
])

/**
 * Whether the code around a call by memory id shows that the id is the user's own: it comes out of a list of one user,
 * is looked up in such a list, or its record's owner is compared before.
 */
export function isProvenId(call: TSESTree.CallExpression, id: Node, options: ProofOptions): boolean {
  const { sourceCode, listsOneUser, fetchesById } = options
  if (isOwn(id, 0)) return true
  const fn = enclosing(call, isFunction)
  if (!fn) return false
  const text = sourceCode.getText(unwrap(id))
  let proven = false
  walk(sourceCode, fn.body, (node) => {
    if (proven) return false
    if (node.type !== 'BinaryExpression' || !/^[!=]==?$/.test(node.operator)) return
    const sides = [node.left, node.right].map(unwrap) as [Node, Node]
    if (sides.some((side, at) => sourceCode.getText(side) === text && isOwn(sides[1 - at] as Node, 0)))
      proven = true
    else if (sides.some(isOwnerOfId)) proven = true
  })
  return proven

  /** Whether an expression is read out of a list of one user. */
  function isOwn(node: Node, depth: number): boolean {
    const inner = unwrap(node)
    if (depth > 12) return false
    switch (inner.type) {
      case 'CallExpression':
        if (listsOneUser(inner)) return true
        return inner.callee.type === 'MemberExpression' && isOwn(inner.callee.object, depth + 1)
      case 'MemberExpression':
        return isOwn(inner.object, depth + 1)
      case 'LogicalExpression':
        return isOwn(inner.left, depth + 1)
      case 'ConditionalExpression':
        return isOwn(inner.consequent, depth + 1) || isOwn(inner.alternate, depth + 1)
      case 'SpreadElement':
        return isOwn(inner.argument, depth + 1)
      case 'ArrayExpression':
        return (
          inner.elements.length > 0 && inner.elements.every((element) => element && isOwn(element, depth + 1))
        )
      case 'Identifier':
        return isOwnVariable(inner, depth + 1)
      default:
        return false
    }
  }

  function isOwnVariable(node: TSESTree.Identifier, depth: number): boolean {
    const variable = variableOf(sourceCode, node)
    const definition = variable?.defs[0]
    if (variable && definition?.type === 'Variable') {
      const loop = definition.parent.parent
      if (loop.type === 'ForOfStatement' && loop.left === definition.parent) return isOwn(loop.right, depth)
      const sources = [
        ...writtenTo(variable).filter((source) => !isEmptyList(source)),
        ...pushedTo(variable, sourceCode),
      ]
      return sources.length > 0 && sources.every((source) => isOwn(source, depth))
    }
    if (definition?.type !== 'Parameter') return false
    const callback = definition.node as Node
    const iteration = callback.parent
    if (iteration?.type !== 'CallExpression' || iteration.callee.type !== 'MemberExpression') return false
    return (
      iterations.has(memberName(sourceCode, iteration.callee) ?? '') && isOwn(iteration.callee.object, depth)
    )
  }

  /** The call behind `.catch(…)` and `.then(…)`. */
  function settled(node: Node): Node {
    const inner = unwrap(node)
    if (inner.type !== 'CallExpression' || inner.callee.type !== 'MemberExpression') return inner
    const name = memberName(sourceCode, inner.callee)
    return name === 'catch' || name === 'then' || name === 'finally' ? settled(inner.callee.object) : inner
  }

  /** `record.userId`, where `record` is what was fetched by the same id. */
  function isOwnerOfId(node: Node): boolean {
    if (node.type !== 'MemberExpression' || !/^(user_?id|owner)$/i.test(memberName(sourceCode, node) ?? ''))
      return false
    const record = unwrap(node.object)
    if (record.type !== 'Identifier') return false
    const variable = variableOf(sourceCode, record)
    if (!variable) return false
    return writtenTo(variable)
      .map(settled)
      .some((source) => {
        if (source.type !== 'CallExpression' || !fetchesById(source)) return false
        const [fetched] = source.arguments
        return fetched !== undefined && sourceCode.getText(unwrap(fetched)) === text
      })
  }
}

const isEmptyList = (node: Node): boolean => {
  const inner = unwrap(node)
  return inner.type === 'ArrayExpression' && inner.elements.length === 0
}
