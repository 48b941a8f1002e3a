import type { TSESTree } from '@typescript-eslint/utils'
import {
  type ClassNode,
  findVariable,
  type FunctionNode,
  memberName,
  type Node,
  type SourceCode,
  unwrap,
} from './syntax.ts'
import type { Values } from './abstract-value.ts'

/** Finds the arguments that the calls in one file pass for a parameter of a function. */
export function createCallers(sourceCode: SourceCode, of: Values['of']): Values['argumentsFor'] {
  function argumentsFor(fn: FunctionNode, index: number): readonly Node[] {
    const parent = fn.parent
    if (parent.type === 'CallExpression') {
      if (parent.callee === fn) return [parent.arguments[index]].filter((node) => node !== undefined)
      const callee = unwrap(parent.callee)
      const then = callee.type === 'MemberExpression' && memberName(sourceCode, callee) === 'then'
      if (then) return index === 0 && parent.arguments[0] === fn ? [callee.object] : []
      return passedTo(callee, parent.arguments.indexOf(fn as never), index)
    }
    const owner =
      parent.type === 'VariableDeclarator' && parent.id.type === 'Identifier'
        ? parent.id
        : fn.type === 'FunctionDeclaration'
          ? fn.id
          : parent.type === 'MethodDefinition' && parent.kind === 'constructor'
            ? classOwner(parent.parent.parent)
            : undefined
    const variable = owner && findVariable(sourceCode, owner, owner.name)
    if (!variable) return []
    return variable.references.flatMap(({ identifier }) => {
      const use = identifier.parent
      const isCall =
        (use.type === 'CallExpression' || use.type === 'NewExpression') && use.callee === (identifier as Node)
      const argument = isCall ? use.arguments[index] : undefined
      return argument ? [argument] : []
    })
  }

  /** What a function of this file passes on to a callback it is given. */
  function passedTo(callee: Node, position: number, index: number): readonly Node[] {
    if (callee.type !== 'Identifier') return []
    return of(callee).flatMap((value) => {
      const param = value.kind === 'function' ? value.node.params[position] : undefined
      if (param?.type !== 'Identifier') return []
      const variable = findVariable(sourceCode, param, param.name)
      return (variable?.references ?? []).flatMap(({ identifier }) => {
        const use = identifier.parent
        const argument =
          use.type === 'CallExpression' && use.callee === (identifier as Node)
            ? use.arguments[index]
            : undefined
        return argument ? [argument] : []
      })
    })
  }

  function classOwner(node: ClassNode): TSESTree.Identifier | null | undefined {
    if (node.id) return node.id
    return node.parent.type === 'VariableDeclarator' && node.parent.id.type === 'Identifier'
      ? node.parent.id
      : undefined
  }

  return argumentsFor
}
