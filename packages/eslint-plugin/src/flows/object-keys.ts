import type { TSESTree } from '@typescript-eslint/utils'
import { keyName, lastName } from '../analysis/names.ts'
import { type Node, type SourceCode, unwrap } from '../analysis/syntax.ts'
import { variableOf } from '../analysis/variables.ts'
import type { Path } from './path.ts'

/** Whether an object that is written out gives a key a value. */
export const setsKey = (
  { properties }: TSESTree.ObjectExpression,
  key: string | undefined,
  sourceCode: SourceCode,
): boolean =>
  key !== undefined &&
  properties.some((property) => property.type === 'Property' && keyName(sourceCode, property) === key)

/** Whether a name holds what is left of an object without a key: `rest` of `{ userId, ...rest }`. */
export function isTakenOut(name: Node, key: string | undefined, sourceCode: SourceCode): boolean {
  const pattern = name.parent?.type === 'RestElement' ? name.parent.parent : undefined
  return (
    key !== undefined &&
    pattern?.type === 'ObjectPattern' &&
    pattern.properties.some(
      (property) => property.type === 'Property' && keyName(sourceCode, property) === key,
    )
  )
}

/** Whether a schema leaves out a key of what it parses: `z.object({ text }).parse(…)`, `Input.omit({ userId: true }).parse(…)`. */
export function isDropped(callee: Node, path: Path, sourceCode: SourceCode): boolean {
  if (callee.type !== 'MemberExpression') return false
  const [first, second] = path
  const key = first === 'data' || first === 'value' || first === 'output' ? (second ?? first) : first
  return key !== undefined && leavesOut(callee.object, key, sourceCode, 0)
}

function leavesOut(node: Node, key: string, sourceCode: SourceCode, depth: number): boolean {
  const inner = unwrap(node)
  if (depth > 3) return false
  if (inner.type === 'Identifier') {
    const definition = variableOf(sourceCode, inner)?.defs[0]
    const init = definition?.type === 'Variable' ? definition.node.init : null
    return init !== null && leavesOut(init, key, sourceCode, depth + 1)
  }
  if (inner.type !== 'CallExpression') return false
  const callee = unwrap(inner.callee)
  if (callee.type !== 'MemberExpression') return false
  const name = lastName(sourceCode, callee)
  if (name !== undefined && closing.has(name)) return leavesOut(callee.object, key, sourceCode, depth + 1)
  const [shape] = inner.arguments
  if (shape?.type !== 'ObjectExpression' || shape.properties.some(({ type }) => type === 'SpreadElement'))
    return false
  const isNamed = setsKey(shape, key, sourceCode)
  if (name === 'omit') return isNamed || leavesOut(callee.object, key, sourceCode, depth + 1)
  if (name === 'extend') return !isNamed && leavesOut(callee.object, key, sourceCode, depth + 1)
  return (name === 'pick' || (name === 'object' && sourceCode.getText(callee.object) === 'z')) && !isNamed
}

/** Methods of a schema that let no more keys through. */
const closing = new Set([
  'strict',
  'strip',
  'partial',
  'required',
  'readonly',
  'refine',
  'superRefine',
  'describe',
])
