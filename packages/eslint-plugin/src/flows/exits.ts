import { lastName } from '../analysis/names.ts'
import { type Node, type SourceCode, unwrap } from '../analysis/syntax.ts'
import { leaves } from '../user-id/guards.ts'

/** Functions of frameworks that never come back: they throw, or end the process. */
const exits =
  /^(?:redirect|permanentRedirect|notFound|forbidden|unauthorized|throw|exit|abort|createError|error|fail)$/

/** Whether nothing after a branch runs once the branch is taken. */
export function exitsFrom(branch: Node | null, sourceCode: SourceCode): boolean {
  return branch !== null && (leaves(branch) || throwsIn(branch, sourceCode))
}

/** Whether a branch ends the caller's work as well: by an error. */
export function throwsIn(branch: Node | null, sourceCode: SourceCode): boolean {
  const last = branch?.type === 'BlockStatement' ? branch.body.at(-1) : branch
  if (last?.type === 'ThrowStatement') return true
  if (last?.type !== 'ExpressionStatement') return false
  const call = unwrap(last.expression)
  return call.type === 'CallExpression' && exits.test(lastName(sourceCode, unwrap(call.callee)) ?? '')
}
