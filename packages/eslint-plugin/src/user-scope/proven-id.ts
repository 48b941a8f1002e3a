import type { TSESTree } from '@typescript-eslint/utils'
import { lastName, memberName } from '../analysis/names.ts'
import { enclosing, isFunction, type Node, type SourceCode, unwrap, walk } from '../analysis/syntax.ts'
import { pushedTo, writtenTo } from '../analysis/variable-uses.ts'
import { variableOf } from '../analysis/variables.ts'

export interface ProofOptions {
  readonly sourceCode: SourceCode
  /** Whether a call lists the records of exactly one user. */
  readonly listsOneUser: (call: TSESTree.CallExpression) => boolean
  /** The ids by which a call fetches records. */
  readonly fetchedIds: (call: TSESTree.CallExpression) => readonly Node[]
  /** Keys that name the user in a record. */
  readonly userKeys: readonly string[]
}

const owners = /^(user_?id|owner(_?id)?)$/i
/** Functions that stop who may not see a record, by their names. */
const checks = /owner|access|authori[sz]|permi|belongs|^can[A-Z]|^(assert|ensure|require)[A-Z]/

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
 * is looked up in such a list, or its record's owner is compared or checked.
 */
export function isProvenId(call: TSESTree.CallExpression, id: Node, options: ProofOptions): boolean {
  const { sourceCode, listsOneUser, fetchedIds, userKeys } = options
  if (isOwn(id, 0)) return true
  const fn = enclosing(call, isFunction)
  if (!fn) return false
  const text = sourceCode.getText(unwrap(id))
  let proven = false
  walk(sourceCode, fn.body, (node) => {
    if (proven) return false
    if (isChecked(node)) proven = true
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

  /** `record.userId`, where `record` is what was fetched by the same id. */
  function isOwnerOfId(node: Node): boolean {
    if (node.type !== 'MemberExpression') return false
    const name = memberName(sourceCode, node) ?? ''
    const isOwner =
      owners.test(name) ||
      userKeys.includes(name) ||
      (name === 'id' && /^(user|owner)$/.test(lastName(sourceCode, unwrap(node.object)) ?? ''))
    return isOwner && isFetched(node.object, 0)
  }

  /** `assertOwner(record, user)`, where `record` is what was fetched by the same id. */
  function isChecked(node: Node): boolean {
    return (
      node.type === 'CallExpression' &&
      checks.test(lastName(sourceCode, unwrap(node.callee)) ?? '') &&
      node.arguments.some((argument) => isFetched(argument, 0))
    )
  }

  /** Whether an expression is read out of what a call fetched by the same id. */
  function isFetched(node: Node, depth: number): boolean {
    const inner = unwrap(node)
    if (depth > 12) return false
    switch (inner.type) {
      case 'MemberExpression':
        return isFetched(inner.object, depth + 1)
      case 'LogicalExpression':
        return isFetched(inner.left, depth + 1)
      case 'Identifier': {
        const variable = variableOf(sourceCode, inner)
        return variable !== undefined && writtenTo(variable).some((source) => isFetched(source, depth + 1))
      }
      case 'CallExpression': {
        if (fetchedIds(inner).some((fetched) => sourceCode.getText(unwrap(fetched)) === text)) return true
        return inner.callee.type === 'MemberExpression' && isFetched(inner.callee.object, depth + 1)
      }
      default:
        return false
    }
  }
}

const isEmptyList = (node: Node): boolean => {
  const inner = unwrap(node)
  return inner.type === 'ArrayExpression' && inner.elements.length === 0
}
