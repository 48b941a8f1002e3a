import type { TSESTree } from '@typescript-eslint/utils'
import { keyName, lastName, memberName } from '../analysis/names.ts'
import {
  type ClassNode,
  type FunctionNode,
  isClass,
  isFunction,
  type Node,
  type SourceCode,
  unwrap,
  walk,
} from '../analysis/syntax.ts'

/** A place that hands something to a function, a constructor or a component. */
export type Call = TSESTree.CallExpression | TSESTree.NewExpression | TSESTree.JSXOpeningElement

/** What one file calls, renames and writes, by name. */
export interface FileIndex {
  /** Calls, `new` and JSX elements, by the last name of what they call; those of `super` by the name of its class. */
  readonly calls: ReadonlyMap<string, readonly Call[]>
  /** Other names under which the file, or one that imports from it, calls something: `import { search as find }`. */
  readonly renames: ReadonlyMap<string, ReadonlySet<string>>
  /** Mentions of a name that hand the function on instead of calling it: `router.get('/', search)`. */
  readonly handed: ReadonlyMap<string, readonly Node[]>
  /** Assignments to a property of any object, by its name. */
  readonly writes: ReadonlyMap<string, readonly TSESTree.AssignmentExpression[]>
  readonly classes: readonly ClassNode[]
  /** Methods, and functions that are properties, by their name. */
  readonly methods: ReadonlyMap<string, readonly FunctionNode[]>
}

const indexes = new WeakMap<SourceCode, FileIndex>()

/** The index of a file, made when it is first asked for. */
export function indexOf(sourceCode: SourceCode): FileIndex {
  const known = indexes.get(sourceCode)
  if (known) return known
  const index = createIndex(sourceCode)
  indexes.set(sourceCode, index)
  return index
}

function createIndex(sourceCode: SourceCode): FileIndex {
  const calls = new Map<string, Call[]>()
  const renames = new Map<string, Set<string>>()
  const handed = new Map<string, Node[]>()
  const writes = new Map<string, TSESTree.AssignmentExpression[]>()
  const classes: ClassNode[] = []
  const methods = new Map<string, FunctionNode[]>()
  walk(sourceCode, sourceCode.ast, visit)
  return { calls, renames, handed, writes, classes, methods }

  function visit(node: Node): void {
    switch (node.type) {
      case 'CallExpression':
      case 'NewExpression':
        visitCall(node)
        break
      case 'JSXOpeningElement':
        if (node.name.type === 'JSXIdentifier') put(calls, node.name.name, node)
        break
      case 'ClassDeclaration':
      case 'ClassExpression':
        classes.push(node)
        break
      case 'ImportSpecifier':
      case 'ExportSpecifier':
        visitSpecifier(node)
        break
      case 'ImportDefaultSpecifier':
        rename('default', node.local.name)
        break
      case 'AssignmentExpression':
        visitWrite(node)
        break
      case 'Property':
      case 'PropertyDefinition':
        visitProperty(node)
        break
      case 'MethodDefinition':
        putMethod(keyName(sourceCode, node), node.value)
        break
      case 'VariableDeclarator':
        if (node.init && node.id.type === 'Identifier') renameTo(node.init, node.id.name)
        break
      case 'ArrayExpression':
        for (const element of node.elements) if (element) hand(element)
        break
    }
  }

  function visitCall(node: TSESTree.CallExpression | TSESTree.NewExpression): void {
    const name = node.callee.type === 'Super' ? nameOfBase(node) : reachedName(node.callee, sourceCode)
    if (name !== undefined) put(calls, name, node)
    for (const argument of node.arguments) hand(argument)
  }

  /** The class that `super(…)` calls. */
  function nameOfBase(node: Node): string | undefined {
    for (let at = node.parent; at; at = at.parent)
      if (isClass(at)) return at.superClass ? lastName(sourceCode, at.superClass) : undefined
    return undefined
  }

  function visitSpecifier(node: TSESTree.ImportSpecifier | TSESTree.ExportSpecifier): void {
    const outer = node.type === 'ImportSpecifier' ? node.imported : node.exported
    const from = outer.type === 'Identifier' ? outer.name : outer.value
    const local = node.local.type === 'Identifier' ? node.local.name : node.local.value
    if (node.type === 'ImportSpecifier') rename(from, local)
    else rename(local, from)
  }

  function visitWrite(node: TSESTree.AssignmentExpression): void {
    const left = unwrap(node.left)
    if (left.type !== 'MemberExpression') return
    const name = memberName(sourceCode, left)
    if (name === undefined) return
    put(writes, name, node)
    renameTo(node.right, name)
    hand(node.right)
  }

  function visitProperty(node: TSESTree.Property | TSESTree.PropertyDefinition): void {
    const name = keyName(sourceCode, node)
    if (name === undefined || !node.value) return
    putMethod(name, unwrap(node.value))
    if (node.parent.type !== 'ObjectPattern') {
      renameTo(node.value, name)
      hand(node.value)
    } else if (node.value.type === 'Identifier') rename(name, node.value.name)
  }

  function putMethod(name: string | undefined, value: Node): void {
    if (name !== undefined && isFunction(value)) put(methods, name, value)
  }

  function renameTo(value: Node, name: string): void {
    const from = reachedName(value, sourceCode)
    if (from !== undefined) rename(from, name)
  }

  function hand(value: Node): void {
    const inner = unwrap(value)
    const bound =
      inner.type === 'CallExpression' &&
      inner.callee.type === 'MemberExpression' &&
      memberName(sourceCode, inner.callee) === 'bind'
        ? unwrap(inner.callee.object)
        : inner
    if (bound.type !== 'Identifier' && bound.type !== 'MemberExpression') return
    const name = lastName(sourceCode, bound)
    if (name !== undefined) put(handed, name, bound)
  }

  function rename(from: string, to: string): void {
    if (from === to) return
    const names = renames.get(from)
    if (names) names.add(to)
    else renames.set(from, new Set([to]))
  }
}

/**
 * The name by which code reaches a function: its own, that of the collection it is read from (`handlers[]`), or that
 * of the function that returns it (`memoryFor()`).
 */
function reachedName(node: Node, sourceCode: SourceCode): string | undefined {
  const inner = unwrap(node)
  const own = lastName(sourceCode, inner)
  if (own !== undefined) return own
  const collection = collectionIn(inner, sourceCode)
  const name = lastName(sourceCode, unwrap(collection ?? (inner as { callee?: Node }).callee ?? inner))
  return name === undefined ? undefined : collection ? elementOf(name) : resultOf(name)
}

export const elementOf = (name: string): string => `${name}[]`
export const resultOf = (name: string): string => `${name}()`

/** The identifier that a reached name is made of. */
export const identifierIn = (name: string): string => name.replace(/(?:\[\]|\(\))+$/, '')

/** What an element is read from whose key is worked out: `handlers[name]`, `handlers.get(name)`. */
export function collectionIn(node: Node, sourceCode: SourceCode): Node | undefined {
  const inner = unwrap(node)
  if (inner.type === 'MemberExpression')
    return memberName(sourceCode, inner) === undefined ? inner.object : undefined
  if (inner.type !== 'CallExpression') return undefined
  const callee = unwrap(inner.callee)
  return callee.type === 'MemberExpression' && memberName(sourceCode, callee) === 'get'
    ? callee.object
    : undefined
}

function put<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const values = map.get(key)
  if (values) values.push(value)
  else map.set(key, [value])
}
