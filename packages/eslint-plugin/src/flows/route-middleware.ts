import type { TSESTree } from '@typescript-eslint/utils'
import { keyName, lastName, memberName } from '../analysis/names.ts'
import {
  type FunctionNode,
  isFunction,
  literalString,
  type Node,
  returned,
  unwrap,
} from '../analysis/syntax.ts'
import { isSetOnce } from '../analysis/variable-uses.ts'
import { type Variable, variableOf } from '../analysis/variables.ts'
import { filesLeadingTo } from '../clients/client-imports.ts'
import type { CallGraph } from './call-graph.ts'
import { indexOf } from './file-index.ts'
import type { Place, ProgramFile, ProgramFiles } from './program-files.ts'

/** Methods by which a router, an application or a procedure takes what runs before its handlers. */
const registers = new Set([
  'use',
  'all',
  'addHook',
  'onRequest',
  'onBeforeHandle',
  'derive',
  'resolve',
  'preHandler',
  'guard',
])
/** Methods by which a router takes a handler, or another router. */
const routes = new Set([
  'get',
  'post',
  'put',
  'patch',
  'delete',
  'all',
  'use',
  'route',
  'options',
  'head',
  'on',
  'register',
  'mount',
  'query',
  'mutation',
  'subscription',
  'action',
  'handler',
])

/** A call by which a handler, or a router, is registered. */
interface Registration extends Place<TSESTree.CallExpression> {
  /** The argument that is the handler, or holds it. */
  readonly handler: Node
}

type Functions = Place<FunctionNode>[]

/** What runs before something that is registered several times, for each of the ways there. */
type Ways = Functions[]

/** Finds what runs before a handler: what is registered with it, on its router, and on what its router is mounted on. */
export function createRouteMiddleware(
  files: ProgramFiles,
  graph: CallGraph,
): (fn: Place<FunctionNode>) => Ways {
  return (fn) => {
    const ways = registrationsOf(fn).flatMap((call) => before(call, fn.node, 0))
    if (ways.length > 0) return ways
    const wrappers = [fn as Place, ...graph.handedAt(fn)].flatMap(wrappersOf)
    return wrappers.length > 0 ? [wrappers] : []
  }

  /** The functions that a handler is handed to before it is exported or registered: `withSession(handler)`. */
  function wrappersOf({ file, node }: Place): Functions {
    const found: Functions = []
    for (let at = node; at.parent?.type === 'CallExpression' && at.parent.callee !== at; at = at.parent)
      found.push(...graph.calledBy({ file, node: at.parent }))
    return found
  }

  /** The calls by which a function is made the handler of a route. */
  function registrationsOf(fn: Place<FunctionNode>): Registration[] {
    const mentions = [fn as Place, ...graph.handedAt(fn)]
    return mentions.flatMap(({ file, node }) => {
      const call = routeCall(node, file)
      return call ? [{ file, ...call }] : []
    })
  }

  /** The route call around a mention of a handler, which may be wrapped: `router.get('/', wrap(handler))`. */
  function routeCall(
    mention: Node,
    file: ProgramFile,
  ): { node: TSESTree.CallExpression; handler: Node } | undefined {
    let handler = mention
    for (let at = mention; at.parent; at = at.parent) {
      const { parent }: Node = at
      if (parent.type === 'CallExpression' && parent.callee !== at) {
        if (isRouteCall(parent, file)) return { node: parent, handler }
        handler = parent
      } else if (
        parent.type !== 'Property' &&
        parent.type !== 'ObjectExpression' &&
        parent.type !== 'ArrayExpression' &&
        parent.type !== 'MemberExpression' &&
        parent.type !== 'CallExpression' &&
        !/^TS|Chain/.test(parent.type)
      )
        return undefined
    }
    return undefined
  }

  function isRouteCall({ callee }: TSESTree.CallExpression, { sourceCode }: ProgramFile): boolean {
    const inner = unwrap(callee)
    return inner.type === 'MemberExpression' && routes.has(memberName(sourceCode, inner) ?? '')
  }

  /** What runs before the handler that a call registers. */
  function before({ file, node, handler }: Registration, fn: FunctionNode | undefined, depth: number): Ways {
    const beside: Functions = []
    for (const argument of node.arguments) {
      if (argument === handler) break
      beside.push(...functionsOf({ file, node: argument }, fn, 0))
    }
    // Fastify: { preHandler: ownUser, handler }
    for (const argument of node.arguments)
      if (argument.type === 'ObjectExpression') beside.push(...functionsOf({ file, node: argument }, fn, 0))
    const wrapped = fn && handler.type === 'CallExpression' ? innermost(handler, fn) : undefined
    if (wrapped) beside.push(...wrappersOf({ file, node: wrapped }))
    const callee = unwrap(node.callee)
    if (callee.type !== 'MemberExpression') return [beside]
    return beforeReceiver({ file, node: callee.object }, node, pathOf(node), depth).map((way) => [
      ...beside,
      ...way,
    ])
  }

  /** What runs before all that is registered on a router, an application or a procedure. */
  function beforeReceiver(
    { file, node }: Place,
    at: Node | undefined,
    path: string | undefined,
    depth: number,
  ): Ways {
    const own: Functions = []
    let receiver = unwrap(node)
    while (receiver.type === 'CallExpression') {
      const callee = unwrap(receiver.callee)
      if (callee.type !== 'MemberExpression') break
      if (registers.has(memberName(file.sourceCode, callee) ?? ''))
        for (const argument of receiver.arguments)
          own.push(...functionsOf({ file, node: argument }, undefined, 0))
      receiver = unwrap(callee.object)
    }
    const variable = receiver.type === 'Identifier' ? variableOf(file.sourceCode, receiver) : undefined
    if (!variable || depth > 4) return [own]
    own.push(...registeredOn(variable, file, at, path))
    const declaration = declarationOf(variable, { file, node: receiver })
    if (!declaration) return withMounts(own, variable, file, depth)
    const { file: home, node: declarator } = declaration
    if (home !== file)
      for (const one of home.sourceCode.getDeclaredVariables?.(declarator) ?? [])
        own.push(...registeredOn(one, home, undefined, path))
    const ways = declarator.init
      ? beforeReceiver({ file: home, node: declarator.init }, undefined, undefined, depth + 1)
      : [[]]
    return ways.flatMap((way) => withMounts([...own, ...way], variable, file, depth))
  }

  function withMounts(own: Functions, variable: Variable, file: ProgramFile, depth: number): Ways {
    const mounts = beforeMounts(variable, file, depth)
    return mounts.length === 0 ? [own] : mounts.map((way) => [...own, ...way])
  }

  /** Where a router is declared, in this file or the one it is imported from. */
  function declarationOf(variable: Variable, place: Place): Place<TSESTree.VariableDeclarator> | undefined {
    const definition = variable.defs[0]
    if (definition?.type === 'Variable')
      return isSetOnce(variable) ? { file: place.file, node: definition.node } : undefined
    if (definition?.type !== 'ImportBinding') return undefined
    for (const { file, node } of graph.declared(place))
      if (node.type === 'VariableDeclarator') return { file, node }
    return undefined
  }

  /** What is registered on a router before a place in the same function: `router.use(ownUser)`. */
  function registeredOn(
    { references }: Variable,
    file: ProgramFile,
    at: Node | undefined,
    path: string | undefined,
  ): Functions {
    return references.flatMap(({ identifier }) => {
      const member = identifier.parent
      if (member.type !== 'MemberExpression' || member.object !== (identifier as Node)) return []
      const call = member.parent
      if (call.type !== 'CallExpression' || call.callee !== member) return []
      if (at && call.range[0] >= at.range[0]) return []
      if (!registers.has(memberName(file.sourceCode, member) ?? '') || !isInFront(pathOf(call), path))
        return []
      return call.arguments.flatMap((argument) => functionsOf({ file, node: argument }, undefined, 0))
    })
  }

  /** What runs before a router where it is mounted: `app.use('/memories', ownUser, router)`, `app.register(plugin)`. */
  function beforeMounts(variable: Variable, file: ProgramFile, depth: number): Ways {
    if (depth > 3) return []
    const definition = variable.defs[0]
    if (definition?.type === 'Parameter') {
      const plugin = { file, node: definition.node as FunctionNode }
      return [
        ...registrationsOf(plugin).flatMap((call) => before(call, plugin.node, depth + 1)),
        ...graph.callsOf(plugin).flatMap((call) => {
          if (call.node.type !== 'CallExpression') return []
          const [given] = call.node.arguments
          return given
            ? beforeReceiver({ file: call.file, node: given }, call.node, undefined, depth + 1)
            : []
        }),
      ]
    }
    if (definition?.type !== 'Variable') return []
    return mentionsOf(variable, file).flatMap(({ file: other, node }) => {
      const call = routeCall(node, other)
      return call && call.handler === node ? before({ file: other, ...call }, undefined, depth + 1) : []
    })
  }

  /** Where a router is handed to another one, in its file or one that imports it. */
  function mentionsOf(variable: Variable, file: ProgramFile): Place[] {
    const declarator = variable.defs[0]!.node as Node
    const found: Place[] = []
    const names = new Set([variable.name, 'default'])
    for (const name of names)
      for (const other of name === 'default' && !isDefaultExport(variable)
        ? []
        : namingOrImporting(name, file)) {
        const { renames, handed } = indexOf(other.sourceCode)
        for (const renamed of renames.get(name) ?? []) if (names.size < 8) names.add(renamed)
        for (const node of handed.get(name) ?? [])
          if (
            graph
              .declared({ file: other, node })
              .some(({ node: declaration }) => isDeclaredBy(declaration, declarator, variable))
          )
            found.push({ file: other, node })
      }
    return found
  }

  function namingOrImporting(name: string, file: ProgramFile): readonly ProgramFile[] {
    const within = filesLeadingTo(files.program, file.name)
    if (name !== 'default') return files.naming(name, { within })
    const base = file.name
      .replace(/(?:\/index)?\.[cm]?[jt]sx?$/, '')
      .split('/')
      .at(-1)!
    return files.own.flatMap((one) =>
      (within?.has(one.fileName) ?? true) && one.text.includes(base) ? (files.parsed(one) ?? []) : [],
    )
  }

  /** The functions that an argument is, names or makes. */
  function functionsOf({ file, node }: Place, handler: FunctionNode | undefined, depth: number): Functions {
    const inner = unwrap(node)
    if (inner === handler || depth > 3) return []
    if (isFunction(inner)) return [{ file, node: inner }]
    switch (inner.type) {
      case 'ArrayExpression':
        return inner.elements.flatMap((one) =>
          one ? functionsOf({ file, node: one }, handler, depth + 1) : [],
        )
      case 'ObjectExpression':
        return inner.properties.flatMap((property) =>
          property.type === 'Property' && keyName(file.sourceCode, property) !== 'handler'
            ? functionsOf({ file, node: property.value }, handler, depth + 1)
            : [],
        )
      case 'Identifier':
      case 'MemberExpression':
        return graph
          .declared({ file, node: inner })
          .flatMap((place) => declaredFunctions(place, handler, depth + 1))
      case 'CallExpression': {
        const name = lastName(file.sourceCode, unwrap(inner.callee))
        const run = graph.calledBy({ file, node: inner })
        if (run.length === 0 || name === 'bind')
          return inner.arguments.flatMap((one) => functionsOf({ file, node: one }, handler, depth + 1))
        return run.flatMap((made) => [
          made,
          ...returned(made.file.sourceCode, made.node).flatMap((result) =>
            functionsOf({ file: made.file, node: result }, handler, depth + 1),
          ),
          ...inner.arguments.flatMap((one) => functionsOf({ file, node: one }, handler, depth + 1)),
        ])
      }
      default:
        return []
    }
  }

  function declaredFunctions(
    { file, node }: Place,
    handler: FunctionNode | undefined,
    depth: number,
  ): Functions {
    if (isFunction(node)) return node === handler ? [] : [{ file, node }]
    if (node.type === 'MethodDefinition' && isFunction(node.value)) return [{ file, node: node.value }]
    const value =
      node.type === 'VariableDeclarator' ? node.init : 'value' in node ? (node.value as Node | null) : null
    return value && typeof value === 'object' && 'type' in value
      ? functionsOf({ file, node: value }, handler, depth)
      : []
  }
}

const isDefaultExport = ({ references, defs }: Variable): boolean =>
  references.some(({ identifier }) => identifier.parent.type === 'ExportDefaultDeclaration') ||
  defs.some(({ node }) => (node as Node).parent?.type === 'ExportDefaultDeclaration')

/** Whether what a name stands for is a variable: by its declaration, or by an export of it. */
const isDeclaredBy = (declaration: Node, declarator: Node, variable: Variable): boolean =>
  declaration === declarator ||
  (declaration.type === 'ExportDefaultDeclaration' &&
    declaration.declaration.type === 'Identifier' &&
    declaration.declaration.name === variable.name &&
    variable.references.some(({ identifier }) => (identifier as Node) === declaration.declaration))

/** The argument inside wrappers that is a handler, or names it. */
function innermost(wrapper: TSESTree.CallExpression, fn: FunctionNode): Node | undefined {
  let at: Node = wrapper
  while (at.type === 'CallExpression') {
    const inner: Node | undefined = at.arguments.find(
      (one) =>
        one === fn ||
        one.type === 'CallExpression' ||
        one.type === 'Identifier' ||
        one.type === 'MemberExpression',
    )
    if (!inner) return undefined
    at = inner
  }
  return at
}

/** The path that a route or a middleware is for, where it is written out. */
const pathOf = (call: TSESTree.CallExpression): string | undefined => literalString(call.arguments[0])

/** Whether what is registered for one path runs before what is registered for another. */
function isInFront(path: string | undefined, other: string | undefined): boolean {
  if (path === undefined || !path.startsWith('/') || other === undefined) return true
  const prefix = path.replace(/\/?\*.*$/, '').replace(/\/$/, '')
  return other === prefix || other.startsWith(`${prefix}/`) || prefix === ''
}
