import type { TSESTree } from '@typescript-eslint/utils'
import { memberName } from './names.ts'
import { enclosing, isFunction, type Node, type SourceCode, unwrap } from './syntax.ts'
import { type Variable, variableOf } from './variables.ts'

export interface ChainedCall {
  readonly name: string
  readonly node: TSESTree.CallExpression
}

/** The calls made on what a call gives: `.eq(…)` and `.single()` of `select().eq(…).single()`. */
interface Chain {
  readonly calls: readonly ChainedCall[]
  /** Whether it is handed on, so that more may be called on it elsewhere. */
  readonly open: boolean
}

/** Follows a call to those chained after it, through the variables it is kept in. */
export function chainedCalls(start: Node, sourceCode: SourceCode): Chain {
  const calls: ChainedCall[] = []
  const followed = new Set<Variable>()
  let open = false
  follow(start)
  return { calls, open }

  function follow(from: Node): void {
    let node = from
    for (;;) {
      const { parent }: Node = node
      if (!parent) return
      const call = calledOn(node, parent)
      if (call) {
        if (call.name === 'then') return
        calls.push(call)
        node = call.node
      } else if (isTransparent(node, parent)) node = parent
      else return end(node, parent)
    }
  }

  function calledOn(node: Node, parent: Node): ChainedCall | undefined {
    if (parent.type !== 'MemberExpression' || parent.object !== node) return undefined
    const name = memberName(sourceCode, parent)
    let callee: Node = parent
    while (callee.parent && callee.parent.type !== 'AwaitExpression' && unwrap(callee.parent) === parent)
      callee = callee.parent
    const call = callee.parent
    return name !== undefined && call?.type === 'CallExpression' && call.callee === callee
      ? { name, node: call }
      : undefined
  }

  function end(node: Node, parent: Node): void {
    switch (parent.type) {
      case 'AwaitExpression':
      case 'ExpressionStatement':
        return
      case 'VariableDeclarator':
        return keep(parent.id)
      case 'AssignmentExpression':
        return keep(parent.left)
      case 'ReturnStatement':
      case 'ArrowFunctionExpression': {
        const fn = isFunction(parent) ? parent : enclosing(parent, isFunction)
        if (!fn?.async) open = true
        return
      }
      case 'ArrayExpression':
        if (!isPromiseAll(parent.parent)) open = true
        return
      default:
        open = true
    }
  }

  function keep(target: Node): void {
    const variable = target.type === 'Identifier' ? variableOf(sourceCode, target) : undefined
    if (!variable) open = true
    else if (!followed.has(variable)) {
      followed.add(variable)
      for (const reference of variable.references) if (reference.isRead()) follow(reference.identifier)
    }
  }

  function isPromiseAll(node: Node | undefined): boolean {
    if (node?.type !== 'CallExpression' || node.callee.type !== 'MemberExpression') return false
    const { object } = node.callee
    return object.type === 'Identifier' && object.name === 'Promise'
  }
}

/** Whether an expression around another gives the same value. */
function isTransparent(node: Node, parent: Node): boolean {
  if (parent.type === 'ConditionalExpression') return parent.test !== node
  if (parent.type === 'LogicalExpression') return true
  return parent.type !== 'AwaitExpression' && unwrap(parent) !== parent && unwrap(parent) === unwrap(node)
}
