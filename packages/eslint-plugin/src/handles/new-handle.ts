import type { TSESLint, TSESTree } from '@typescript-eslint/utils'
import type { Evaluator } from '../analysis/abstract-value.ts'
import { importedName } from '../analysis/imported-name.ts'
import { keyName } from '../analysis/names.ts'
import type { Node, SourceCode } from '../analysis/syntax.ts'
import { findVariable, isSetBefore, visibleVariables } from '../analysis/variables.ts'
import type { ClientCall } from '../clients/client-calls.ts'
import { receiverOf } from '../clients/client-values.ts'
import { coreModule, isFactory } from './handles.ts'

/** A handle of one user, as it is written in place of a client. */
export interface WrittenHandle {
  readonly text: string
  /** Writes the import that the text needs. */
  readonly addImport?: ((fixer: TSESLint.RuleFixer) => TSESLint.RuleFix) | undefined
}

/** A file, and what its code says. */
interface Analysis {
  readonly sourceCode: SourceCode
  readonly evaluator: Evaluator
}

/**
 * Writes a handle of a user on the client that a call is made on: from the factory of that client, else with `new`.
 * `undefined` where the receiver cannot be moved as it stands.
 */
export function newHandle(
  call: ClientCall,
  callee: TSESTree.MemberExpression,
  user: string,
  analysis: Analysis,
): WrittenHandle | undefined {
  const { sourceCode, evaluator } = analysis
  const receiver = callee.object
  if (callee.optional || !isMovable(receiver) || !isClientItself(receiver)) return undefined
  const client = sourceCode.getText(receiver)
  const factories = factoriesFor(client, call.node, analysis)
  if (factories.length > 0) return factories.length === 1 ? { text: `${factories[0]}(${user})` } : undefined
  const named = importedName('ScopedMemory', coreModule, call.node, analysis)
  if (!named) return undefined
  const options = client === 'client' ? '{ client }' : `{ client: ${client} }`
  return { text: `new ${named.name}(${user}, ${options})`, addImport: named.add }

  /** Whether the receiver is the client, not an object that holds one of its methods: `{ get: client.get }`. */
  function isClientItself(node: Node): boolean {
    const held = evaluator.evaluate(node)
    return held.length === 0 || held.some((value) => receiverOf(value, [call.client], evaluator))
  }
}

/** The factories in scope that make handles of this client. */
function factoriesFor(client: string, at: Node, { sourceCode, evaluator }: Analysis): string[] {
  return visibleVariables(sourceCode, at)
    .filter(
      (variable) =>
        isSetBefore(variable, at) &&
        evaluator.evaluateVariable(variable).some((value) => {
          if (!isFactory(value) || value.call.type !== 'CallExpression') return false
          const given = clientGiven(value.call)
          return given && sourceCode.getText(given) === client && isSameRoot(given)
        }),
    )
    .map(({ name }) => name)

  function clientGiven({ arguments: [options] }: TSESTree.CallExpression): Node | undefined {
    if (options?.type !== 'ObjectExpression') return undefined
    const property = options.properties.find(
      (one) => one.type === 'Property' && keyName(sourceCode, one) === 'client',
    )
    return property?.type === 'Property' ? property.value : undefined
  }

  function isSameRoot(given: Node): boolean {
    return (
      given.type === 'Identifier' &&
      findVariable(sourceCode, given, given.name) === findVariable(sourceCode, at, given.name)
    )
  }
}

/**
 * Whether an expression can be passed as the `client` option. An optional one cannot: `undefined` stands for the default
 * client. Nor can `this` and `super` of a client: the handle would call the methods that are being written.
 */
function isMovable(node: Node): boolean {
  switch (node.type) {
    case 'Identifier':
    case 'NewExpression':
      return true
    case 'MemberExpression':
      return (
        !node.optional && !node.computed && (node.object.type === 'ThisExpression' || isMovable(node.object))
      )
    case 'CallExpression':
      return !node.optional && isMovable(node.callee)
    case 'AwaitExpression':
      return isMovable(node.argument)
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
      return isMovable(node.expression)
    default:
      return false
  }
}
