import {
  enclosing,
  isFunction,
  isOfFile,
  isSetBefore,
  type Node,
  type SourceCode,
  visibleVariables,
} from '../analysis/syntax.ts'
import type { Values } from '../analysis/abstract-value.ts'
import { isHandle, mayBeNobodys } from './handles.ts'

/** Where the middleware of a framework puts the handle: the names a request goes by, and the member it is. */
const onRequests = [
  { adapters: ['express', 'fastify'], requests: ['req', 'request'], member: 'memory' },
  { adapters: ['koa'], requests: ['ctx', 'context'], member: 'memory' },
  { adapters: ['hono'], requests: ['c', 'ctx', 'context'], member: 'var.memory' },
]

/** The one handle that code at a place can use: a variable, or what the middleware put on the request. */
export function handleInScope(at: Node, sourceCode: SourceCode, values: Values): string | undefined {
  const found = visibleVariables(sourceCode, at).filter(
    (variable) =>
      !isOfFile(variable) &&
      isSetBefore(variable, at) &&
      values.ofVariable(variable).some((value) => isHandle(value, values) && !mayBeNobodys(value)),
  )
  if (found.length > 0) return found.length === 1 ? found[0]?.name : undefined
  const place = onRequests.find(({ adapters }) =>
    adapters.some((name) => new RegExp(`['"]@scoped-memory/middleware/${name}['"]`).test(sourceCode.text)),
  )
  for (let fn = enclosing(at, isFunction); place && fn; fn = enclosing(fn, isFunction)) {
    const request = fn.params.find(
      (param) => param.type === 'Identifier' && place.requests.includes(param.name),
    )
    if (request?.type === 'Identifier') return `${request.name}.${place.member}`
  }
  return undefined
}
