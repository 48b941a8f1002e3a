import type { TSESTree } from '@typescript-eslint/utils'
import { lastName } from '../analysis/names.ts'
import { isFunction, type Node, unwrap, walk } from '../analysis/syntax.ts'
import { isRequestName } from '../user-id/request-names.ts'
import { type Check, isIdentity } from './compared-values.ts'
import type { Place, ProgramFile } from './program-files.ts'
import { rootOf, spelledPart } from './spellings.ts'

type IsSent = (place: Place) => boolean

/** Functions that say what somebody may do. */
const permissions =
  /^(?:can|cannot|can[A-Z]\w*|throwUnlessCan|enforce|authoriz\w*|is(?:Allowed|Authorized|Permitted)|has(?:Access|Permission))$/
/** Functions that throw for what is not allowed. */
const asserts = /^(?:assert|ensure|require|enforce|authorize|authorise|check|verify|guard|throwUnless|must)/i
/** What the signed-in user is called, but not what all users are read from: `req.user`, `viewer`, not `User` or `users`. */
const identities =
  /^(?:\w+(?:User|Session|Account|Member)|user|session|auth|account|actor|viewer|principal|claims|member)$/

/** A call that is given the value together with who is signed in, and so may say whether they belong together. */
export function permissionOf(
  { file, node }: Place<TSESTree.CallExpression>,
  texts: ReadonlySet<string>,
  isSent: IsSent,
): Check[] {
  const { sourceCode } = file
  const callee = unwrap(node.callee)
  const name = lastName(sourceCode, callee) ?? ''
  const hasValue = node.arguments.some((argument) => mentionsOne(argument, texts, file))
  if (!hasValue) return []
  const isAsked =
    permissions.test(name) ||
    node.arguments.some((argument) => holdsIdentity(argument, file, isSent)) ||
    (callee.type === 'MemberExpression' && isPerson(unwrap(callee.object), file, isSent))
  if (!isAsked) return []
  const isStatement = unwrapsTo(node).parent?.type === 'ExpressionStatement'
  if (isStatement) return asserts.test(name) ? [{ node, meaning: 'throws' }] : []
  return [{ node, meaning: 'either' }]
}

/** Whether the signed-in user, or a part of it, is handed over: `user`, `req.user.id`, `{ actor: session.user }`. */
function holdsIdentity(node: Node, file: ProgramFile, isSent: IsSent): boolean {
  let found = false
  walk(file.sourceCode, node, (inner) => {
    if (inner.type === 'Identifier' || inner.type === 'MemberExpression')
      found ||=
        (inner.parent?.type !== 'Property' || inner.parent.value === inner) &&
        identities.test(lastName(file.sourceCode, inner) ?? '') &&
        isIdentity(inner, file, isSent)
    return !found && !isFunction(inner)
  })
  return found
}

/** `user.canRead(id)`, `req.user.owns(id)`; not `prisma.user.findFirst(…)`. */
function isPerson(node: Node, file: ProgramFile, isSent: IsSent): boolean {
  if (node.type === 'MemberExpression') {
    const holder = rootOf(node)
    return holder !== undefined && isRequestName(holder.name, 'present') && holdsIdentity(node, file, isSent)
  }
  return node.type === 'Identifier' && holdsIdentity(node, file, isSent)
}

function mentionsOne(node: Node, texts: ReadonlySet<string>, { sourceCode }: ProgramFile): boolean {
  let found = false
  walk(sourceCode, node, (inner) => {
    if (inner.type === 'Identifier' || inner.type === 'MemberExpression')
      found ||= texts.has(spelledPart(inner, [], sourceCode))
    return !found && !isFunction(inner)
  })
  return found
}

/** A call with the `await` and the assertions around it. */
function unwrapsTo(node: Node): Node {
  let at = node
  while (at.parent && at.parent !== at && unwrap(at.parent) === node) at = at.parent
  return at
}
