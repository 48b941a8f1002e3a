import type { TSESTree } from '@typescript-eslint/utils'
import { memberName } from '../analysis/names.ts'
import { enclosing, isFunction, type Node, type SourceCode, unwrap } from '../analysis/syntax.ts'
import { assignmentsTo } from '../analysis/variable-uses.ts'
import type { Variable } from '../analysis/variables.ts'
import type { Path } from './path.ts'

/** An expression that a variable, or a part of it, is given, and what of the expression is meant. */
interface WrittenValue {
  readonly value: Node
  readonly path: Path
}

interface WrittenValues {
  readonly values: readonly WrittenValue[]
  /** Whether one of them replaces what the variable was declared with. */
  readonly replaces: boolean
}

/**
 * What code before a place gives a variable, or the part of it at a path, after its declaration: `id = …`,
 * `options.userId = …`, `Object.assign(options, …)`. What is surely replaced again is left out.
 */
export function writtenBefore(
  variable: Variable,
  path: Path,
  at: Node,
  sourceCode: SourceCode,
): WrittenValues {
  const writes = [...wholes(variable, path), ...parts(variable, path, sourceCode)].filter(({ by }) =>
    isBefore(by, at),
  )
  const last = writes.findLastIndex(({ by, partly }) => !partly && isOnTheWay(by, at))
  return { values: writes.slice(Math.max(last, 0)), replaces: last >= 0 }
}

interface Write extends WrittenValue {
  /** The expression that writes. */
  readonly by: Node
  /** Whether what was there before may stay. */
  readonly partly?: boolean
}

function wholes(variable: Variable, path: Path): Write[] {
  return assignmentsTo(variable).flatMap(({ value, target }) =>
    target.parent?.type === 'AssignmentExpression' && target.parent.left === target
      ? [{ value, path, by: target.parent, partly: target.parent.operator !== '=' }]
      : [],
  )
}

function parts({ references }: Variable, path: Path, sourceCode: SourceCode): Write[] {
  return references.flatMap(({ identifier }): readonly Write[] => {
    const merged = mergedInto(identifier, sourceCode)
    if (merged) return merged.values.map((value) => ({ value, path, by: merged.by, partly: true }))
    let target: Node = identifier
    let depth = 0
    for (; target.parent?.type === 'MemberExpression' && target.parent.object === target; depth++) {
      const name = memberName(sourceCode, target.parent)
      if (depth >= path.length || name !== path[depth]) return []
      target = target.parent
    }
    const by = target.parent
    if (depth === 0 || by?.type !== 'AssignmentExpression' || by.left !== target) return []
    return [{ value: by.right, path: path.slice(depth), by, partly: by.operator !== '=' }]
  })
}

/** `Object.assign(options, defaults, own)`. */
function mergedInto(
  mention: Node,
  sourceCode: SourceCode,
): { readonly by: Node; readonly values: readonly Node[] } | undefined {
  const call = mention.parent
  if (call?.type !== 'CallExpression' || call.arguments[0] !== mention) return undefined
  const callee = unwrap(call.callee)
  return callee.type === 'MemberExpression' && sourceCode.getText(callee) === 'Object.assign'
    ? { by: call, values: call.arguments.slice(1) }
    : undefined
}

function isBefore(by: Node, at: Node): boolean {
  return by.range[0] < at.range[0] || enclosing(by, isFunction) !== enclosing(at, isFunction)
}

/** Whether code cannot get to a place without running a statement. */
function isOnTheWay(by: Node, at: Node): boolean {
  const statement = by.parent as TSESTree.Node
  const block = statement.parent
  return (
    statement.type === 'ExpressionStatement' &&
    block !== undefined &&
    block.range[0] <= at.range[0] &&
    at.range[1] <= block.range[1] &&
    enclosing(by, isFunction) === enclosing(at, isFunction)
  )
}
