import type { TSESTree } from '@typescript-eslint/utils'
import { pathTo } from '../analysis/patterns.ts'
import {
  findVariable,
  type FunctionNode,
  isFunction,
  literalString,
  memberName,
  type Node,
  type SourceCode,
  unwrap,
  type Variable,
} from '../analysis/syntax.ts'
import { logins } from './frameworks.ts'
import type { OriginReader } from './origin.ts'

/** Where login libraries leave who is signed in: on the request, or in the session that they return. */
const identity =
  /^(?:(?:req|request|ctx|context)\.(?:state\.)?(?:(?:session\.)?(?:user|currentUser)\.(?:id|userId|sub)|session\.userId|auth\.(?:userId|payload\.sub))|session\.(?:userId|user\.(?:id|userId|sub))|auth\.(?:userId|payload\.sub))$/

const request = /^(?:req|request|ctx|context)$/

/** Finds what an expression is read from, where that is who is signed in: `req.user.id` for `me.id` of `me = req.user`. */
export function loginOf(node: Node, sourceCode: SourceCode, origins: OriginReader): string | undefined {
  const source = sourceOf(node, 0)
  return source !== undefined && identity.test(source) ? source : undefined

  function sourceOf(of: Node, depth: number): string | undefined {
    const inner = unwrap(of)
    if (inner.type === 'MemberExpression') {
      const object = sourceOf(inner.object, depth)
      const name = memberName(sourceCode, inner)
      return object !== undefined && name !== undefined ? `${object}.${name}` : undefined
    }
    if (inner.type === 'CallExpression') return isLogin(inner) ? 'session' : undefined
    if (inner.type !== 'Identifier' || depth > 5) return undefined
    const variable = findVariable(sourceCode, inner, inner.name)
    return variable && ofVariable(variable, depth + 1)
  }

  function ofVariable(variable: Variable, depth: number): string | undefined {
    const [definition] = variable.defs
    if (!definition || !isSetOnce(variable)) return undefined
    if (definition.type === 'Parameter') {
      const path = (definition.node as FunctionNode).params.flatMap(
        (param) => pathTo(param, definition.name, sourceCode) ?? [],
      )
      const root = path[0] ?? variable.name
      if (!request.test(String(root))) return isGivenByCode(variable, sourceCode) ? variable.name : undefined
      return isOfAction(definition.node) ? undefined : [root, ...path.slice(1)].join('.')
    }
    if (definition.type !== 'Variable' || !definition.node.init) return undefined
    // A default is somebody else.
    if (definition.name.parent?.type === 'AssignmentPattern') return undefined
    const path = pathTo(definition.node.id, definition.name, sourceCode)
    const source = path && sourceOf(definition.node.init, depth)
    return source === undefined ? undefined : [source, ...path!].join('.')
  }

  function isLogin({ callee, arguments: passed }: TSESTree.CallExpression): boolean {
    return (
      callee.type === 'Identifier' &&
      logins.has(callee.name) &&
      !passed.some((argument) => origins.of(argument))
    )
  }
}

/** Whether nothing but its declaration gives a variable its value. */
function isSetOnce({ defs, references }: Variable): boolean {
  return defs.length === 1 && references.every((reference) => !reference.isWrite() || reference.init)
}

/**
 * Whether a variable is a parameter that the code of the service fills in, as far as the file shows. What calls a
 * handler, a resolver or a server action passes what came in, and parts of an object are often such input.
 */
export function isGivenByCode(variable: Variable, sourceCode: SourceCode): boolean {
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
function isOfAction(fn: Node): boolean {
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

/** Whether a function goes to other code, which calls it with what it likes: as an argument, or by a type or a field. */
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
