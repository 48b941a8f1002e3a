import type { TSESLint, TSESTree } from '@typescript-eslint/utils'
import { createEvaluator } from '../analysis/evaluate.ts'
import type { EvaluatorOptions, ReceiverLookup } from '../analysis/evaluation.ts'
import { createShapes, type ShapeLookup } from '../analysis/object-shapes.ts'
import type { Node } from '../analysis/syntax.ts'
import { isRequestTo } from '../clients/api-urls.ts'
import { type ClientCall, clientCall, clientMethod } from '../clients/client-calls.ts'
import type { ClientDescription } from '../clients/client-description.ts'
import { clientMembers } from '../clients/client-values.ts'
import { userArgument } from '../clients/user-argument.ts'
import { isScopedModule } from '../handles/handles.ts'
import type { Context } from '../rule-kit/create-rule.ts'
import { createUserScope, isScopedCall, type ScopedCall } from './check-user-scope.ts'
import type { MessageId } from './messages.ts'
import { isProvenId } from './proven-id.ts'
import { suggest } from './suggestion.ts'

export interface UnscopedCallsOptions {
  readonly clients: readonly ClientDescription[]
  readonly reportUnverifiable: boolean
  readonly lookUpReceiver?: ReceiverLookup
  readonly lookUpShape?: ShapeLookup
  readonly imports?: EvaluatorOptions['imports']
}

/** Reports each call on a client that does not name exactly one user. */
export function reportUnscopedCalls(
  context: Context<MessageId, readonly unknown[]>,
  { clients, reportUnverifiable, lookUpReceiver, lookUpShape, imports }: UnscopedCallsOptions,
): TSESLint.RuleListener {
  const { sourceCode } = context
  const modules = new Set(clients.flatMap((client) => client.modules))
  const internals = new Set(clients.flatMap((client) => client.internals ?? []))
  const names = new Set([...clients.flatMap((client) => Object.keys(client.methods)), ...internals])
  const hosts = clients.flatMap((client) => client.hosts ?? [])
  const evaluator = createEvaluator({
    sourceCode,
    follows: (module) => modules.has(module) || isScopedModule(module),
    lookUpReceiver:
      lookUpReceiver &&
      ((receiver, member, surely) =>
        names.has(member) || isPrivate(member) ? lookUpReceiver(receiver, member, surely) : []),
    imports,
  })
  const scope = createUserScope(sourceCode, createShapes(sourceCode, evaluator, lookUpShape))

  const callOf = (node: TSESTree.CallExpression): ClientCall | undefined =>
    clientCall(node, clients, evaluator, sourceCode)

  function checkCall(node: TSESTree.CallExpression): void {
    const call = callOf(node)
    if (!call) return
    if (isScopedCall(call)) {
      checkScopedCall(call)
      return
    }
    const { name, method } = call
    if (method.kind === 'projectWide') {
      context.report({ node: node.callee, messageId: 'projectWide', data: { method: name } })
      return
    }
    const id = call.arguments?.[0]
    if (id && isProvenId(node, id, { sourceCode, listsOneUser, fetchesById })) return
    context.report({
      node: node.callee,
      messageId: 'bareMemoryId',
      data: { method: name },
      suggest: suggest(call, 'bareMemoryId', sourceCode, evaluator),
    })
  }

  function checkScopedCall(call: ClientCall & ScopedCall): void {
    const { callee } = call.node
    const result = scope.check(call)
    const data = { method: call.name, write: userArgument(call) }
    if (result.kind === 'problem')
      context.report({
        node: callee,
        messageId: result.problem,
        data: { ...data, given: result.given ?? '' },
        suggest: suggest(call, result.problem, sourceCode, evaluator),
      })
    else if (result.kind === 'unknown' && reportUnverifiable)
      context.report({ node: callee, messageId: 'unverifiable', data })
  }

  function listsOneUser(node: TSESTree.CallExpression): boolean {
    const call = callOf(node)
    return call !== undefined && isScopedCall(call) && scope.check(call).kind === 'oneUser'
  }

  function fetchesById(node: TSESTree.CallExpression): boolean {
    const call = callOf(node)
    return call?.method.kind === 'byId' && call.name === 'get'
  }

  function checkMember(node: TSESTree.MemberExpression): void {
    if (node.computed || node.property.type !== 'Identifier') return
    const { name } = node.property
    if (names.has(name) && isHandedOn(node)) checkHandedOn(node)
    if (!isPrivate(name) && !internals.has(name)) return
    const isInternal = clientMembers(node, clients, evaluator).some(
      ({ client }) => isPrivate(name) || client.internals?.includes(name),
    )
    if (isInternal) context.report({ node, messageId: 'internals', data: { method: name } })
  }

  /** A method that is passed on, such as `ids.map(client.delete)`: its arguments are not written here. */
  function checkHandedOn(node: TSESTree.MemberExpression): void {
    const found = clientMethod(node, clients, evaluator)
    if (!found) return
    const { name, method } = found
    const data = { method: name, write: method.kind === 'scoped' ? userArgument(found) : '' }
    if (method.kind === 'byId') context.report({ node, messageId: 'bareMemoryId', data })
    else if (method.kind === 'projectWide') context.report({ node, messageId: 'projectWide', data })
    else if (reportUnverifiable) context.report({ node, messageId: 'unverifiable', data })
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

const isPrivate = (name: string): boolean => name.startsWith('_')

/** Whether a member is passed to another function, other than to be looked at in a test. */
function isHandedOn(node: TSESTree.MemberExpression): boolean {
  const call = node.parent
  if (call.type !== 'CallExpression' || call.callee === node) return false
  let callee: Node = call.callee
  while (callee.type === 'MemberExpression') callee = callee.object
  const root = callee.type === 'Identifier' ? callee.name : ''
  return !/^(expect|mocked|jest|vi|sinon|assert|console|Reflect)$/.test(root)
}
