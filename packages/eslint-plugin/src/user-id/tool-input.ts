import type { TSESTree } from '@typescript-eslint/utils'
import { keyName, lastName } from '../analysis/names.ts'
import {
  enclosing,
  isFunction,
  literalString,
  type Node,
  type SourceCode,
  spelling,
  unwrap,
} from '../analysis/syntax.ts'
import { trustedToolInput } from './frameworks.ts'

const bodies = new Set(['execute', 'func', 'invoke', 'run'])
const schemas = new Set(['parameters', 'inputSchema', 'schema', 'input_schema'])

/** Whether a member is what a model filled in: `toolCall.args`, `call.function.arguments`, the `input` of a `tool_use` block. */
export function isToolArguments(
  node: TSESTree.MemberExpression,
  name: string | undefined,
  sourceCode: SourceCode,
): boolean {
  if (name !== 'arguments' && name !== 'args' && name !== 'input') return false
  const holder = lastName(sourceCode, unwrap(node.object))
  if (holder === undefined) return false
  return (
    /(?:tool|function)_?(?:call|use|invocation)s?$/i.test(holder) ||
    (name === 'arguments' && holder === 'function') ||
    isToolBlock(node, name, sourceCode)
  )
}

/** Whether the code around `block.input` takes the block for a call of a tool: `block.type === 'tool_use'`. */
function isToolBlock(node: TSESTree.MemberExpression, name: string, sourceCode: SourceCode): boolean {
  const kind = name === 'input' ? 'tool_use' : name === 'arguments' ? 'function_call' : undefined
  const object = unwrap(node.object)
  const fn = kind && object.type === 'Identifier' ? enclosing(node, isFunction) : undefined
  if (!fn) return false
  const code = sourceCode.getText(fn)
  const holder = spelling(sourceCode, object).replaceAll('$', String.raw`\$`)
  return (
    new RegExp(`(?<![\\w.])${holder}\\.type\\s*[!=]==?\\s*['"]${kind}['"]`).test(code) ||
    new RegExp(`switch\\s*\\(${holder}\\.type\\)[^]*case\\s*['"]${kind}['"]`).test(code)
  )
}

/** Whether a model calls a function, written here or named: its first parameter is what the model wrote. */
export function isToolBody(fn: Node, sourceCode: SourceCode): boolean {
  const { parent } = fn
  if (parent?.type === 'MethodDefinition') {
    // LangChain: class ForgetTool extends StructuredTool { _call(input) … }
    const base = parent.parent.parent.superClass
    return keyName(sourceCode, parent) === '_call' && /Tool$/.test((base && lastName(sourceCode, base)) ?? '')
  }
  if (parent?.type === 'Property' && parent.value === fn)
    return (
      bodies.has(keyName(sourceCode, parent) ?? '') &&
      (parent.parent as TSESTree.ObjectExpression).properties.some(
        (property) => property.type === 'Property' && schemas.has(keyName(sourceCode, property) ?? ''),
      )
    )
  if (parent?.type !== 'CallExpression' || !parent.arguments.includes(fn as never)) return false
  const name = lastName(sourceCode, unwrap(parent.callee))
  if (name === 'registerTool') return true
  if (name !== 'tool') return false
  // server.tool('name', schema, handler), or tool(handler, { name, schema }).
  if (parent.arguments[0] !== fn) return literalString(parent.arguments[0]) !== undefined
  return parent.arguments[1]?.type === 'ObjectExpression'
}

/** Whether a property of a tool's parameter is what the application gives the tool, beside what the model wrote. */
export function isTrustedToolInput(parameter: Node, property: string, sourceCode: SourceCode): boolean {
  if (parameter.type !== 'Identifier') return false
  const fn = enclosing(parameter, isFunction)
  return fn !== undefined && isToolBody(fn, sourceCode) && isFilledIn(fn, property, sourceCode)
}

/** The same for a property of the parameter of a tool's function. */
export function isFilledIn(fn: Node, property: string, sourceCode: SourceCode): boolean {
  if (!trustedToolInput.has(property)) return false
  // What the tool's schema names is the model's to write.
  const beside =
    fn.parent?.type === 'Property'
      ? fn.parent.parent.properties
      : fn.parent?.type === 'CallExpression'
        ? fn.parent.arguments
        : []
  const named = new RegExp(`\\b${property}['"]?\\s*:`)
  return !(beside as readonly Node[]).some(
    (node) => node !== fn.parent && node !== fn && named.test(sourceCode.getText(node)),
  )
}
