import type { TSESTree } from '@typescript-eslint/utils'
import { memberName, type Node, type SourceCode, unwrap } from '../analysis/syntax.ts'
import type { Value, Values } from '../analysis/abstract-value.ts'
import type { ClientDescription, Method } from './mem0.ts'

/** A call of a client's method, however it is written. */
export interface ClientCall {
  readonly client: ClientDescription
  readonly name: string
  readonly method: Method
  /** The arguments the method gets; `undefined` when they are not written out. */
  readonly arguments: readonly Node[] | undefined
  readonly node: TSESTree.CallExpression
}

/** The client that a value is, if it is one. */
export function clientOf(
  value: Value,
  clients: readonly ClientDescription[],
  values: Values,
): ClientDescription | undefined {
  if (value.kind === 'foreign') return clientOf(value.of, clients, value.values)
  if (value.kind === 'instance') {
    const { of } = value
    if (of.kind === 'foreign') return clientOf({ kind: 'instance', of: of.of }, clients, of.values)
    if (of.kind === 'class') {
      const base = of.node.superClass
      if (!base) return undefined
      for (const parent of values.of(base)) {
        const client = clientOf({ kind: 'instance', of: parent }, clients, values)
        if (client) return client
      }
      return undefined
    }
    return of.kind === 'export'
      ? clients.find((client) => client.modules.includes(of.module) && isClass(client, of.path))
      : undefined
  }
  if (value.kind !== 'result' || value.of.kind !== 'export') return undefined
  const { module, path } = value.of
  const factory = path.at(-1)
  return clients.find(
    (client) =>
      client.modules.includes(module) &&
      client.factories?.includes(factory as string) &&
      (path.length === 1 || isClass(client, path.slice(0, -1))),
  )
}

/** Whether an export path is one of the client's classes. `require('x')` and `x.default` both stand for the default. */
export function isClass(client: ClientDescription, path: readonly string[]): boolean {
  const own = path[0] === 'default' && path.length > 1 ? path.slice(1) : path
  return own.length < 2 && client.classes.includes(own[0] ?? 'default')
}

export interface ClientMember {
  readonly client: ClientDescription
  readonly name: string
}

/** The client members that an expression may be: `client.search`, or a variable that holds it. */
export function membersOf(
  node: Node,
  clients: readonly ClientDescription[],
  values: Values,
): readonly ClientMember[] {
  return values.of(node).flatMap((value) => {
    if (value.kind !== 'member') return []
    const client = clientOf(value.of, clients, values)
    return client ? [{ client, name: value.name }] : []
  })
}

/** Reads a call as a call of a client's method, through `.call`, `.apply` and `Reflect.apply` as well. */
export function clientCall(
  node: TSESTree.CallExpression,
  clients: readonly ClientDescription[],
  values: Values,
  sourceCode: SourceCode,
): ClientCall | undefined {
  const callee = unwrap(node.callee)
  let target: Node = callee
  let passed: readonly Node[] | undefined = node.arguments
  if (callee.type === 'MemberExpression') {
    const name = memberName(sourceCode, callee)
    const reflected =
      name === 'apply' && callee.object.type === 'Identifier' && callee.object.name === 'Reflect'
    if (reflected) {
      const [fn, , list] = node.arguments
      if (!fn) return undefined
      target = fn
      passed = elements(list)
    } else if (name === 'call') {
      target = callee.object
      passed = node.arguments.slice(1)
    } else if (name === 'apply') {
      target = callee.object
      passed = elements(node.arguments[1])
    }
  }
  for (const { client, name } of membersOf(target, clients, values)) {
    const method = Object.hasOwn(client.methods, name) ? client.methods[name] : undefined
    if (method) return { client, name, method, arguments: passed, node }
  }
  return undefined
}

function elements(node: Node | undefined): readonly Node[] | undefined {
  if (node?.type !== 'ArrayExpression') return undefined
  return node.elements.flatMap((element) => (element ? [element] : []))
}
