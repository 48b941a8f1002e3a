import type { TSESLint, TSESTree } from '@typescript-eslint/utils'
import { enclosing, findVariable, isFunction, type Node, type SourceCode, unwrap } from '../code/syntax.ts'
import type { Values } from '../code/value.ts'
import { isHandle } from '../scoped/handles.ts'
import type { Fault } from '../scope/verdict.ts'
import type { ClientCall } from './calls.ts'
import { entry, keyOfUser, whatToWrite } from './what-to-write.ts'

export type SuggestionId = 'useHandle' | 'addUser'

export const suggestionMessages: Readonly<Record<SuggestionId, string>> = {
  useHandle: 'Call it on {{handle}}, which is bound to one user.',
  addUser: 'Name the user: {{write}}.',
}

type Suggestion = TSESLint.SuggestionReportDescriptor<SuggestionId>

/** Methods that a scoped handle has under the same name and with the same arguments. */
const onHandles = new Set([
  'add',
  'search',
  'getAll',
  'get',
  'update',
  'delete',
  'history',
  'feedback',
  'batchUpdate',
  'batchDelete',
  'deleteAll',
])
const userNames = ['userId', 'user_id', 'currentUserId', 'uid']
const requestNames = ['req', 'request', 'ctx', 'c']

/** The one right thing to write instead of a call, when the code around it shows what that is; else nothing. */
export function suggest(
  call: ClientCall,
  fault: Fault | 'bareMemoryId',
  sourceCode: SourceCode,
  values: Values,
): readonly Suggestion[] {
  const callee = unwrap(call.node.callee)
  if (callee.type !== 'MemberExpression' || call.arguments !== call.node.arguments) return []
  if (fault !== 'bareMemoryId' && fault !== 'missingUser' && fault !== 'otherScope') return []
  const handle = handleInScope(call.node, sourceCode, values)
  if (handle && onHandles.has(call.name) && (call.name !== 'deleteAll' || call.arguments.length === 0))
    return [
      {
        messageId: 'useHandle',
        data: { handle },
        fix: (fixer) => fixer.replaceText(callee.object, handle),
      },
    ]
  const user = fault === 'bareMemoryId' ? undefined : userInScope(call.node, sourceCode)
  const fix = user === undefined ? undefined : addUser(call, user, sourceCode)
  return fix && user !== undefined
    ? [{ messageId: 'addUser', data: { write: whatToWrite(call, user) }, fix }]
    : []
}

function handleInScope(node: Node, sourceCode: SourceCode, values: Values): string | undefined {
  const found: string[] = []
  let scope = sourceCode.getScope(node)
  for (; scope.upper && scope.type !== 'module'; scope = scope.upper) {
    for (const variable of scope.variables)
      if (values.ofVariable(variable).some((value) => isHandle(value, values))) found.push(variable.name)
  }
  if (found.length > 0) return found.length === 1 ? found[0] : undefined
  if (!sourceCode.text.includes('@scoped-memory/middleware/')) return undefined
  const fn = enclosing(node, isFunction)
  const request = fn?.params.find((param) => param.type === 'Identifier' && requestNames.includes(param.name))
  if (request?.type !== 'Identifier') return undefined
  return request.name === 'c' ? 'c.var.memory' : `${request.name}.memory`
}

function userInScope(node: Node, sourceCode: SourceCode): string | undefined {
  const found = userNames.filter((name) => findVariable(sourceCode, node, name))
  return found.length === 1 ? found[0] : undefined
}

function addUser(
  { arguments: passed, method, node, client }: ClientCall,
  user: string,
  sourceCode: SourceCode,
): TSESLint.ReportFixFunction | undefined {
  if (method.kind !== 'scoped' || !passed) return undefined
  const options = passed[method.argument]
  const [place] = method.at
  if (!options) {
    const last = passed.at(-1)
    if (passed.length !== method.argument) return undefined
    const text = whatToWrite({ method, client }, user)
    const close = sourceCode.getLastToken(node)
    if (last) return (fixer) => fixer.insertTextAfter(last, `, ${text}`)
    return close ? (fixer) => fixer.insertTextBefore(close, text) : undefined
  }
  if (options.type !== 'ObjectExpression') return undefined
  if (!place) return append(options, entry(keyOfUser({ method, client }), user))
  const filter = options.properties.find(
    (property) => property.type === 'Property' && sourceCode.getText(property.key) === place,
  )
  if (!filter) return append(options, whatToWrite({ method, client }, user).slice(2, -2))
  return filter.type === 'Property' && filter.value.type === 'ObjectExpression'
    ? append(filter.value, entry(keyOfUser({ method, client }), user))
    : undefined
}

/** Puts a property last, where nothing that is spread can replace it. */
function append(object: TSESTree.ObjectExpression, property: string): TSESLint.ReportFixFunction {
  const last = object.properties.at(-1)
  if (last) return (fixer) => fixer.insertTextAfter(last, `, ${property}`)
  return (fixer) => fixer.replaceText(object, `{ ${property} }`)
}
