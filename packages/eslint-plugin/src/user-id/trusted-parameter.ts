import {
  type FunctionNode,
  isFunction,
  literalString,
  type Node,
  type SourceCode,
} from '../analysis/syntax.ts'
import { isSetOnce } from '../analysis/variable-uses.ts'
import type { Variable } from '../analysis/variables.ts'

/**
 * Whether a variable is a parameter that the code of the service fills in, as far as the file shows. Handlers, resolvers
 * and server actions are called with what came in, and so, often, are functions that take an object apart.
 */
export function isTrustedParameter(variable: Variable, sourceCode: SourceCode): boolean {
  const [definition] = variable.defs
  if (definition?.type !== 'Parameter' || !isSetOnce(variable)) return false
  const fn = definition.node as FunctionNode
  const param = fn.params.find((one) =>
    one.type === 'TSParameterProperty' ? one.parameter === definition.name : one === definition.name,
  )
  if (!param || (param as { decorators?: readonly unknown[] }).decorators?.length) return false
  if (isOfAction(fn) || isHandedOver(fn)) return false
  const named = fn.type === 'FunctionDeclaration' ? fn : fn.parent
  const names =
    named.type === 'FunctionDeclaration' || named.type === 'VariableDeclarator'
      ? (sourceCode.getDeclaredVariables?.(named) ?? []).filter(({ defs }) => defs[0]?.node === named)
      : []
  return names
    .filter(({ defs }) => defs[0]?.type !== 'Parameter')
    .every(({ references }) => !references.some(({ identifier }) => isHandedOver(identifier)))
}

/** Whether the browser may call a function: one that is a server action, or in a file of them. */
export function isOfAction(fn: Node): boolean {
  const bodies: (readonly Node[])[] = []
  for (let inner: Node | undefined = fn; inner; inner = inner.parent) {
    if (isFunction(inner) && inner.body.type === 'BlockStatement') bodies.push(inner.body.body)
    if (inner.type === 'Program') bodies.push(inner.body)
  }
  return bodies.some((body) =>
    body.some(
      (statement) =>
        statement.type === 'ExpressionStatement' && literalString(statement.expression) === 'use server',
    ),
  )
}

/** Whether a function is handed to other code, which may call it with anything: as an argument, or by a type or a field. */
function isHandedOver(node: Node): boolean {
  for (let inner = node; inner.parent; inner = inner.parent) {
    const { parent }: Node = inner
    switch (parent.type) {
      case 'CallExpression':
      case 'NewExpression':
        return parent.callee !== inner
      case 'JSXExpressionContainer':
      case 'TSAsExpression':
      case 'TSSatisfiesExpression':
        return true
      case 'VariableDeclarator':
        return parent.id.typeAnnotation !== undefined
      case 'PropertyDefinition':
        return parent.typeAnnotation !== undefined
      case 'AssignmentExpression':
        return inner === parent.right && !isExports(parent.left)
      default:
        if (/Statement$|Declaration$|^ClassBody$/.test(parent.type)) return false
    }
  }
  return false
}

/** `module.exports`, `exports.f`. */
function isExports(node: Node): boolean {
  if (node.type !== 'MemberExpression') return node.type === 'Identifier' && node.name === 'exports'
  if (node.object.type === 'Identifier' && node.object.name === 'module') return true
  return isExports(node.object)
}
