import type { TSESLint, TSESTree } from '@typescript-eslint/utils'
import type { Context } from '../rule-kit/create-rule.ts'
import type { Node } from '../analysis/syntax.ts'
import { createValues, type Oracle, type ValuesOptions } from '../analysis/evaluate.ts'
import { isScopedModule } from '../handles/handles.ts'
import { createShapes, type ShapeOracle } from '../analysis/object-shapes.ts'
import { createScopeReader, type ScopeReader } from './check-user-scope.ts'
import { clientCall, clientOf, membersOf } from '../clients/client-calls.ts'
import type { ClientDescription } from '../clients/mem0.ts'
import { isProvenId } from './proven-id.ts'
import type { MessageId } from './messages.ts'
import { suggest } from './suggestion.ts'
import { isRequestTo } from '../clients/api-urls.ts'
import { whatToWrite } from '../clients/user-argument.ts'

export interface CheckOptions {
  readonly clients: readonly ClientDescription[]
  readonly reportUnverifiable: boolean
  readonly oracle?: Oracle
  readonly shapes?: ShapeOracle
  readonly imports?: ValuesOptions['imports']
}

/** Reports each call on a client that does not name exactly one user. */
export function checkScope(
  context: Context<MessageId, readonly unknown[]>,
  { clients, reportUnverifiable, oracle, shapes: shapeOracle, imports }: CheckOptions,
): TSESLint.RuleListener {
  const { sourceCode } = context
  const modules = new Set(clients.flatMap((client) => client.modules))
  const names = new Set(
    clients.flatMap((client) => [...Object.keys(client.methods), ...(client.internals ?? [])]),
  )
  const values = createValues({
    sourceCode,
    follows: (module) => modules.has(module) || isScopedModule(module),
    asks: (name) => names.has(name) || name.startsWith('_'),
    oracle,
    imports,
  })
  const shapes = createShapes(sourceCode, values, shapeOracle)
  const readers = new Map<ClientDescription, ScopeReader>()
  const hosts = clients.flatMap((client) => client.hosts ?? [])

  function readerFor(client: ClientDescription): ScopeReader {
    const known = readers.get(client)
    if (known) return known
    const reader = createScopeReader(sourceCode, shapes, client)
    readers.set(client, reader)
    return reader
  }

  function checkCall(node: TSESTree.CallExpression): void {
    const call = clientCall(node, clients, values, sourceCode)
    if (!call) return
    const { client, name, method } = call
    if (method.kind !== 'scoped') {
      const id = call.arguments?.[0]
      if (method.kind === 'byId' && id && isProvenId(node, id, { sourceCode, listsOneUser, fetchesById }))
        return
      const messageId = method.kind === 'byId' ? 'bareMemoryId' : 'projectWide'
      const suggestions = messageId === 'bareMemoryId' ? suggest(call, messageId, sourceCode, values) : []
      context.report({ node: node.callee, messageId, data: { method: name }, suggest: suggestions })
      return
    }
    const verdict = readerFor(client).read(call.arguments, method, node)
    const data = { method: name, write: whatToWrite({ client, method }) }
    if (verdict.is === 'wrong')
      context.report({
        node: node.callee,
        messageId: verdict.fault,
        data: { ...data, given: verdict.given ?? '' },
        suggest: suggest(call, verdict.fault, sourceCode, values),
      })
    else if (verdict.is === 'unknown' && reportUnverifiable)
      context.report({ node: node.callee, messageId: 'unverifiable', data })
  }

  function listsOneUser(node: TSESTree.CallExpression): boolean {
    const call = clientCall(node, clients, values, sourceCode)
    return (
      call?.method.kind === 'scoped' &&
      readerFor(call.client).read(call.arguments, call.method, node).is === 'one'
    )
  }

  function fetchesById(node: TSESTree.CallExpression): boolean {
    const call = clientCall(node, clients, values, sourceCode)
    return call?.method.kind === 'byId' && call.name === 'get'
  }

  function checkMember(node: TSESTree.MemberExpression): void {
    if (node.computed || node.property.type !== 'Identifier') return
    const { name } = node.property
    if (names.has(name) && isHandedOn(node)) checkHandedOn(node)
    const mayBeInternal = name.startsWith('_') || clients.some((client) => client.internals?.includes(name))
    if (!mayBeInternal) return
    for (const value of values.of(node)) {
      if (value.kind !== 'member') continue
      const client = clientOf(value.of, clients, values)
      if (!client || !(name.startsWith('_') || client.internals?.includes(name))) continue
      context.report({ node, messageId: 'internals', data: { method: name } })
      return
    }
  }

  /** A method that is given away, such as `ids.map(client.delete)`: its arguments are not written here. */
  function checkHandedOn(node: TSESTree.MemberExpression): void {
    for (const { client, name } of membersOf(node, clients, values)) {
      const method = Object.hasOwn(client.methods, name) ? client.methods[name] : undefined
      if (!method) continue
      const data = { method: name, write: method.kind === 'scoped' ? whatToWrite({ client, method }) : '' }
      if (method.kind === 'byId') context.report({ node, messageId: 'bareMemoryId', data })
      else if (method.kind === 'projectWide') context.report({ node, messageId: 'projectWide', data })
      else if (reportUnverifiable) context.report({ node, messageId: 'unverifiable', data })
      return
    }
  }

  function checkText(node: Node, text: string): void {
    const host = hosts.find((known) => text.includes(known))
    if (host && isRequestTo(host, node, text, sourceCode))
      context.report({ node, messageId: 'rawUrl', data: { host } })
  }

  return {
    CallExpression: checkCall,
    MemberExpression: checkMember,
    Literal(node) {
      if (typeof node.value === 'string') checkText(node, node.value)
    },
    TemplateLiteral(node) {
      checkText(node, node.quasis.map((quasi) => quasi.value.raw).join(''))
    },
  }
}

/** Whether a member is passed to another function, other than to be looked at in a test. */
function isHandedOn(node: TSESTree.MemberExpression): boolean {
  const call = node.parent
  if (call.type !== 'CallExpression' || call.callee === node) return false
  let callee: Node = call.callee
  while (callee.type === 'MemberExpression') callee = callee.object
  const root = callee.type === 'Identifier' ? callee.name : ''
  return !/^(expect|mocked|jest|vi|sinon|assert|console|Reflect)$/.test(root)
}
