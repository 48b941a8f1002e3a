import type { TSESTree } from '@typescript-eslint/utils'
import { memberName, type Node, type SourceCode, unwrap } from '../analysis/syntax.ts'
import type { Value, Values } from '../analysis/abstract-value.ts'

// What @scoped-memory's own names look like: where a handle, bound to one user, comes from.

export const coreModule = '@scoped-memory/core'
const middleware = '@scoped-memory/middleware/'
const accessors = new Set(['getMemory', 'tryGetMemory', 'currentMemory', 'tryCurrentMemory', 'memoryOf'])
const requests = new Set(['req', 'request', 'ctx', 'context', 'c', '_req', 'socket'])

/** Whether a module's exports have to do with scoped handles. */
export const isScopedModule = (module: string): boolean =>
  module === coreModule || module.startsWith(middleware)

/** Whether an export path of a module of ours is this name. */
function isExport(value: Value, name: string, from: string = coreModule): boolean {
  return (
    value.kind === 'export' &&
    value.module.startsWith(from) &&
    value.path.length === 1 &&
    value.path[0] === name
  )
}

/** Whether a value is `createMemoryFactory(…)`, which turns an id into a handle. */
export const isFactory = (value: Value): value is Extract<Value, { kind: 'result' }> =>
  value.kind === 'result' && isExport(value.of, 'createMemoryFactory')

export function isHandle(value: Value, values: Values): boolean {
  if (value.kind === 'foreign') return isHandle(value.of, value.values)
  if (value.kind === 'instance') {
    const { of } = value
    if (of.kind === 'class')
      return Boolean(
        of.node.superClass &&
          values.of(of.node.superClass).some((base) => isHandle({ kind: 'instance', of: base }, values)),
      )
    return isExport(of, 'ScopedMemory')
  }
  if (value.kind !== 'result') return false
  const { of } = value
  if (of.kind === 'export')
    return of.module.startsWith(middleware) && of.path.length === 1 && accessors.has(of.path[0] as string)
  if (of.kind === 'member') return of.name === 'within' && isHandle(of.of, values)
  return isFactory(of)
}

/** Whether a handle may be missing, as it is where nobody has to be signed in. */
export const mayBeNobodys = (value: Value): boolean =>
  value.kind === 'result' && value.of.kind === 'export' && value.of.path[0]?.startsWith('try') === true

/** `req.memory`, `ctx.memory`, `c.var.memory`: what the middleware puts on a request. */
export function isRequestMemory(node: Node, sourceCode: SourceCode): boolean {
  const inner = unwrap(node)
  if (inner.type !== 'MemberExpression' || memberName(sourceCode, inner) !== 'memory') return false
  const holder = unwrap(inner.object)
  if (holder.type === 'Identifier') return requests.has(holder.name)
  return (
    holder.type === 'MemberExpression' &&
    memberName(sourceCode, holder) === 'var' &&
    holder.object.type === 'Identifier' &&
    requests.has(holder.object.name)
  )
}

/** The expression that a call or `new` binds a handle to, if that is what it does. */
export function boundId(
  node: TSESTree.CallExpression | TSESTree.NewExpression,
  values: Values,
): Node | undefined {
  const binds = values
    .of(node.callee)
    .some((value) =>
      node.type === 'NewExpression' ? isHandle({ kind: 'instance', of: value }, values) : isFactory(value),
    )
  return binds ? node.arguments[0] : undefined
}

/** The `userId` resolver in the options of a middleware, such as `scopedMemory({ client, userId })`. */
export function resolverIn(
  node: TSESTree.CallExpression,
  values: Values,
): Extract<Value, { kind: 'function' }> | undefined {
  // Fastify takes the plugin and its options side by side: app.register(scopedMemory, options).
  const named = [node.callee, ...node.arguments.slice(0, 1)]
  const isMiddleware = named.some((part) =>
    values.of(part).some((value) => value.kind === 'export' && value.module.startsWith(middleware)),
  )
  if (!isMiddleware) return undefined
  return node.arguments
    .flatMap((argument) => values.of(argument))
    .flatMap((value) => (value.kind === 'object' ? values.property(value, 'userId') : []))
    .find((value) => value.kind === 'function')
}
