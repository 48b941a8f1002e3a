import { isClass, type Node, type SourceCode } from '../analysis/syntax.ts'
import { variableOf } from '../analysis/variables.ts'

/** Whether a string with the host of a client's API is, or goes into, the address of a request. */
export function isRequestTo(host: string, node: Node, text: string, sourceCode: SourceCode): boolean {
  if (new RegExp(`${host.replaceAll('.', '\\.')}/v\\d`).test(text)) return !/\/v\d\/ping/.test(text)
  // The bare host is the setting of a client, unless a path is added to it here.
  let value: Node = node
  while (value.parent?.type === 'LogicalExpression' || value.parent?.type === 'ConditionalExpression')
    value = value.parent
  const { parent } = value
  if (parent?.type === 'TemplateLiteral' || parent?.type === 'BinaryExpression')
    return parent.type !== 'BinaryExpression' || parent.operator === '+'
  if (value.type === 'TemplateLiteral' && value.expressions.length > 0)
    return parent?.type === 'CallExpression'
  if (parent?.type === 'VariableDeclarator' && parent.id.type === 'Identifier') {
    const variable = variableOf(sourceCode, parent.id)
    return Boolean(variable?.references.some(({ identifier }) => isPrefixed(identifier as Node)))
  }
  if (parent?.type === 'PropertyDefinition' && isClass(parent.parent.parent)) {
    const name = sourceCode.getText(parent.key)
    return sourceCode.getText(parent.parent).includes(`\${this.${name}}`)
  }
  return false
}

/** `${base}/v1/…`, `base + '/v1/…'`. */
function isPrefixed(node: Node): boolean {
  const { parent } = node
  return (
    parent?.type === 'TemplateLiteral' || (parent?.type === 'BinaryExpression' && parent.operator === '+')
  )
}
