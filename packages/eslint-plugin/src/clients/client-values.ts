import type { AbstractValue, Evaluator } from '../analysis/abstract-value.ts'
import type { Node } from '../analysis/syntax.ts'
import type { ClientDescription } from './client-description.ts'

/** The client that a value is an instance of, if it is one. */
export function clientOf(
  value: AbstractValue,
  clients: readonly ClientDescription[],
  evaluator: Evaluator,
): ClientDescription | undefined {
  if (value.kind === 'imported') return clientOf(value.of, clients, value.evaluator)
  if (value.kind === 'instance') {
    const { of } = value
    if (of.kind === 'imported') return clientOf({ kind: 'instance', of: of.of }, clients, of.evaluator)
    if (of.kind === 'class') {
      const base = of.node.superClass
      if (!base) return undefined
      for (const parent of evaluator.evaluate(base)) {
        const client = clientOf({ kind: 'instance', of: parent }, clients, evaluator)
        if (client) return client
      }
      return undefined
    }
    return of.kind === 'export'
      ? clients.find((client) => client.modules.includes(of.module) && isClientClass(client, of.path))
      : undefined
  }
  if (value.kind !== 'result' || value.of.kind !== 'export') return undefined
  const { module, path } = value.of
  const factory = path.at(-1)
  return clients.find(
    (client) =>
      client.modules.includes(module) &&
      client.factories?.includes(factory as string) &&
      (path.length === 1 || isClientClass(client, path.slice(0, -1))),
  )
}

/** Whether an export path is one of the client's classes. `require('x')` and `x.default` both stand for the default. */
export function isClientClass(client: ClientDescription, path: readonly string[]): boolean {
  const own = path[0] === 'default' && path.length > 1 ? path.slice(1) : path
  return own.length < 2 && client.classes.includes(own[0] ?? 'default')
}

/** A member of a client. */
interface ClientMember {
  readonly client: ClientDescription
  readonly name: string
}

/** The client members that an expression may be: `client.search`, or a variable that holds it. */
export function clientMembers(
  node: Node,
  clients: readonly ClientDescription[],
  evaluator: Evaluator,
): readonly ClientMember[] {
  return evaluator.evaluate(node).flatMap((value) => {
    if (value.kind !== 'member') return []
    const client = clientOf(value.of, clients, evaluator)
    return client ? [{ client, name: value.name }] : []
  })
}
