import type { TSESLint, TSESTree } from '@typescript-eslint/utils'
import { createEvaluator } from '../analysis/evaluate.ts'
import type { EvaluatorOptions, ReceiverLookup } from '../analysis/evaluation.ts'
import { createShapes, type ShapeLookup } from '../analysis/object-shapes.ts'
import type { Node } from '../analysis/syntax.ts'
import { isRequestTo } from '../clients/api-urls.ts'
import { type ClientCall, clientCall, clientMethod } from '../clients/client-calls.ts'
import { type ClientDescription, isModuleOf, memberNames, membersOf } from '../clients/client-description.ts'
import { clientMembers } from '../clients/client-values.ts'
import { isMem0 } from '../clients/mem0.ts'
import { takesUser, userArgument } from '../clients/user-argument.ts'
import { isScopedModule } from '../handles/handles.ts'
import type { Context } from '../rule-kit/create-rule.ts'
import { createUserScope, type UsedMethod } from './check-user-scope.ts'
import { type MessageId, messageFor, type ProblemId } from './messages.ts'
import { isProvenId } from './proven-id.ts'
import type { ScopeProblem } from './scope-result.ts'
import { suggest } from './suggestion.ts'

type Suggestions = ReturnType<typeof suggest>

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
  const internals = new Set(clients.flatMap(membersOf).flatMap((members) => members.internals ?? []))
  const names = new Set([...clients.flatMap(memberNames), ...internals])
  const evaluator = createEvaluator({
    sourceCode,
    follows: (module) => clients.some((client) => isModuleOf(client, module)) || isScopedModule(module),
    lookUpReceiver:
      lookUpReceiver &&
      ((receiver, member, surely) =>
        names.has(member) || isPrivate(member) ? lookUpReceiver(receiver, member, surely) : []),
    imports,
  })
  const scope = createUserScope(sourceCode, createShapes(sourceCode, evaluator, lookUpShape), evaluator)

  const callOf = (node: TSESTree.CallExpression): ClientCall | undefined =>
    clientCall(node, clients, evaluator, sourceCode)

  function checkCall(node: TSESTree.CallExpression): void {
    const call = callOf(node)
    if (call) check(call, node.callee, call)
  }

  /** Reports a method of a client that is not for exactly one user; `call`: where it is called, not handed on. */
  function check(used: UsedMethod, node: Node, call?: ClientCall): void {
    const { method, name } = used
    if (method.kind === 'part') return
    const result = scope.check(used)
    if (result.kind === 'oneUser' || result.kind === 'notOfUsers') return
    const report = (id: ProblemId, given = '', fixes: Suggestions = []): void => {
      const write = userArgument(used)
      const advice = takesUser(used) ? `Write ${write}, or compare` : 'Compare'
      const data = { method: name, write, given, advice }
      context.report({ node, messageId: messageFor(id, isMem0(used.client)), data, suggest: fixes })
    }
    const fixesFor = (what: ScopeProblem | 'bareMemoryId'): Suggestions =>
      call ? suggest(call, what, sourceCode, evaluator) : []
    if (result.kind === 'unknown') {
      if (reportUnverifiable) report('unverifiable')
    } else if (method.kind === 'projectWide') report('projectWide')
    else {
      const ids = scope.recordIds(used)
      if (ids.length > 0 && ids.every((id) => isProven(id, call))) return
      if (method.kind === 'byId' || ids.length > 0) report('bareMemoryId', '', fixesFor('bareMemoryId'))
      else if (result.kind === 'problem') report(result.problem, result.given, fixesFor(result.problem))
    }
  }

  /** Whether the code shows that an id is of a record of the user's own. */
  const isProven = (id: Node, call: ClientCall | undefined): boolean =>
    call !== undefined &&
    isProvenId(call.node, id, { sourceCode, listsOneUser, fetchedIds, userKeys: call.client.userKeys })

  function listsOneUser(node: TSESTree.CallExpression): boolean {
    const call = callOf(node)
    return call !== undefined && call.method.kind !== 'part' && scope.check(call).kind === 'oneUser'
  }

  function fetchedIds(node: TSESTree.CallExpression): readonly Node[] {
    const call = callOf(node)
    return call && /^(get|find|select)/.test(call.name) ? scope.recordIds(call) : []
  }

  function checkMember(node: TSESTree.MemberExpression): void {
    if (node.computed || node.property.type !== 'Identifier') return
    const { name } = node.property
    if (names.has(name) && isHandedOn(node)) checkHandedOn(node)
    if (!isPrivate(name) && !internals.has(name)) return
    const found = clientMembers(node, clients, evaluator).find(
      ({ receiver: { members } }) => isPrivate(name) || members.internals?.includes(name),
    )
    if (!found) return
    const messageId = messageFor('internals', isMem0(found.receiver.client))
    context.report({ node, messageId, data: { method: name } })
  }

  /** A method that is passed on, such as `ids.map(client.delete)`: its arguments are not written here. */
  function checkHandedOn(node: TSESTree.MemberExpression): void {
    const found = clientMethod(node, clients, evaluator)
    if (found) check({ ...found, arguments: undefined, node }, node)
  }

  function checkText(node: Node, text: string): void {
    for (const client of clients)
      for (const host of client.hosts ?? []) {
        if (!text.includes(host) || !isRequestTo(host, node, text, sourceCode)) continue
        context.report({ node, messageId: messageFor('rawUrl', isMem0(client)), data: { host } })
        return
      }
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
