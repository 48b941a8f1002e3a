import type { TSESTree } from '@typescript-eslint/utils'
import type { AbstractValue, Evaluator } from '../analysis/abstract-value.ts'
import { memberName } from '../analysis/names.ts'
import { type Node, type SourceCode, unwrap } from '../analysis/syntax.ts'
import { isRequestName } from '../user-id/request-names.ts'

// Where a handle, bound to one user, comes from: the exports of @scoped-memory and what they return.

export const coreModule = '@scoped-memory/core'
const middleware = '@scoped-memory/middleware/'
const accessors = new Set(['getMemory', 'tryGetMemory', 'currentMemory', 'tryCurrentMemory', 'memoryOf'])

/** Whether a module's exports have to do with scoped handles. */
export const isScopedModule = (module: string): boolean =>
  module === coreModule || module.startsWith(middleware)

/** Whether a value is this export of the core package. */
function isCoreExport(value: AbstractValue, name: string): boolean {
  return (
    value.kind === 'export' &&
    value.module.startsWith(coreModule) &&
    value.path.length === 1 &&
    value.path[0] === name
  )
}

/** Whether a value is `createMemoryFactory(…)`, which turns an id into a handle. */
export const isFactory = (value: AbstractValue): value is Extract<AbstractValue, { kind: 'result' }> =>
  value.kind === 'result' && isCoreExport(value.of, 'createMemoryFactory')

export function isHandle(value: AbstractValue, evaluator: Evaluator): boolean {
  if (value.kind === 'imported') return isHandle(value.of, value.evaluator)
  if (value.kind === 'instance') {
    const { of } = value
    if (of.kind === 'class')
      return Boolean(
        of.node.superClass &&
          evaluator
            .evaluate(of.node.superClass)
            .some((base) => isHandle({ kind: 'instance', of: base }, evaluator)),
      )
    return isCoreExport(of, 'ScopedMemory')
  }
  if (value.kind !== 'result') return false
  const { of } = value
  if (of.kind === 'export')
    return of.module.startsWith(middleware) && of.path.length === 1 && accessors.has(of.path[0] as string)
  if (of.kind === 'member') return of.name === 'within' && isHandle(of.of, evaluator)
  return isFactory(of)
}

/** Whether there may be no handle, as where nobody has to be signed in. */
export const mayBeMissing = (value: AbstractValue): boolean =>
  value.kind === 'result' && value.of.kind === 'export' && value.of.path[0]?.startsWith('try') === true

/** `req.memory`, `ctx.memory`, `c.var.memory`: what the middleware puts on a request. */
export function isRequestMemory(node: Node, sourceCode: SourceCode): boolean {
  const inner = unwrap(node)
  if (inner.type !== 'MemberExpression' || memberName(sourceCode, inner) !== 'memory') return false
  const holder = unwrap(inner.object)
  const root =
    holder.type === 'MemberExpression' && memberName(sourceCode, holder) === 'var' ? holder.object : holder
  return root.type === 'Identifier' && isRequestName(root.name, 'memory')
}

/** The expression that a call or `new` binds a handle to, if that is what it does. */
export function boundId(
  node: TSESTree.CallExpression | TSESTree.NewExpression,
  evaluator: Evaluator,
): Node | undefined {
  const binds = evaluator
    .evaluate(node.callee)
    .some((value) =>
      node.type === 'NewExpression' ? isHandle({ kind: 'instance', of: value }, evaluator) : isFactory(value),
    )
  return binds ? node.arguments[0] : undefined
}

/** Whether a call sets up a middleware, by itself or by handing it to a server. */
export function isMiddleware(node: TSESTree.CallExpression, evaluator: Evaluator): boolean {
  // Fastify takes the plugin and its options side by side: app.register(scopedMemory, options).
  const named = [node.callee, ...node.arguments.slice(0, 1)]
  return named.some((part) =>
    evaluator.evaluate(part).some((value) => value.kind === 'export' && value.module.startsWith(middleware)),
  )
}

/** The `userId` resolver in the options of a middleware, such as `scopedMemory({ client, userId })`. */
export function resolverIn(
  node: TSESTree.CallExpression,
  evaluator: Evaluator,
): Extract<AbstractValue, { kind: 'function' }> | undefined {
  if (!isMiddleware(node, evaluator)) return undefined
  return node.arguments
    .flatMap((argument) => evaluator.evaluate(argument))
    .flatMap((value) => (value.kind === 'object' ? evaluator.propertyOf(value, 'userId') : []))
    .find((value) => value.kind === 'function')
}
