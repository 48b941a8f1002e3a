import type { TSESTree } from '@typescript-eslint/utils'
import type { Evaluator } from '../analysis/abstract-value.ts'
import { memberName } from '../analysis/names.ts'
import { type Node, type SourceCode, unwrap } from '../analysis/syntax.ts'
import type { ClientDescription, Method } from './client-description.ts'
import { clientMembers, own, type Receiver } from './client-values.ts'

/** A method of a client, and what it may be called on. */
export interface ClientMethod {
  readonly client: ClientDescription
  readonly name: string
  readonly method: Method
  readonly receivers: readonly Receiver[]
}

/** A call of a client's method, however it is written. */
export interface ClientCall extends ClientMethod {
  /** The arguments the method gets; `undefined` when they are not written out. */
  readonly arguments: readonly Node[] | undefined
  readonly node: TSESTree.CallExpression
}

/** The method of a client that an expression is, if it is one: `client.search`, or a variable that holds it. */
export function clientMethod(
  node: Node,
  clients: readonly ClientDescription[],
  evaluator: Evaluator,
): ClientMethod | undefined {
  const found = clientMembers(node, clients, evaluator).flatMap(({ receiver, name }) => {
    const method = own(receiver.members.methods, name)
    return method ? [{ receiver, name, method }] : []
  })
  const [first] = found
  if (!first) return undefined
  const { name, method } = first
  const all = found.filter((other) => other.method === method).map(({ receiver }) => receiver)
  const shown = all.filter(({ isOpen }) => !isOpen)
  return { client: first.receiver.client, name, method, receivers: shown.length > 0 ? shown : all }
}

/** Reads a call as a call of a client's method, through `.call`, `.apply` and `Reflect.apply` as well. */
export function clientCall(
  node: TSESTree.CallExpression,
  clients: readonly ClientDescription[],
  evaluator: Evaluator,
  sourceCode: SourceCode,
): ClientCall | undefined {
  const { target, passed } = called(node, sourceCode)
  const found = target && clientMethod(target, clients, evaluator)
  return found && { ...found, arguments: passed, node }
}

interface Called {
  readonly target?: Node | undefined
  readonly passed?: readonly Node[] | undefined
}

/** The function that a call calls, perhaps through another, and what it passes on. */
function called(node: TSESTree.CallExpression, sourceCode: SourceCode): Called {
  const callee = unwrap(node.callee)
  const [first, second, third] = node.arguments
  if (callee.type === 'MemberExpression') {
    const name = memberName(sourceCode, callee)
    if (name === 'apply' && callee.object.type === 'Identifier' && callee.object.name === 'Reflect')
      return { target: first, passed: elements(third) }
    if (name === 'call') return { target: callee.object, passed: node.arguments.slice(1) }
    if (name === 'apply') return { target: callee.object, passed: elements(second) }
  }
  return { target: callee, passed: node.arguments }
}

function elements(node: Node | undefined): readonly Node[] | undefined {
  if (node?.type !== 'ArrayExpression') return undefined
  return node.elements.flatMap((element) => (element ? [element] : []))
}
