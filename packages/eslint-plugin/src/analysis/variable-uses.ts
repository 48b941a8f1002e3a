import type { TSESTree } from '@typescript-eslint/utils'
import { memberName } from './names.ts'
import type { Node, SourceCode } from './syntax.ts'
import type { Variable } from './variables.ts'

/** One write to a variable as a whole. */
interface Write {
  readonly value: TSESTree.Expression
  /** The name that is written to, perhaps inside a pattern. */
  readonly target: Node
  /** Whether it is the declaration that writes. */
  readonly isInitial: boolean
}

function writesTo({ references }: Variable): readonly Write[] {
  return references.flatMap((reference): readonly Write[] =>
    reference.isWrite() && reference.writeExpr
      ? [
          {
            value: reference.writeExpr as TSESTree.Expression,
            target: reference.identifier,
            isInitial: reference.init === true,
          },
        ]
      : [],
  )
}

/** Each expression that is written to a variable, where it is declared and after. */
export const writtenTo = (variable: Variable): readonly TSESTree.Expression[] =>
  writesTo(variable).map(({ value }) => value)

/** The writes to a variable after its declaration. */
export const assignmentsTo = (variable: Variable): readonly Write[] =>
  writesTo(variable).filter(({ isInitial }) => !isInitial)

/** Each expression that is written to a variable after its declaration. */
export const assignedTo = (variable: Variable): readonly TSESTree.Expression[] =>
  assignmentsTo(variable).map(({ value }) => value)

/** Whether nothing but its one declaration gives a variable its value. */
export const isSetOnce = ({ defs, references }: Variable): boolean =>
  defs.length === 1 && references.every((reference) => !reference.isWrite() || reference.init)

/** The calls of a function or class that a variable holds. */
export function callsOf({
  references,
}: Variable): readonly (TSESTree.CallExpression | TSESTree.NewExpression)[] {
  return references.flatMap(({ identifier }) => {
    const use = identifier.parent
    const isCall = use.type === 'CallExpression' || use.type === 'NewExpression'
    return isCall && use.callee === (identifier as Node) ? [use] : []
  })
}

/** Where code names a member of what a variable holds: `list.push`, `options.userId`. */
export function memberUses({ references }: Variable): readonly TSESTree.MemberExpression[] {
  return references.flatMap(({ identifier }) => {
    const use = identifier.parent
    return use.type === 'MemberExpression' && use.object === (identifier as Node) ? [use] : []
  })
}

/** The call of a member, where it is called: `list.push(…)` around `list.push`. */
export const callOf = (member: TSESTree.MemberExpression): TSESTree.CallExpression | undefined =>
  member.parent.type === 'CallExpression' && member.parent.callee === member ? member.parent : undefined

/** What is pushed to a list that a variable holds. */
export const pushedTo = (variable: Variable, sourceCode: SourceCode): readonly Node[] =>
  memberUses(variable).flatMap((use): readonly Node[] =>
    memberName(sourceCode, use) === 'push' ? (callOf(use)?.arguments ?? []) : [],
  )
