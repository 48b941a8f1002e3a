import type { TSESTree } from '@typescript-eslint/utils'
import { keyName, lastName, memberName } from '../analysis/names.ts'
import { type FunctionNode, type Node, type SourceCode, unwrap } from '../analysis/syntax.ts'
import { variableOf } from '../analysis/variables.ts'
import { decorators, procedures, rootTypes, sent } from './frameworks.ts'
import { isRequestName } from './request-names.ts'

/** A parameter of a function, or a part of one that its pattern takes out. */
export interface ParameterPart {
  readonly fn: FunctionNode
  readonly index: number
  readonly pattern: Node
  /** The names from the pattern to the part. */
  readonly path: readonly string[]
}

/** The decorator by which a framework fills a parameter with what was sent, such as `@Body()`. */
export const inputDecorator = (param: Node): TSESTree.Decorator | undefined =>
  (param as { decorators?: TSESTree.Decorator[] }).decorators?.find(({ expression }) => {
    const callee = expression.type === 'CallExpression' ? expression.callee : expression
    return callee.type === 'Identifier' && decorators.has(callee.name)
  })

/** Whether a framework fills a part of a parameter with what the sender of a request wrote. */
export function isHandlerInput({ fn, index, pattern, path }: ParameterPart, sourceCode: SourceCode): boolean {
  const [step, next] = path
  if (index === 0 && step === 'input' && isProcedure(fn, sourceCode)) return true
  if (isFormData(pattern)) return true
  if (index === 1 && isRootResolver(fn, sourceCode)) return true
  if (isSocketListener(fn, sourceCode)) return true
  if (step === undefined || pattern.type !== 'ObjectPattern' || isSigned(pattern)) return false
  return isRequestPart(fn, step) || (isRequestName(step, 'request') && next !== undefined && sent.has(next))
}

/** `({ params })`, `({ body, user })`: a handler that takes a request apart as it comes in. */
function isRequestPart(fn: FunctionNode, step: string): boolean {
  if (!sent.has(step)) return false
  if (step === 'query') return isInline(fn)
  return step !== 'body' || isInline(fn) || fn.params.length > 1
}

/** `({ body, ack })`: a listener of Slack's, which gets nothing whose signature is wrong. */
const isSigned = ({ properties }: TSESTree.ObjectPattern): boolean =>
  properties.some(
    (property) =>
      property.type === 'Property' &&
      property.key.type === 'Identifier' &&
      (property.key.name === 'ack' || property.key.name === 'say'),
  )

const isInline = (fn: FunctionNode): boolean => fn.parent.type === 'CallExpression' && fn.parent.callee !== fn

/** GraphQL: `{ Query: { memories: (parent, args) => … } }`. */
function isRootResolver({ parent }: FunctionNode, sourceCode: SourceCode): boolean {
  if (parent.type !== 'Property' || parent.parent.type !== 'ObjectExpression') return false
  const type = parent.parent.parent
  return type.type === 'Property' && rootTypes.has(keyName(sourceCode, type) ?? '')
}

/** `io.on('connection', (socket) => socket.on('message', (data) => …))`: a socket that a function is given. */
function isSocketListener({ parent: call }: FunctionNode, sourceCode: SourceCode): boolean {
  if (call.type !== 'CallExpression') return false
  const callee = unwrap(call.callee)
  if (callee.type !== 'MemberExpression' || memberName(sourceCode, callee) !== 'on') return false
  const object = unwrap(callee.object)
  let root = object
  while (root.type === 'MemberExpression') root = unwrap(root.object)
  return (
    /^(?:socket|ws|webSocket)$/.test(lastName(sourceCode, object) ?? '') &&
    root.type === 'Identifier' &&
    variableOf(sourceCode, root)?.defs[0]?.type === 'Parameter'
  )
}

function isFormData(pattern: Node): boolean {
  if (pattern.type !== 'Identifier') return false
  const type = pattern.typeAnnotation?.typeAnnotation
  const typed =
    type?.type === 'TSTypeReference' && type.typeName.type === 'Identifier' ? type.typeName.name : undefined
  return typed === 'FormData' || (typed === undefined && pattern.name === 'formData')
}

function isProcedure(fn: FunctionNode, sourceCode: SourceCode): boolean {
  const call = fn.parent
  if (call.type !== 'CallExpression') return false
  const callee = unwrap(call.callee)
  return callee.type === 'MemberExpression' && procedures.has(memberName(sourceCode, callee) ?? '')
}
