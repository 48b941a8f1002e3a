import type { TSESTree } from '@typescript-eslint/utils'
import {
  enclosing,
  findVariable,
  isFunction,
  memberName,
  type Node,
  type SourceCode,
  unwrap,
  type Variable,
  walk,
} from '../analysis/syntax.ts'

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
 * Whether the code around a by-id call shows that the id is the user's own: it comes out of a list of one user,
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
    const variable = findVariable(sourceCode, node, node.name)
    const definition = variable?.defs[0]
    if (definition?.type === 'Variable') {
      const loop = definition.parent.parent
      if (loop.type === 'ForOfStatement' && loop.left === definition.parent) return isOwn(loop.right, depth)
      const sources = (variable?.references ?? []).flatMap((reference) =>
        reference.isWrite() && reference.writeExpr ? [reference.writeExpr] : [],
      )
      const filled = sources.filter((source) => !isEmptyList(source))
      const added = variable ? pushedTo(variable) : []
      return filled.length + added.length > 0 && [...filled, ...added].every((source) => isOwn(source, depth))
    }
    if (definition?.type !== 'Parameter') return false
    const callback = definition.node as Node
    const iteration = callback.parent
    if (iteration?.type !== 'CallExpression' || iteration.callee.type !== 'MemberExpression') return false
    return (
      iterations.has(memberName(sourceCode, iteration.callee) ?? '') && isOwn(iteration.callee.object, depth)
    )
  }

  /** What is pushed to a list that a variable holds. */
  function pushedTo(variable: Variable): readonly Node[] {
    return variable.references.flatMap(({ identifier }): readonly Node[] => {
      const use = identifier.parent
      if (use.type !== 'MemberExpression' || use.object !== (identifier as Node)) return []
      const push = memberName(sourceCode, use) === 'push' ? use.parent : undefined
      return push?.type === 'CallExpression' && push.callee === use ? push.arguments : []
    })
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
    const variable = findVariable(sourceCode, record, record.name)
    return Boolean(
      variable?.references.some((reference) => {
        const source = reference.isWrite() && reference.writeExpr ? settled(reference.writeExpr) : undefined
        if (source?.type !== 'CallExpression' || !fetchesById(source)) return false
        const fetched = source.arguments[0]
        return fetched !== undefined && sourceCode.getText(unwrap(fetched)) === text
      }),
    )
  }
}

const isEmptyList = (node: Node): boolean => {
  const inner = unwrap(node)
  return inner.type === 'ArrayExpression' && inner.elements.length === 0
}
