import type { Evaluator } from '../analysis/abstract-value.ts'
import { enclosing, isFunction, type Node, type SourceCode } from '../analysis/syntax.ts'
import { isOfFile, isSetBefore, visibleVariables } from '../analysis/variables.ts'
import { isRequestName } from '../user-id/request-names.ts'
import { isHandle, mayBeMissing } from './handles.ts'

/** Where the middleware of a framework leaves the handle: on which parameter, and as which member of it. */
const onRequests = [
  { adapters: ['express', 'fastify'], role: 'express', member: 'memory' },
  { adapters: ['koa'], role: 'koa', member: 'memory' },
  { adapters: ['hono'], role: 'hono', member: 'var.memory' },
] as const

/** The one handle that code at a place can use: a variable, or what the middleware put on the request. */
export function handleInScope(at: Node, sourceCode: SourceCode, evaluator: Evaluator): string | undefined {
  const found = visibleVariables(sourceCode, at).filter(
    (variable) =>
      !isOfFile(variable) &&
      isSetBefore(variable, at) &&
      evaluator
        .evaluateVariable(variable)
        .some((value) => isHandle(value, evaluator) && !mayBeMissing(value)),
  )
  if (found.length > 0) return found.length === 1 ? found[0]?.name : undefined
  const place = onRequests.find(({ adapters }) =>
    adapters.some((name) => new RegExp(`['"]@scoped-memory/middleware/${name}['"]`).test(sourceCode.text)),
  )
  for (let fn = enclosing(at, isFunction); place && fn; fn = enclosing(fn, isFunction)) {
    const request = fn.params.find(
      (param) => param.type === 'Identifier' && isRequestName(param.name, place.role),
    )
    if (request?.type === 'Identifier') return `${request.name}.${place.member}`
  }
  return undefined
}
