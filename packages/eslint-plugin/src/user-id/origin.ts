import type { TSESTree } from '@typescript-eslint/utils'
import { pathTo } from '../analysis/patterns.ts'
import {
  enclosing,
  findVariable,
  type FunctionNode,
  isFunction,
  keyName,
  literalString,
  memberName,
  type Node,
  returned,
  type SourceCode,
  spelling,
  unwrap,
  walk,
} from '../analysis/syntax.ts'
import type { Values } from '../analysis/abstract-value.ts'
import {
  decorators,
  nextHeaders,
  parsers,
  passing,
  procedures,
  readers,
  reads,
  requests,
  sent,
  sentAnywhere,
  trustedToolInput,
  wholeRequests,
} from './frameworks.ts'

/** Where a value that the caller of the service can choose enters the code. */
interface Origin {
  /** As it is spelled for a reader: `req.body.userId`. */
  readonly source: string
  readonly node: Node
}

export interface OriginReader {
  /** Where an expression takes its value from, if that is something the other side of the wire can choose. */
  of(node: Node): Origin | undefined
}

export function createOrigins(
  sourceCode: SourceCode,
  values: Values,
  allowSources: readonly string[],
): OriginReader {
  const active = new Set<Node>()
  const allowed = allowSources.map((source) => source.toLowerCase())

  function of(node: Node): Origin | undefined {
    const inner = unwrap(node)
    if (active.has(inner) || active.size > 60) return undefined
    active.add(inner)
    try {
      return evaluate(inner)
    } finally {
      active.delete(inner)
    }
  }

  const first = (nodes: readonly (Node | null | undefined)[]): Origin | undefined => {
    for (const node of nodes) {
      const origin = node && of(node)
      if (origin) return origin
    }
    return undefined
  }

  function found(node: Node): Origin | undefined {
    const source = sourceCode.getText(node).replaceAll(/\s+/g, ' ').replaceAll('?.', '.')
    const spelling = source.toLowerCase()
    return allowed.some((known) => spelling.includes(known)) ? undefined : { source, node }
  }

  function evaluate(node: Node): Origin | undefined {
    switch (node.type) {
      case 'ConditionalExpression':
        return first([node.consequent, node.alternate])
      case 'LogicalExpression':
        return first(node.operator === '&&' ? [node.right] : [node.left, node.right])
      case 'TemplateLiteral':
        return first(node.expressions)
      case 'BinaryExpression':
        return node.operator === '+' ? first([node.left, node.right]) : undefined
      case 'AssignmentExpression':
        return of(node.right)
      case 'SequenceExpression':
        return of(node.expressions.at(-1) as Node)
      case 'Identifier':
        return ofIdentifier(node)
      case 'MemberExpression':
        return ofMember(node)
      case 'CallExpression':
        return ofCall(node)
      case 'NewExpression':
        return node.callee.type === 'Identifier' && node.callee.name === 'URLSearchParams'
          ? found(node)
          : undefined
      default:
        return undefined
    }
  }

  // Members

  function ofMember(node: TSESTree.MemberExpression): Origin | undefined {
    const name = memberName(sourceCode, node)
    if (isChecked(node)) return undefined
    if (name !== undefined && sentAnywhere.has(name)) return found(node)
    if (name !== undefined && sent.has(name) && isRequest(node.object)) return found(node)
    if (isToolArguments(node, name)) return found(node)
    const origin = of(node.object)
    if (!origin) return ofProperty(node)
    if (name && isTrustedToolInput(origin.node, name)) return undefined
    return found(node)
  }

  /** A property of an object that is written out in this file. */
  function ofProperty(node: TSESTree.MemberExpression): Origin | undefined {
    const name = memberName(sourceCode, node)
    if (name === undefined) return undefined
    const inner = unwrap(node.object)
    const objects = values.of(inner).flatMap((value) => (value.kind === 'object' ? [value.node] : []))
    for (const object of objects)
      for (const property of object.properties)
        if (property.type === 'Property' && keyName(sourceCode, property) === name) {
          const origin = of(property.value)
          if (origin) return origin
        }
    return undefined
  }

  /** `req`, `ctx.request`, `c.req`, `socket.handshake`, `event`: something that came in. */
  function isRequest(node: Node): boolean {
    const inner = unwrap(node)
    if (inner.type === 'Identifier') {
      if (!requests.has(inner.name)) return false
      const definition = findVariable(sourceCode, inner, inner.name)?.defs[0]
      return definition?.type !== 'ImportBinding'
    }
    if (inner.type !== 'MemberExpression') return false
    const name = memberName(sourceCode, inner)
    return name !== undefined && (wholeRequests.has(name) || name === 'handshake' || name === 'nextUrl')
  }

  /** What a model filled in: `toolCall.args`, `call.function.arguments`, the `input` of a `tool_use` block. */
  function isToolArguments(node: TSESTree.MemberExpression, name: string | undefined): boolean {
    if (name !== 'arguments' && name !== 'args' && name !== 'input') return false
    const holder = unwrap(node.object)
    const last =
      holder.type === 'Identifier'
        ? holder.name
        : holder.type === 'MemberExpression'
          ? memberName(sourceCode, holder)
          : undefined
    if (last === undefined) return false
    return /tool_?(call|use|invocation)s?$/i.test(last) || (name === 'arguments' && last === 'function')
  }

  // Calls

  function ofCall(node: TSESTree.CallExpression): Origin | undefined {
    const callee = unwrap(node.callee)
    const [argument] = node.arguments
    if (callee.type === 'Identifier') {
      if (readers.has(callee.name)) return found(node)
      if (nextHeaders.has(callee.name) && isFrom(callee, 'next/headers')) return found(node)
      if (passing.has(callee.name) || parsers.has(callee.name)) return argument && of(argument)
    }
    if (callee.type === 'MemberExpression') {
      const name = memberName(sourceCode, callee)
      if (name !== undefined && reads.has(name) && isIncoming(callee.object)) return found(node)
      const spelled = `${sourceCode.getText(callee.object)}.${name}`
      if (argument && (passing.has(spelled) || (name && parsers.has(name)))) {
        const origin = of(argument)
        if (origin) return origin
      }
      const origin = of(callee.object)
      if (origin) return found(node)
    }
    const functions = values.of(callee).flatMap((value) => (value.kind === 'function' ? [value.node] : []))
    return first(functions.flatMap((fn) => returned(sourceCode, fn)))
  }

  /** A request as a whole, whose methods read it: not `ctx` or `c`, whose `get` reads what the application put there. */
  function isIncoming(node: Node): boolean {
    const inner = unwrap(node)
    if (inner.type === 'Identifier') return wholeRequests.has(inner.name) && isRequest(inner)
    if (inner.type !== 'MemberExpression') return false
    const name = memberName(sourceCode, inner)
    return name !== undefined && wholeRequests.has(name) && inner.object.type !== 'ThisExpression'
  }

  function isFrom(node: TSESTree.Identifier, module: string): boolean {
    const definition = findVariable(sourceCode, node, node.name)?.defs[0]
    return (
      definition?.type === 'ImportBinding' &&
      (definition.parent as TSESTree.ImportDeclaration).source.value === module
    )
  }

  // Variables

  function ofIdentifier(node: TSESTree.Identifier): Origin | undefined {
    if (isChecked(node)) return undefined
    const variable = findVariable(sourceCode, node, node.name)
    const definition = variable?.defs[0]
    if (!variable || !definition) return undefined
    const written = variable.references.flatMap((reference) =>
      reference.isWrite() && !reference.init && reference.writeExpr ? [reference.writeExpr] : [],
    )
    if (definition.type === 'Parameter')
      return ofParameter(definition.name, definition.node as FunctionNode) ?? first(written)
    if (definition.type !== 'Variable') return undefined
    const { id, init } = definition.node
    if (!init) return first(written)
    const path = namesTo(id, definition.name)
    const origin = ofPath(init, path ?? [])
    return origin ?? first(written)
  }

  /** What destructuring takes out of a value: `const { body: { userId } } = req`. */
  function ofPath(node: Node, path: readonly string[]): Origin | undefined {
    const origin = of(node)
    if (origin) {
      if (path[0] !== undefined && isTrustedToolInput(origin.node, path[0])) return undefined
      return path.length === 0 ? origin : extended(origin, path)
    }
    const [step, ...rest] = path
    if (step === undefined) return undefined
    if (sentAnywhere.has(step) || (sent.has(step) && isRequest(node)))
      return extended({ source: sourceCode.getText(node), node }, path)
    if (rest.length > 0 && (wholeRequests.has(step) || step === 'handshake') && sent.has(rest[0] as string))
      return extended({ source: sourceCode.getText(node), node }, path)
    return undefined
  }

  function extended(origin: Origin, path: readonly string[]): Origin | undefined {
    const source = [origin.source, ...path].join('.')
    return allowed.some((known) => source.toLowerCase().includes(known))
      ? undefined
      : { source, node: origin.node }
  }

  function ofParameter(name: Node, fn: FunctionNode): Origin | undefined {
    for (const [index, param] of fn.params.entries()) {
      const root = param.type === 'TSParameterProperty' ? param.parameter : param
      const pattern = root.type === 'AssignmentPattern' ? root.left : root
      const path = namesTo(pattern, name)
      if (!path) continue
      const decorated = (param as { decorators?: TSESTree.Decorator[] }).decorators?.find(
        ({ expression }) => {
          const callee = expression.type === 'CallExpression' ? expression.callee : expression
          return callee.type === 'Identifier' && decorators.has(callee.name)
        },
      )
      if (decorated) return { source: sourceCode.getText(decorated), node: name }
      const spelled = pattern.type === 'Identifier' ? pattern.name : `{ ${path[0] ?? ''} }`
      const outside = {
        source: [spelled, ...path.slice(pattern.type === 'Identifier' ? 0 : 1)].join('.'),
        node: name,
      }
      if (index === 0 && isToolBody(fn)) return path[0] && trustedToolInput.has(path[0]) ? undefined : outside
      if (path[0] === 'input' && index === 0 && isProcedure(fn)) return outside
      if (isFormData(pattern)) return outside
      if (path.length > 0 && pattern.type === 'ObjectPattern') {
        const [step, next] = path as [string, string | undefined]
        if (isHandlerPart(fn, step)) return outside
        if (wholeRequests.has(step) && next !== undefined && sent.has(next)) return outside
      }
      for (const argument of values.argumentsFor(fn, index)) {
        const origin = ofPath(argument, path)
        if (origin) return origin
      }
    }
    return undefined
  }

  /** `({ params })`, `({ body, user })`: a handler that takes a request apart as it comes in. */
  function isHandlerPart(fn: FunctionNode, step: string): boolean {
    if (!sent.has(step) || step === 'query') return sent.has(step) && isInline(fn)
    return step !== 'body' || isInline(fn) || fn.params.length > 1
  }

  const isInline = (fn: FunctionNode): boolean =>
    fn.parent.type === 'CallExpression' && fn.parent.callee !== fn

  function isFormData(pattern: Node): boolean {
    if (pattern.type !== 'Identifier') return false
    const type = pattern.typeAnnotation?.typeAnnotation
    const typed =
      type?.type === 'TSTypeReference' && type.typeName.type === 'Identifier' ? type.typeName.name : undefined
    return typed === 'FormData' || (typed === undefined && pattern.name === 'formData')
  }

  function isProcedure(fn: FunctionNode): boolean {
    const call = fn.parent
    if (call.type !== 'CallExpression') return false
    const callee = unwrap(call.callee)
    return callee.type === 'MemberExpression' && procedures.has(memberName(sourceCode, callee) ?? '')
  }

  /** The function a model calls: its first parameter is what the model wrote. */
  function isToolBody(fn: FunctionNode): boolean {
    const parent = fn.parent
    if (parent.type === 'Property' && parent.value === fn) {
      const siblings = (parent.parent as TSESTree.ObjectExpression).properties.flatMap((property) =>
        property.type === 'Property' ? [keyName(sourceCode, property)] : [],
      )
      const name = keyName(sourceCode, parent)
      return (
        (name === 'execute' || name === 'func' || name === 'invoke' || name === 'run') &&
        siblings.some(
          (key) =>
            key === 'parameters' || key === 'inputSchema' || key === 'schema' || key === 'input_schema',
        )
      )
    }
    if (parent.type !== 'CallExpression' || !parent.arguments.includes(fn as never)) return false
    const callee = unwrap(parent.callee)
    const name =
      callee.type === 'Identifier'
        ? callee.name
        : callee.type === 'MemberExpression'
          ? memberName(sourceCode, callee)
          : undefined
    if (name === 'registerTool') return true
    if (name !== 'tool') return false
    // server.tool('name', schema, handler), or tool(handler, { name, schema }).
    if (parent.arguments[0] !== fn) return literalString(parent.arguments[0]) !== undefined
    const described = parent.arguments[1]
    return described?.type === 'ObjectExpression'
  }

  const isTrustedToolInput = (node: Node, name: string): boolean => {
    if (!trustedToolInput.has(name) || node.type !== 'Identifier') return false
    const fn = enclosing(node, isFunction)
    return fn !== undefined && isToolBody(fn)
  }

  const namesTo = (pattern: Node, name: Node): string[] | undefined =>
    pathTo(pattern, name, sourceCode)?.map(String)

  /** Whether the same function compares this value with one that the other side cannot choose, and so verifies it. */
  function isChecked(node: Node): boolean {
    const fn = enclosing(node, isFunction)
    if (!fn) return false
    const text = spelling(sourceCode, node)
    let checked = false
    walk(sourceCode, fn.body, (candidate) => {
      if (checked || candidate.type !== 'BinaryExpression' || !/^[!=]==?$/.test(candidate.operator))
        return !checked
      const sides = [candidate.left, candidate.right].map(unwrap)
      const at = sides.findIndex((side) => spelling(sourceCode, side) === text)
      const other = sides[1 - at]
      if (at >= 0 && other && isIdentity(other)) checked = true
    })
    return checked
  }

  /** Something that could be who is asking: not a literal, `undefined`, or more of the same request. */
  function isIdentity(node: Node): boolean {
    if (node.type === 'MemberExpression' || node.type === 'CallExpression') return !of(node)
    return node.type === 'Identifier' && node.name !== 'undefined' && !of(node)
  }

  return { of }
}
