import type { ParserServicesWithTypeInformation } from '@typescript-eslint/utils'
import { literalString, type Node, type SourceCode, unwrap } from '../analysis/syntax.ts'
import { variableOf } from '../analysis/variables.ts'

/** Whether an expression is one text or number, written here or, where there are types, in the file it is imported from. */
export function isConstant(node: Node, sourceCode: SourceCode): boolean {
  const inner = unwrap(node)
  const text = literalString(inner)
  if (text !== undefined) return namesSomebody(text)
  if (inner.type === 'Literal') return typeof inner.value === 'number' || typeof inner.value === 'bigint'
  return isImported(inner, sourceCode) && isConstantType(inner, sourceCode)
}

// "" and "*" name nobody and everybody: require-user-scope reports them.
const namesSomebody = (text: string): boolean => text.trim() !== '' && text.trim() !== '*'

function isImported(node: Node, sourceCode: SourceCode): boolean {
  if (node.type === 'MemberExpression') return isImported(unwrap(node.object), sourceCode)
  return node.type === 'Identifier' && variableOf(sourceCode, node)?.defs[0]?.type === 'ImportBinding'
}

function isConstantType(node: Node, { parserServices }: SourceCode): boolean {
  if (!parserServices?.program) return false
  const type = (parserServices as ParserServicesWithTypeInformation).getTypeAtLocation(node)
  return type.isStringLiteral() ? namesSomebody(type.value) : type.isNumberLiteral()
}
