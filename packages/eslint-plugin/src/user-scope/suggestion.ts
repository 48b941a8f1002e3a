import type { TSESLint, TSESTree } from '@typescript-eslint/utils'
import type { Evaluator } from '../analysis/abstract-value.ts'
import { memberName } from '../analysis/names.ts'
import { type Node, type SourceCode, unwrap } from '../analysis/syntax.ts'
import type { ClientCall } from '../clients/client-calls.ts'
import { isMem0, scopable } from '../clients/mem0.ts'
import { keyOfUser, userArgument, writtenProperty } from '../clients/user-argument.ts'
import { fitsHandle } from '../handles/fits-handle.ts'
import { handleInScope } from '../handles/handle-in-scope.ts'
import { newHandle, type WrittenHandle } from '../handles/new-handle.ts'
import { userInScope } from '../user-id/user-in-scope.ts'
import type { SuggestionId } from './messages.ts'
import type { ScopeProblem } from './scope-result.ts'

type Suggestion = TSESLint.SuggestionReportDescriptor<SuggestionId>

/** What to write instead of a call, where the code around it leaves one right answer; otherwise nothing. */
export function suggest(
  call: ClientCall,
  problem: ScopeProblem | 'bareMemoryId',
  sourceCode: SourceCode,
  evaluator: Evaluator,
): readonly Suggestion[] {
  const callee = unwrap(call.node.callee)
  if (callee.type !== 'MemberExpression' || call.arguments !== call.node.arguments) return []
  if (problem !== 'bareMemoryId' && problem !== 'missingUser' && problem !== 'otherScope') return []
  if (isForOthers(call.node, sourceCode)) return []
  const isOnHandles =
    scopable.has(call.client) && memberName(sourceCode, callee) === call.name && fitsHandle(call, sourceCode)
  const handle = isOnHandles ? handleInScope(call.node, sourceCode, evaluator) : undefined
  if (handle !== undefined) return [useHandle({ text: handle }, callee.object)]
  const user = userInScope(call.node, sourceCode, evaluator)
  if (user === undefined) return []
  if (problem === 'bareMemoryId') {
    const bound = isOnHandles ? newHandle(call, callee, user, { sourceCode, evaluator }) : undefined
    return bound ? [useHandle(bound, callee.object)] : []
  }
  const fix = addUser(call, user, sourceCode)
  return fix ? [{ messageId: 'addUser', data: { write: userArgument(call, user) }, fix }] : []
}

const othersWork =
  /admin|moderator|staff|super_?user|permission|privilege|impersonat|\broles?\b(?!['"]?\s*:)|\bcan\(|log_?out|sign_?out|\bdestroy\b/i

/** Whether the code before a call speaks of people who may work on the memories of others, or of ending a session. */
function isForOthers(call: Node, sourceCode: SourceCode): boolean {
  let [end] = call.range
  for (let inner = call; inner.parent; inner = inner.parent) {
    const { parent }: Node = inner
    if (parent.type !== 'ClassBody' && parent.type !== 'Program') continue
    if (othersWork.test(sourceCode.text.slice(inner.range[0], end))) return true
    ;[end] = parent.range
  }
  return false
}

function useHandle({ text, addImport }: WrittenHandle, receiver: Node): Suggestion {
  return {
    messageId: 'useHandle',
    data: { handle: text.replaceAll(/\s+/g, ' ') },
    fix: (fixer) => [...(addImport ? [addImport(fixer)] : []), fixer.replaceText(receiver, text)],
  }
}

function addUser(
  { arguments: passed, method, node, client }: ClientCall,
  user: string,
  sourceCode: SourceCode,
): TSESLint.ReportFixFunction | undefined {
  if (method.kind !== 'scoped' || method.argument === undefined || !passed) return undefined
  if (!isMem0(client) && !takesKeys({ client, method })) return undefined
  const options = passed[method.argument]
  const [place] = method.at ?? []
  if (!options) {
    const last = passed.at(-1)
    if (passed.length !== method.argument) return undefined
    const text = userArgument({ method, client }, user)
    const close = sourceCode.getLastToken(node)
    if (last) return (fixer) => fixer.insertTextAfter(last, `, ${text}`)
    return close ? (fixer) => fixer.insertTextBefore(close, text) : undefined
  }
  if (options.type !== 'ObjectExpression') return undefined
  if (!place) return append(options, writtenProperty(keyOfUser({ method, client }), user))
  const filter = options.properties.find(
    (property) => property.type === 'Property' && sourceCode.getText(property.key) === place,
  )
  // Not every client takes a second condition beside the first.
  if (filter && !isMem0(client)) return undefined
  if (!filter) return append(options, userArgument({ method, client }, user).slice(2, -2))
  return filter.type === 'Property' && filter.value.type === 'ObjectExpression'
    ? append(filter.value, writtenProperty(keyOfUser({ method, client }), user))
    : undefined
}

/** Whether a method takes the user under a key of its options, and nothing else would be better there. */
function takesKeys({ client, method }: Pick<ClientCall, 'client' | 'method'>): boolean {
  const [place = ''] = method.kind === 'scoped' ? (method.at ?? []) : []
  const isPlain = (client.filter ?? 'keys') === 'keys' && client.write === undefined
  return isPlain && !/[.[]/.test(place) && !('partitions' in method)
}

/** Puts a property last, where nothing that is spread can replace it. */
function append(object: TSESTree.ObjectExpression, property: string): TSESLint.ReportFixFunction {
  const last = object.properties.at(-1)
  if (last) return (fixer) => fixer.insertTextAfter(last, `, ${property}`)
  return (fixer) => fixer.replaceText(object, `{ ${property} }`)
}
