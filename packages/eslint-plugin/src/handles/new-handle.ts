import type { TSESLint, TSESTree } from '@typescript-eslint/utils'
import { importedName } from '../analysis/imported-name.ts'
import {
  findVariable,
  isSetBefore,
  keyName,
  type Node,
  type SourceCode,
  visibleVariables,
} from '../analysis/syntax.ts'
import type { Values } from '../analysis/abstract-value.ts'
import { coreModule, isFactory } from './handles.ts'
import { clientOf, type ClientCall } from '../clients/client-calls.ts'

/** A handle that is bound to one user, as it is written in place of a client. */
export interface WrittenHandle {
  readonly text: string
  /** Writes the import that the text needs. */
  readonly addImport?: ((fixer: TSESLint.RuleFixer) => TSESLint.RuleFix) | undefined
}

interface Bindings {
  readonly sourceCode: SourceCode
  readonly values: Values
}

/**
 * A handle of a user on the client that a call is made on: from the factory of that client, else made anew. Nothing
 * where the receiver cannot be moved as it stands.
 */
export function bindUser(
  call: ClientCall,
  callee: TSESTree.MemberExpression,
  user: string,
  bindings: Bindings,
): WrittenHandle | undefined {
  const { sourceCode, values } = bindings
  const receiver = callee.object
  if (callee.optional || !isMovable(receiver) || !isClientItself(receiver)) return undefined
  const client = sourceCode.getText(receiver)
  const factories = factoriesFor(client, call.node, bindings)
  if (factories.length > 0) return factories.length === 1 ? { text: `${factories[0]}(${user})` } : undefined
  const named = importedName('ScopedMemory', coreModule, call.node, bindings)
  if (!named) return undefined
  const options = client === 'client' ? '{ client }' : `{ client: ${client} }`
  return { text: `new ${named.name}(${user}, ${options})`, addImport: named.add }

  /** Other objects may hold a method of the client too: `{ get: client.get }`. */
  function isClientItself(node: Node): boolean {
    const held = values.of(node)
    return held.length === 0 || held.some((value) => clientOf(value, [call.client], values))
  }
}

/** The factories in sight that make handles of this very client. */
function factoriesFor(client: string, at: Node, { sourceCode, values }: Bindings): string[] {
  return visibleVariables(sourceCode, at)
    .filter(
      (variable) =>
        isSetBefore(variable, at) &&
        values.ofVariable(variable).some((value) => {
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
 * Whether an expression means the same as an option. An optional one may not: an option that is undefined stands for
 * another client. Neither may the client's own `this` and `super`: a handle calls the methods that are being written.
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
