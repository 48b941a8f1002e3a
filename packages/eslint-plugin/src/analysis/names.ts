import type { TSESTree } from '@typescript-eslint/utils'
import { literalString, type Node, type SourceCode, unwrap } from './syntax.ts'
import { initOf, variableOf } from './variables.ts'

/** The name behind the dot or in the brackets, when it is known. Private names keep their `#`. */
export function memberName(sourceCode: SourceCode, node: TSESTree.MemberExpression): string | undefined {
  if (node.computed) return constantString(sourceCode, node.property)
  return node.property.type === 'PrivateIdentifier' ? `#${node.property.name}` : node.property.name
}

/** The name of a property, method or field as it is declared. */
export function keyName(sourceCode: SourceCode, node: { key: Node; computed: boolean }): string | undefined {
  if (node.computed) return constantString(sourceCode, node.key)
  if (node.key.type === 'PrivateIdentifier') return `#${node.key.name}`
  if (node.key.type === 'Identifier') return node.key.name
  return node.key.type === 'Literal' ? String(node.key.value) : undefined
}

/** The last name of an expression: `b` of `a.b`, and of `b`. */
export function lastName(sourceCode: SourceCode, node: Node): string | undefined {
  if (node.type === 'Identifier') return node.name
  return node.type === 'MemberExpression' ? memberName(sourceCode, node) : undefined
}

/** The string an expression always is: a literal, or a `const` that holds one. */
function constantString(sourceCode: SourceCode, node: Node): string | undefined {
  const inner = unwrap(node)
  const literal = literalString(inner)
  if (literal !== undefined || inner.type !== 'Identifier') return literal
  const variable = variableOf(sourceCode, inner)
  const definition = variable?.defs[0]
  if (definition?.type !== 'Variable' || definition.parent.kind !== 'const') return undefined
  const init = initOf(variable)
  return init && literalString(unwrap(init))
}
