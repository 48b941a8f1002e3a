import type { TSESTree } from '@typescript-eslint/utils'
import type { Evaluator } from './abstract-value.ts'
import type { Evaluation } from './evaluation.ts'
import { memberName } from './names.ts'
import { type ClassNode, type FunctionNode, isClass, type Node, unwrap, walk } from './syntax.ts'
import { callsOf } from './variable-uses.ts'
import { type Variable, variableOf } from './variables.ts'

type Call = TSESTree.CallExpression | TSESTree.NewExpression

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
    const isConstructor = parent.type === 'MethodDefinition' && parent.kind === 'constructor'
    const calls = isConstructor ? constructions(parent.parent.parent) : holdersOf(fn).flatMap(callsOf)
    return calls.flatMap((call) => call.arguments.slice(index, index + 1))
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

  /** Where the constructor of a class is called: `new A()`, and `super()` in the classes that extend it. */
  function constructions(node: ClassNode): readonly Call[] {
    const byName = holdersOf(node).flatMap((variable) => [
      ...callsOf(variable),
      ...variable.references.flatMap(({ identifier }) => {
        const use: Node = identifier.parent
        return isClass(use) && use.superClass === (identifier as Node) ? superCalls(use) : []
      }),
    ])
    return [...byName, ...callsIn(node, isNewThis)]
  }

  function superCalls(node: ClassNode): readonly Call[] {
    const constructor = node.body.body.find(
      (member) => member.type === 'MethodDefinition' && member.kind === 'constructor',
    )
    return constructor ? callsIn(constructor, isSuper) : constructions(node)
  }

  function callsIn(root: Node, isWanted: (node: Node) => node is Call): readonly Call[] {
    const found: Call[] = []
    walk(sourceCode, root, (node) => {
      if (isWanted(node)) found.push(node)
    })
    return found
  }

  /** The variables that a function or class is called by: inside a class its name is one of its own. */
  function holdersOf(node: FunctionNode | ClassNode): readonly Variable[] {
    const named = sourceCode
      .getDeclaredVariables(node)
      .filter(({ identifiers }) => identifiers.includes(node.id as never))
    const { parent } = node
    const isHeld = parent.type === 'VariableDeclarator' && parent.id.type === 'Identifier'
    return isHeld ? [...named, ...sourceCode.getDeclaredVariables(parent)] : named
  }
}

const isSuper = (node: Node): node is TSESTree.CallExpression =>
  node.type === 'CallExpression' && node.callee.type === 'Super'

const isNewThis = (node: Node): node is TSESTree.NewExpression =>
  node.type === 'NewExpression' && node.callee.type === 'ThisExpression'
