import type { TSESTree } from '@typescript-eslint/utils'
import { lastName, memberName } from '../analysis/names.ts'
import { type Node, type SourceCode, unwrap } from '../analysis/syntax.ts'
import { variableOf } from '../analysis/variables.ts'
import { nextHeaders, readers, reads, sent, sentAnywhere } from './frameworks.ts'
import { isRequestName } from './request-names.ts'

/** Whether an expression has parts that the sender of a request wrote: `req`, `ctx.request`, `socket.handshake`. */
function isIncoming(node: Node, sourceCode: SourceCode): boolean {
  const inner = unwrap(node)
  if (inner.type === 'Identifier') {
    if (!isRequestName(inner.name, 'input')) return false
    return variableOf(sourceCode, inner)?.defs[0]?.type !== 'ImportBinding'
  }
  // NestJS: context.switchToHttp().getRequest()
  if (inner.type === 'CallExpression') return lastName(sourceCode, unwrap(inner.callee)) === 'getRequest'
  if (inner.type !== 'MemberExpression') return false
  const name = memberName(sourceCode, inner)
  return name !== undefined && (isIncomingMember(name) || name === 'nextUrl')
}

/** The same for a member of any object, by its name. */
export const isIncomingMember = (name: string): boolean =>
  isRequestName(name, 'request') || name === 'handshake'

/** Whether an expression is the request itself: not `ctx` or `c`, whose `get` reads what the application put there. */
function isRequest(node: Node, sourceCode: SourceCode): boolean {
  const inner = unwrap(node)
  if (inner.type === 'Identifier')
    return isRequestName(inner.name, 'request') && isIncoming(inner, sourceCode)
  if (inner.type !== 'MemberExpression' || inner.object.type === 'ThisExpression') return false
  return isRequestName(memberName(sourceCode, inner) ?? '', 'request')
}

/** Whether a property of an expression is what the sender of a request wrote: `req.body`, `url.searchParams`. */
export const isSentPart = (name: string, object: Node, sourceCode: SourceCode): boolean =>
  sentAnywhere.has(name) || (sent.has(name) && isIncoming(object, sourceCode))

/** Whether a call reads what the sender of a request wrote: `request.json()`, `readBody(event)`, `cookies()`. */
export function readsRequest({ callee }: TSESTree.CallExpression, sourceCode: SourceCode): boolean {
  const inner = unwrap(callee)
  if (inner.type === 'Identifier')
    return (
      readers.has(inner.name) || (nextHeaders.has(inner.name) && isFrom(inner, 'next/headers', sourceCode))
    )
  if (inner.type !== 'MemberExpression') return false
  const name = memberName(sourceCode, inner)
  return name !== undefined && reads.has(name) && isRequest(inner.object, sourceCode)
}

function isFrom(node: TSESTree.Identifier, module: string, sourceCode: SourceCode): boolean {
  const definition = variableOf(sourceCode, node)?.defs[0]
  return (
    definition?.type === 'ImportBinding' &&
    (definition.parent as TSESTree.ImportDeclaration).source.value === module
  )
}
