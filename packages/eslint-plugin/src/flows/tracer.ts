import type { TSESTree } from '@typescript-eslint/utils'
import type { Type } from 'typescript'
import { keyName, memberName } from '../analysis/names.ts'
import { enclosing, isClass, isFunction, type Node, returned, unwrap } from '../analysis/syntax.ts'
import { variableOf } from '../analysis/variables.ts'
import { isSentPart } from '../user-id/request-expressions.ts'
import { isToolArguments } from '../user-id/tool-input.ts'
import { keyOfFrame } from './frame.ts'
import { element, type Path } from './path.ts'
import type { Place, ProgramFile } from './program-files.ts'
import { createCallTracer } from './trace-call.ts'
import { createFieldTracer } from './trace-field.ts'
import { createParameterTracer } from './trace-parameter.ts'
import { createVariableTracer } from './trace-variable.ts'
import type { Step, TracerOptions, Tracing } from './tracing.ts'
import { writtenBefore } from './written-values.ts'
import { labelsOf, type Way } from './way.ts'

/** Follows an expression, or a part of what it holds, back to where it comes from. */
export type Trace = (place: Place, path: Path) => void

/** How far one value is followed: through this many functions and expressions, and all of them together. */
const limits = { hops: 10, depth: 80, path: 12, steps: 200_000 }

/** Follows values through the functions, classes and files of a program. */
export function createTracer({
  files,
  graph,
  isVerified,
  onSource,
  onVerified,
  local = false,
}: TracerOptions): Trace {
  const checker = files.program.getTypeChecker()
  const hops = new Map<Node, Set<string>>()
  let steps = 0
  const tracing: Tracing = {
    files,
    graph,
    local,
    follow,
    hop,
    found,
    mayHave,
    ofField: (owner, name, path, step) => fields.ofField(owner, name, path, step),
    ofParameter: (name, fn, path, step) => parameters.ofParameter(name, fn, path, step),
    ofDefault: (name, path, step) => variables.ofDefault(name, path, step),
  }
  const fields = createFieldTracer(tracing)
  const parameters = createParameterTracer(tracing)
  const variables = createVariableTracer(tracing)
  const calls = createCallTracer(tracing)
  return (place, path) => hop(place, path, undefined)

  /** Starts anew at what a call passes on. */
  function hop(place: Place, path: Path, way: Way | undefined): void {
    if (!isNew(hops, place.node, path.join('.')) || labelsOf(way).length > limits.hops) return
    const step = { file: place.file, frame: undefined, passed: place, way, seen: new Map(), depth: 0 }
    follow(place.node, path, step)
  }

  function follow(node: Node, path: Path, step: Step): void {
    const inner = unwrap(node)
    if (step.depth > limits.depth || steps++ > limits.steps || path.length > limits.path) return
    if (!isNew(step.seen, inner, `${path.join('.')} ${keyOfFrame(step.frame)}`)) return
    const next = { ...step, depth: step.depth + 1 }
    if (inner.type === 'Identifier' || inner.type === 'MemberExpression' || inner.type === 'CallExpression')
      if (isVerified({ file: step.file, node: inner }, path)) {
        onVerified?.()
        return
      }
    if (path[0] !== undefined && isSentPart(path[0], inner, step.file.sourceCode)) found(inner, path, next)
    else ofExpression(inner, path, next)
  }

  function ofExpression(node: Node, path: Path, step: Step): void {
    switch (node.type) {
      case 'Identifier':
        variables.ofIdentifier(node, path, step)
        break
      case 'MemberExpression':
        ofMember(node, path, step)
        break
      case 'CallExpression':
        calls.ofCall(node, path, step)
        break
      case 'NewExpression':
        calls.ofNew(node, path, step)
        break
      case 'ObjectExpression':
        ofObject(node, path, step)
        break
      case 'ArrayExpression':
        for (const [index, item] of node.elements.entries())
          if (item && (path[0] === element || path[0] === String(index))) follow(item, path.slice(1), step)
        break
      case 'ConditionalExpression':
        follow(node.consequent, path, step)
        follow(node.alternate, path, step)
        break
      case 'LogicalExpression':
        if (node.operator !== '&&') follow(node.left, path, step)
        follow(node.right, path, step)
        break
      case 'TemplateLiteral':
        if (path.length === 0) for (const part of node.expressions) follow(part, path, step)
        break
      case 'BinaryExpression':
        if (node.operator === '+' && path.length === 0)
          for (const side of [node.left, node.right]) follow(side, path, step)
        break
      case 'AssignmentExpression':
        follow(node.right, path, step)
        break
      case 'SequenceExpression':
        follow(node.expressions.at(-1)!, path, step)
        break
      case 'ThisExpression': {
        const owner = enclosing(node, isClass)
        if (owner && path[0] !== undefined)
          fields.ofField({ file: step.file, node: owner }, path[0], path.slice(1), step)
        fields.ofReceiver(node, path, step)
        break
      }
      case 'SpreadElement':
        follow(node.argument, path, step)
        break
      case 'JSXExpressionContainer':
        follow(node.expression, path, step)
        break
      case 'YieldExpression':
        if (node.argument) follow(node.argument, path, step)
        break
    }
  }

  function found(node: Node, path: Path, step: Step, text?: string): void {
    if (isReplaced(node, path, step)) return
    const spelled = text ?? step.file.sourceCode.getText(node).replaceAll(/\s+/g, ' ').replaceAll('?.', '.')
    onSource({
      place: { file: step.file, node },
      path,
      text: spelledSource(spelled, path),
      frame: step.frame,
      passed: step.passed,
      way: step.way,
    })
  }

  /** `req.body.userId = req.user.id`, in front of where it is read. */
  function isReplaced(node: Node, path: Path, step: Step): boolean {
    const { sourceCode } = step.file
    const names: string[] = []
    let root = unwrap(node)
    for (; root.type === 'MemberExpression'; root = unwrap(root.object))
      names.unshift(memberName(sourceCode, root) ?? element)
    const variable = root.type === 'Identifier' ? variableOf(sourceCode, root) : undefined
    if (!variable) return false
    const { values, replaces } = writtenBefore(variable, [...names, ...path], node, sourceCode)
    if (replaces) for (const { value, path: part } of values) follow(value, part, step)
    return replaces
  }

  // Objects

  function ofObject(node: TSESTree.ObjectExpression, path: Path, step: Step): void {
    const [key, ...rest] = path
    if (key === undefined) return
    for (const property of node.properties.toReversed()) {
      if (property.type === 'SpreadElement') {
        if (mayHave(property.argument, key, step.file)) follow(property.argument, path, step)
        continue
      }
      if (keyName(step.file.sourceCode, property) !== key) continue
      const value = property.value
      const isPassed = unwrap(step.passed.node) === node && step.frame === undefined
      const within = isPassed ? { ...step, passed: { file: step.file, node: value } } : step
      if (property.kind === 'get' && isFunction(value))
        for (const result of returned(step.file.sourceCode, value)) follow(result, rest, within)
      else follow(value, rest, within)
      return
    }
  }

  /** Whether the type of an expression leaves it open that it has a property. */
  function mayHave(node: Node, key: string, { services }: ProgramFile): boolean {
    const ofType = (type: Type): boolean => {
      if (type.isUnion()) return type.types.some(ofType)
      // any, unknown
      if (type.flags & 3 || type.isTypeParameter()) return true
      const known = checker.getPropertiesOfType(checker.getApparentType(type))
      return known.length === 0 || known.some(({ name }) => name === key) || isOpen(type)
    }
    const isOpen = (type: Type): boolean => checker.getIndexInfosOfType(type).length > 0
    return ofType(services.getTypeAtLocation(node))
  }

  // Members

  function ofMember(node: TSESTree.MemberExpression, path: Path, step: Step): void {
    const { sourceCode } = step.file
    const name = memberName(sourceCode, node)
    if (name === undefined) {
      follow(node.object, [element, ...path], step)
      return
    }
    if (isSentPart(name, node.object, sourceCode) || isToolArguments(node, name, sourceCode))
      found(node, path, step)
    else follow(node.object, [name, ...path], step)
  }
}

/** `req.body` and a path as code reads it: `req.body.userId`, `req.headers['x-user-id']`. */
function spelledSource(text: string, path: Path): string {
  let spelled = text
  for (const step of path) {
    if (step === element) continue
    if (!/^[\w$]+(?:\(.*\))?$/.test(step)) spelled += `['${step}']`
    else spelled += spelled === '' ? step : `.${step}`
  }
  return spelled
}

/** Whether a key was not there yet under a node; it is from now on. */
function isNew(seen: Map<Node, Set<string>>, node: Node, key: string): boolean {
  const keys = seen.get(node)
  if (!keys) seen.set(node, new Set([key]))
  else if (keys.has(key)) return false
  else keys.add(key)
  return true
}
