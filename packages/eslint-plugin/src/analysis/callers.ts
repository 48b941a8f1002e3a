import type { TSESTree } from '@typescript-eslint/utils'
import type { Evaluator } from './abstract-value.ts'
import type { Evaluation } from './evaluation.ts'
import { memberName } from './names.ts'
import { type ClassNode, type FunctionNode, type Node, unwrap } from './syntax.ts'
import { callsOf } from './variable-uses.ts'
import { variableOf } from './variables.ts'

/** Finds the arguments that the calls in one file pass for a parameter of a function. */
export function createCallers({ sourceCode, functionsOf }: Evaluation): Evaluator['argumentsFor'] {
  return argumentsFor

  function argumentsFor(fn: FunctionNode, index: number): readonly Node[] {
    const parent = fn.parent
    if (parent.type === 'CallExpression') {
      if (parent.callee === fn) return parent.arguments.slice(index, index + 1)
      const callee = unwrap(parent.callee)
      const isThen = callee.type === 'MemberExpression' && memberName(sourceCode, callee) === 'then'
      if (isThen) return index === 0 && parent.arguments[0] === fn ? [callee.object] : []
      return passedToCallback(callee, parent.arguments.indexOf(fn as never), index)
    }
    const name = nameOf(fn)
    const variable = name && variableOf(sourceCode, name)
    return variable ? callsOf(variable).flatMap((call) => call.arguments.slice(index, index + 1)) : []
  }

  /** What a function of this file passes on to a callback it is given. */
  function passedToCallback(callee: Node, position: number, index: number): readonly Node[] {
    if (callee.type !== 'Identifier') return []
    return functionsOf(callee).flatMap(({ params }) => {
      const param = params[position]
      const variable = param?.type === 'Identifier' ? variableOf(sourceCode, param) : undefined
      return (variable ? callsOf(variable) : []).flatMap((call) =>
        call.type === 'CallExpression' ? call.arguments.slice(index, index + 1) : [],
      )
    })
  }
}

/** The name that a function is called by, or its class where it is a constructor. */
function nameOf(fn: FunctionNode): TSESTree.Identifier | null | undefined {
  const { parent } = fn
  if (parent.type === 'VariableDeclarator' && parent.id.type === 'Identifier') return parent.id
  if (fn.type === 'FunctionDeclaration') return fn.id
  return parent.type === 'MethodDefinition' && parent.kind === 'constructor'
    ? nameOfClass(parent.parent.parent)
    : undefined
}

function nameOfClass(node: ClassNode): TSESTree.Identifier | null | undefined {
  if (node.id) return node.id
  return node.parent.type === 'VariableDeclarator' && node.parent.id.type === 'Identifier'
    ? node.parent.id
    : undefined
}
