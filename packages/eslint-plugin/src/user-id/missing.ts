import type { TSESTree } from '@typescript-eslint/utils'
import { type Node, type SourceCode, unwrap } from '../analysis/syntax.ts'
import { variableOf } from '../analysis/variables.ts'
import { isGuarded, subjectsOf } from './guards.ts'

/** Whether an expression may be `undefined` or `null`, as far as the code around it shows. */
export function canBeMissing(node: Node, sourceCode: SourceCode): boolean {
  const inner = unwrap(node)
  if (node.type === 'TSNonNullExpression') return true
  switch (inner.type) {
    case 'Literal':
    case 'TemplateLiteral':
    case 'BinaryExpression':
    case 'CallExpression':
      return false
    case 'LogicalExpression':
      return inner.operator === '&&' || canBeMissing(inner.right, sourceCode)
    case 'Identifier':
      return !isDealtWith(inner, sourceCode) && !isDeclaredPresent(inner, sourceCode)
    case 'MemberExpression':
      return !isDealtWith(inner, sourceCode)
    default:
      return true
  }
}

const isDealtWith = (node: Node, sourceCode: SourceCode): boolean =>
  isGuarded(subjectsOf(node, sourceCode), node, sourceCode)

/** A parameter or variable whose written type is a plain string or number. */
function isDeclaredPresent(node: TSESTree.Identifier, sourceCode: SourceCode): boolean {
  const definition = variableOf(sourceCode, node)?.defs[0]
  if (!definition) return false
  const name = definition.name as TSESTree.Identifier
  const type = name.typeAnnotation?.typeAnnotation.type
  if (type) return !name.optional && (type === 'TSStringKeyword' || type === 'TSNumberKeyword')
  if (definition.type !== 'Variable' || definition.parent.kind !== 'const') return false
  const loop = definition.parent.parent.type
  if (loop === 'ForOfStatement') return true
  const { init, id } = definition.node
  return init !== null && id.type === 'Identifier' && !canBeMissing(init, sourceCode)
}
