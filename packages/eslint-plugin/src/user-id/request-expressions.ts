import { memberName } from '../analysis/names.ts'
import { type Node, type SourceCode, unwrap } from '../analysis/syntax.ts'
import { variableOf } from '../analysis/variables.ts'
import { isRequestName } from './request-names.ts'

/** Whether an expression has parts that the sender of a request wrote: `req`, `ctx.request`, `socket.handshake`. */
export function isIncoming(node: Node, sourceCode: SourceCode): boolean {
  const inner = unwrap(node)
  if (inner.type === 'Identifier') {
    if (!isRequestName(inner.name, 'input')) return false
    return variableOf(sourceCode, inner)?.defs[0]?.type !== 'ImportBinding'
  }
  if (inner.type !== 'MemberExpression') return false
  const name = memberName(sourceCode, inner)
  return name !== undefined && (isIncomingMember(name) || name === 'nextUrl')
}

/** The same for a member of any object, by its name. */
export const isIncomingMember = (name: string): boolean =>
  isRequestName(name, 'request') || name === 'handshake'

/** Whether an expression is the request itself: not `ctx` or `c`, whose `get` reads what the application put there. */
export function isRequest(node: Node, sourceCode: SourceCode): boolean {
  const inner = unwrap(node)
  if (inner.type === 'Identifier')
    return isRequestName(inner.name, 'request') && isIncoming(inner, sourceCode)
  if (inner.type !== 'MemberExpression' || inner.object.type === 'ThisExpression') return false
  return isRequestName(memberName(sourceCode, inner) ?? '', 'request')
}
