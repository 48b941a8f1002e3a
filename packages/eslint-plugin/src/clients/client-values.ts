import type { TSESTree } from '@typescript-eslint/utils'
import type { AbstractValue, Evaluator } from '../analysis/abstract-value.ts'
import type { Node } from '../analysis/syntax.ts'
import { isBuiltWith } from './built-with.ts'
import {
  type ClientDescription,
  isModuleOf,
  matchClass,
  type Members,
  membersOf,
  type PartMethod,
} from './client-description.ts'

/** A call on the way to a part of a client, which may say whose it is: `.namespace(userId)`. */
interface Step {
  readonly method: PartMethod
  readonly call: TSESTree.CallExpression
}

/** A client, or a part of one, that a member is read of. */
export interface Receiver {
  readonly client: ClientDescription
  readonly members: Members
  /** The calls that led to it, as far as the code shows; the last is the nearest. */
  readonly way: readonly Step[]
  /** Whether it is a part of whose way nothing is shown, so that it may be bound to one user. */
  readonly isOpen: boolean
  /** The name of the table that it is, where a property or a class tells it. */
  readonly table?: string
}

/** The client, or the part of one, that a value is an instance of, if it is one. */
export function receiverOf(
  value: AbstractValue,
  clients: readonly ClientDescription[],
  evaluator: Evaluator,
): Receiver | undefined {
  switch (value.kind) {
    case 'imported':
      return receiverOf(value.of, clients, value.evaluator)
    case 'instance':
      return ofInstance(value.of, clients, evaluator, value.node)
    case 'member':
      return ofProperty(value, clients, evaluator)
    case 'result':
      return value.of.kind === 'export'
        ? ofFactory(value.of, clients, value.call)
        : ofPartMethod(value.of, value.call, clients, evaluator)
    default:
      return undefined
  }
}

const whole = (client: ClientDescription | undefined, built: Node | undefined): Receiver | undefined =>
  client && { client, members: client, way: [], isOpen: !isBuiltWith(client, built) }

function ofInstance(
  built: AbstractValue,
  clients: readonly ClientDescription[],
  evaluator: Evaluator,
  node?: Node,
): Receiver | undefined {
  if (built.kind === 'imported') return ofInstance(built.of, clients, built.evaluator, node)
  if (built.kind === 'class') {
    const base = built.node.superClass
    for (const parent of base ? evaluator.evaluate(base) : []) {
      const receiver = ofInstance(parent, clients, evaluator, node)
      if (receiver) return receiver
    }
    return undefined
  }
  if (built.kind !== 'export') return undefined
  const { module, path } = built
  const ofModule = clients.filter((client) => isModuleOf(client, module))
  return (
    whole(
      ofModule.find((client) => isClientClass(client, path)),
      node,
    ) ?? ofModule.map((client) => partOfClass(client, path)).find((receiver) => receiver)
  )
}

function ofFactory(
  { module, path }: Extract<AbstractValue, { kind: 'export' }>,
  clients: readonly ClientDescription[],
  call: Node,
): Receiver | undefined {
  return whole(
    clients.find(
      (client) =>
        isModuleOf(client, module) &&
        client.factories?.includes(path.at(-1) as string) &&
        (path.length === 1 || isClientClass(client, path.slice(0, -1))),
    ),
    call,
  )
}

/** `zep.graph`. */
function ofProperty(
  { of, name }: Extract<AbstractValue, { kind: 'member' }>,
  clients: readonly ClientDescription[],
  evaluator: Evaluator,
): Receiver | undefined {
  const holder = receiverOf(of, clients, evaluator)
  const part = holder && own(holder.members.properties, name)
  if (holder && part) return partOf(holder, part)
  const table = holder?.members.tableProperties
  const receiver = holder && table && isTableName(name) ? partOf(holder, table) : undefined
  return receiver && { ...receiver, table: name }
}

/** `pinecone.index('notes')`, `index.namespace(userId)`. */
function ofPartMethod(
  called: AbstractValue,
  call: Node,
  clients: readonly ClientDescription[],
  evaluator: Evaluator,
): Receiver | undefined {
  if (called.kind !== 'member' || call.type !== 'CallExpression') return undefined
  const holder = receiverOf(called.of, clients, evaluator)
  const method = holder && own(holder.members.methods, called.name)
  if (!holder || method?.kind !== 'part') return undefined
  return partOf({ ...holder, way: [...holder.way, { method, call }] }, method.part)
}

function partOf(holder: Receiver, name: string): Receiver | undefined {
  const members = own(holder.client.parts, name)
  return members && { ...holder, members }
}

/** A part that only its class tells, such as a parameter of its type. */
function partOfClass(client: ClientDescription, path: readonly string[]): Receiver | undefined {
  const name = path.at(-1)
  if (name === undefined) return undefined
  const isOpen = bindsParts(client) || !isBuiltWith(client, undefined)
  for (const [part, members] of Object.entries(client.parts ?? {}))
    for (const pattern of members.classes ?? [part]) {
      const table = matchClass(pattern, name)
      if (table !== undefined) return { client, members, way: [], isOpen, ...(table && { table }) }
    }
  return undefined
}

/** Properties of a client that are not tables are spelled with a mark: `$transaction`, `_meta`. */
const isTableName = (name: string): boolean => /^[a-z]/i.test(name)

/** Whether what leads to a part of a client can bind it to one user. */
const bindsParts = (client: ClientDescription): boolean =>
  membersOf(client).some(({ methods }) =>
    Object.values(methods).some((method) => method.kind === 'part' && (method.partitions ?? method.names)),
  )

/** Whether an export path is one of the client's classes. `require('x')` and `x.default` both stand for the default. */
export function isClientClass(client: ClientDescription, path: readonly string[]): boolean {
  const named = path[0] === 'default' && path.length > 1 ? path.slice(1) : path
  return client.classes.includes(named.length === 0 ? 'default' : named.join('.'))
}

/** A member of a client or of one of its parts. */
interface ClientMember {
  readonly receiver: Receiver
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
    const receiver = receiverOf(value.of, clients, evaluator)
    return receiver ? [{ receiver, name: value.name }] : []
  })
}

/** What an object itself has under a key. */
export const own = <V>(object: Readonly<Record<string, V>> | undefined, key: string): V | undefined =>
  object && Object.hasOwn(object, key) ? object[key] : undefined
