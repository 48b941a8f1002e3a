import { lastName, memberName } from '../analysis/names.ts'
import { literalString, type Node, type SourceCode, unwrap } from '../analysis/syntax.ts'
import { isIncomingMember } from '../user-id/request-expressions.ts'
import { element, type Path } from './path.ts'

/** What frameworks call the parts of a request, by the name they share. */
const parts: Readonly<Record<string, string>> = {
  rawBody: 'body',
  json: 'body',
  formData: 'body',
  parseBody: 'body',
  valid: 'body',
  readBody: 'body',
  readValidatedBody: 'body',
  Body: 'body',
  queries: 'query',
  searchParams: 'query',
  queryStringParameters: 'query',
  getQuery: 'query',
  Query: 'query',
  pathParameters: 'params',
  param: 'params',
  Param: 'params',
  getRouterParam: 'params',
  getRouterParams: 'params',
  header: 'headers',
  Headers: 'headers',
  getHeader: 'headers',
  cookie: 'cookies',
  Cookies: 'cookies',
}

/** A part of a request by the name that all frameworks share: `params.userId` for `c.req.param('userId')`. */
export function requestPart(node: Node, path: Path, sourceCode: SourceCode): readonly string[] {
  const [first, ...rest] = [...nameOf(node, sourceCode), ...path.map(keyRead)]
  if (first === undefined) return []
  if (isIncomingMember(first)) return common(rest)
  return common([first, ...rest])
}

const common = ([first, ...rest]: readonly string[]): readonly string[] =>
  first === undefined ? [] : [(Object.hasOwn(parts, first) ? parts[first] : undefined) ?? first, ...rest]

/** `userId` of `get('userId')`. */
const keyRead = (step: string): string => /^get(?:All)?\('(.*)'\)$/.exec(step)?.[1] ?? step

function nameOf(node: Node, sourceCode: SourceCode): readonly string[] {
  const inner = unwrap(node)
  if (inner.type === 'MemberExpression') return [memberName(sourceCode, inner) ?? element]
  if (inner.type === 'CallExpression') {
    const key = inner.arguments.map(literalString).find((text) => text !== undefined)
    const name = lastName(sourceCode, unwrap(inner.callee)) ?? ''
    if (name === 'getRequest') return []
    return key === undefined || name === 'valid' ? [name] : [name, key]
  }
  if (inner.type !== 'Decorator') return []
  const { expression } = inner
  if (expression.type !== 'CallExpression') return [sourceCode.getText(expression)]
  const key = literalString(expression.arguments[0])
  const name = sourceCode.getText(expression.callee)
  return key === undefined ? [name] : [name, key]
}

/** Whether two parts of a request are the same, as far as both are written out. */
export const isSamePart = (one: readonly string[], other: readonly string[]): boolean =>
  one.length > 0 &&
  one.length === other.length &&
  one.every((step, index) => step === other[index] || step === element || other[index] === element)
