import { enclosing, isFunction, type Node, type SourceCode, spelling, unwrap } from '../analysis/syntax.ts'
import { isRequestName } from './request-names.ts'

/** `a.b.c`, and what it is read from: `a.b`, `a`; but not the request itself, which is always there. */
export function subjectsOf(node: Node, sourceCode: SourceCode): string[] {
  const found: string[] = []
  for (let at = unwrap(node); ; at = unwrap(at.object)) {
    const text = spelling(sourceCode, at)
    if (!isRequestName(text, 'present')) found.push(text)
    if (at.type !== 'MemberExpression') return found
  }
}

/** Whether a test before or around a place in its function deals with one of the subjects. */
export function isGuarded(subjects: readonly string[], at: Node, sourceCode: SourceCode): boolean {
  const within = enclosing(at, isFunction)
  const mentions = (test: Node): boolean => {
    const text = sourceCode.getText(test).replaceAll('?.', '.')
    return subjects.some((subject) => new RegExp(`(^|[^\\w$.])${escape(subject)}($|[^\\w$])`).test(text))
  }
  for (let inner: Node = at; inner.parent; inner = inner.parent) {
    const { parent }: Node = inner
    if ((parent.type === 'IfStatement' || parent.type === 'ConditionalExpression') && parent.test !== inner)
      if (mentions(parent.test)) return true
    if (
      parent.type === 'LogicalExpression' &&
      parent.operator === '&&' &&
      parent.right === inner &&
      mentions(parent.left)
    )
      return true
    if (parent.type === 'BlockStatement' || parent.type === 'Program') {
      const before = (parent.body as Node[]).slice(0, (parent.body as Node[]).indexOf(inner))
      if (before.some((statement) => isExit(statement, mentions, sourceCode))) return true
    }
    if (parent === within) break
  }
  return false
}

/** `if (!user) return`, `assert(user)`: nothing below runs without it. */
function isExit(statement: Node, mentions: (test: Node) => boolean, sourceCode: SourceCode): boolean {
  if (statement.type === 'IfStatement') return leaves(statement.consequent) && mentions(statement.test)
  if (statement.type !== 'ExpressionStatement') return false
  const call = unwrap(statement.expression)
  return (
    call.type === 'CallExpression' &&
    /assert|invariant|ensure|require/i.test(sourceCode.getText(call.callee)) &&
    call.arguments.some(mentions)
  )
}

/** Whether a branch leaves the code around it: nothing after the branch runs. */
export function leaves(branch: Node): boolean {
  const last = branch.type === 'BlockStatement' ? branch.body.at(-1) : branch
  return (
    last?.type === 'ReturnStatement' || last?.type === 'ThrowStatement' || last?.type === 'ContinueStatement'
  )
}

const escape = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
