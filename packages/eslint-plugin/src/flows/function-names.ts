import type { TSESTree } from '@typescript-eslint/utils'
import { keyName, memberName } from '../analysis/names.ts'
import {
  type ClassNode,
  enclosing,
  type FunctionNode,
  isFunction,
  type Node,
  unwrap,
} from '../analysis/syntax.ts'
import type { Call } from './file-index.ts'
import type { Place, ProgramFile } from './program-files.ts'

/** `fn.bind(this)` around a mention of a function, and what asserts the type of it. */
export function boundAround(node: Node): Node {
  const { parent } = node
  if (parent?.type === 'TSAsExpression' || parent?.type === 'TSSatisfiesExpression')
    return boundAround(parent)
  const isBound =
    parent?.type === 'MemberExpression' &&
    parent.object === node &&
    parent.parent.type === 'CallExpression' &&
    parent.parent.callee === parent &&
    parent.parent.arguments.length === 1
  return isBound ? boundAround(parent.parent) : node
}

/** What a function is put into: `{ search: fn }`, `new Map([['search', fn]])`, `handlers.set('search', fn)`. */
export function collectionAround(value: Node, file: ProgramFile): Place | undefined {
  const { parent } = value
  if (parent?.type === 'CallExpression') {
    const callee = unwrap(parent.callee)
    const isSet = callee.type === 'MemberExpression' && memberName(file.sourceCode, callee) === 'set'
    return isSet && parent.arguments[1] === value ? { file, node: unwrap(callee.object) } : undefined
  }
  const isProperty = parent?.type === 'Property' && parent.value === value
  const isEntry = parent?.type === 'ArrayExpression' && parent.parent.type === 'ArrayExpression'
  const whole = isProperty ? parent.parent : isEntry ? parent.parent.parent : undefined
  const holder = whole && boundAround(whole).parent
  return holder?.type === 'VariableDeclarator' || holder?.type === 'PropertyDefinition'
    ? { file, node: holder }
    : undefined
}

/** The function that returns one. */
export function returnerOf(fn: FunctionNode): FunctionNode | undefined {
  const { parent } = fn
  const outer = parent.type === 'ReturnStatement' ? enclosing(parent, isFunction) : parent
  return outer !== parent || (isFunction(parent) && parent.body === fn) ? (outer as FunctionNode) : undefined
}

/** The node that gives a function its name: a declaration, a variable, a member. */
export function namedBy(fn: FunctionNode): Node | undefined {
  if (fn.type === 'FunctionDeclaration') return fn
  let value: Node = fn
  // `const search = traced(async (userId) => …)` is called by the name of the variable.
  if (value.parent.type === 'CallExpression' && value.parent.callee !== value) {
    const outer = value.parent.parent
    if (outer.type !== 'VariableDeclarator' && outer.type !== 'ExportDefaultDeclaration') return undefined
    value = value.parent
  }
  const { parent } = value
  switch (parent?.type) {
    case 'VariableDeclarator':
    case 'MethodDefinition':
    case 'Property':
    case 'PropertyDefinition':
    case 'AssignmentExpression':
    case 'ExportDefaultDeclaration':
      return parent
    default:
      return undefined
  }
}

export function nameOf(named: Node, { sourceCode }: ProgramFile): string | undefined {
  switch (named.type) {
    case 'FunctionDeclaration':
      return named.id?.name
    case 'VariableDeclarator':
      return named.id.type === 'Identifier' ? named.id.name : undefined
    case 'MethodDefinition':
    case 'Property':
    case 'PropertyDefinition':
      return keyName(sourceCode, named)
    case 'AssignmentExpression': {
      const left = unwrap(named.left)
      if (left.type === 'MemberExpression') return memberName(sourceCode, left)
      return left.type === 'Identifier' ? left.name : undefined
    }
    default:
      return undefined
  }
}

export const isDefault = (node: Node): boolean =>
  node.type === 'ExportDefaultDeclaration' || node.parent?.type === 'ExportDefaultDeclaration'

export const isConstructor = (
  node: Node | undefined,
): node is TSESTree.MethodDefinition & { parent: TSESTree.ClassBody } =>
  node?.type === 'MethodDefinition' && node.kind === 'constructor'

/** The class or object that a function is a member of. */
export function holderOf(fn: FunctionNode): ClassNode | TSESTree.ObjectExpression | undefined {
  const { parent } = fn
  if (parent.type === 'MethodDefinition' || parent.type === 'PropertyDefinition') return parent.parent.parent
  return parent.type === 'Property' && parent.parent.type === 'ObjectExpression' ? parent.parent : undefined
}

export const hasBody = ({ body }: FunctionNode): boolean => (body as Node | null) !== null

/** The function that a declaration declares. */
export function functionIn(node: Node): FunctionNode | undefined {
  if (isFunction(node)) return hasBody(node) ? node : undefined
  switch (node.type) {
    case 'MethodDefinition':
      return isFunction(node.value) && hasBody(node.value) ? node.value : undefined
    case 'Property':
    case 'PropertyDefinition':
      return node.value ? functionIn(unwrap(node.value)) : undefined
    case 'VariableDeclarator': {
      const init = node.init && unwrap(node.init)
      if (init?.type === 'CallExpression')
        return init.arguments.find((argument): argument is FunctionNode & typeof argument =>
          isFunction(argument),
        )
      return init ? functionIn(init) : undefined
    }
    case 'AssignmentExpression':
      return functionIn(unwrap(node.right))
    case 'ExportDefaultDeclaration':
    case 'ExportNamedDeclaration':
      return node.declaration ? functionIn(node.declaration) : undefined
    default:
      return undefined
  }
}

/** The name that a call calls. */
export function calleeName(call: Call): Node {
  return call.type === 'JSXOpeningElement' ? call.name : nameIn(unwrap(call.callee))
}

export const nameIn = (node: Node): Node => (node.type === 'MemberExpression' ? node.property : node)
