import type { TSESTree } from '@typescript-eslint/utils'
import type { Type } from 'typescript'
import { keyName, lastName, memberName } from '../analysis/names.ts'
import { pathTo } from '../analysis/patterns.ts'
import { paramsOf } from './parameters.ts'
import {
  type ClassNode,
  enclosing,
  type FunctionNode,
  isClass,
  isFunction,
  literalString,
  type Node,
  returned,
  unwrap,
} from '../analysis/syntax.ts'
import { callsOf } from '../analysis/variable-uses.ts'
import { variableOf } from '../analysis/variables.ts'
import { parsers, passing, sent } from '../user-id/frameworks.ts'
import { inputDecorator, isHandlerInput } from '../user-id/handler-input.ts'
import { isIncomingMember, isSentPart, readsRequest } from '../user-id/request-expressions.ts'
import { isFilledIn, isToolArguments, isToolBody } from '../user-id/tool-input.ts'
import type { CallGraph } from './call-graph.ts'
import { type Call, indexOf } from './file-index.ts'
import { element, type Path } from './path.ts'
import type { Place, ProgramFile, ProgramFiles } from './program-files.ts'
import { writtenBefore } from './written-values.ts'

/** A call that is looked into, so that its own arguments stand for the parameters of what it calls. */
export interface Frame {
  readonly fn: FunctionNode
  readonly call: Exclude<Call, TSESTree.JSXOpeningElement>
  readonly file: ProgramFile
  readonly below: Frame | undefined
}

/** The functions that a value goes through, from where it comes in to where it is used. */
export interface Way {
  readonly label: string
  readonly next: Way | undefined
}

/** Where a value enters the code that the caller of the service can choose. */
export interface Source {
  /** The part of the request: `req.body`. */
  readonly place: Place
  /** What of it is read. */
  readonly path: Path
  /** As a report spells it: `req.body.userId`. */
  readonly text: string
  /** The calls that are looked into at this place. */
  readonly frame: Frame | undefined
  /** The expression that is passed on by the code the value comes from. */
  readonly passed: Place
  readonly way: Way | undefined
}

interface TracerOptions {
  readonly files: ProgramFiles
  readonly graph: CallGraph
  /** Whether the code before a mention of a value shows whose id it is. */
  readonly isVerified: (mention: Place, path: Path) => boolean
  readonly onSource: (source: Source) => void
  readonly onVerified?: () => void
  /** Whether to stay in the functions that the code around a value runs, and not to look who calls it. */
  readonly local?: boolean
}

export interface Tracer {
  /** Follows an expression, or a part of what it holds, back to where it comes from. */
  readonly trace: (place: Place, path: Path, way?: Way) => void
}

interface Step {
  readonly file: ProgramFile
  readonly frame: Frame | undefined
  readonly passed: Place
  readonly way: Way | undefined
  readonly seen: Map<Node, Set<string>>
  readonly depth: number
}

/** How far one value is followed: through this many functions, calls that are looked into, and expressions. */
const limits = { hops: 10, frames: 4, depth: 80, steps: 200_000 }

/** Methods that give back the text, list or object they are called on, or a part of it. */
const keeping = new Set([
  'trim',
  'toString',
  'toLowerCase',
  'toUpperCase',
  'replace',
  'replaceAll',
  'slice',
  'substring',
  'normalize',
  'split',
  'concat',
  'padStart',
  'filter',
  'sort',
  'reverse',
  'valueOf',
])
const elementReads = new Set(['find', 'findLast', 'at', 'pop', 'shift'])
const keyReads = new Set(['get', 'getAll'])
const iterations = new Set(['map', 'forEach', 'filter', 'find', 'findLast', 'some', 'every', 'flatMap'])
const settlements = new Set(['catch', 'finally'])

/** Follows values through the functions, classes and files of a program. */
export function createTracer({
  files,
  graph,
  isVerified,
  onSource,
  onVerified,
  local = false,
}: TracerOptions): Tracer {
  const checker = files.program.getTypeChecker()
  const hops = new Map<Node, Set<string>>()
  let steps = 0
  return {
    trace(place, path, way) {
      hop(place, path, way)
    },
  }

  /** Starts anew at what a call passes on. */
  function hop(place: Place, path: Path, way: Way | undefined): void {
    if (!isNew(hops, place.node, path.join('.')) || lengthOf(way) > limits.hops) return
    const step = { file: place.file, frame: undefined, passed: place, way, seen: new Map(), depth: 0 }
    follow(place.node, path, step)
  }

  function follow(node: Node, path: Path, step: Step): void {
    const inner = unwrap(node)
    if (step.depth > limits.depth || steps++ > limits.steps || path.length > 12) return
    if (!isNew(step.seen, inner, `${path.join('.')} ${keyOf(step.frame)}`)) return
    const next = { ...step, depth: step.depth + 1 }
    if (inner.type === 'Identifier' || inner.type === 'MemberExpression')
      if (isVerified({ file: step.file, node: inner }, path)) {
        onVerified?.()
        return
      }
    if (path[0] !== undefined && isSentPart(path[0], inner, step.file.sourceCode)) found(inner, path, next)
    else ofExpression(inner, path, next)
  }

  function ofExpression(node: Node, path: Path, step: Step): void {
    const { sourceCode } = step.file
    switch (node.type) {
      case 'Identifier':
        ofIdentifier(node, path, step)
        break
      case 'MemberExpression':
        ofMember(node, path, step)
        break
      case 'CallExpression':
        ofCall(node, path, step)
        break
      case 'NewExpression':
        ofNew(node, path, step)
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
          ofField({ file: step.file, node: owner }, path[0], path.slice(1), step)
        ofReceiver(node, path, step)
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
      default:
        void sourceCode
    }
  }

  function found(node: Node, path: Path, step: Step, text?: string): void {
    if (isReplaced(node, path, step)) return
    const spelled = text ?? step.file.sourceCode.getText(node).replaceAll(/\s+/g, ' ').replaceAll('?.', '.')
    onSource({
      place: { file: step.file, node },
      path,
      text: [spelled, ...path.filter((one) => one !== element)].join('.'),
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

  /** `this` in a method whose call is looked into: what stands before the dot. */
  function ofReceiver(node: TSESTree.ThisExpression, path: Path, step: Step): void {
    const { frame } = step
    const method = enclosing(
      node,
      (one): one is FunctionNode => isFunction(one) && one.type !== 'ArrowFunctionExpression',
    )
    if (!frame || frame.fn !== method || frame.call.type === 'NewExpression') return
    const callee = unwrap(frame.call.callee)
    if (callee.type === 'MemberExpression')
      follow(callee.object, path, { ...step, file: frame.file, frame: frame.below })
  }

  /** A field of a class, by everything that is written to it. */
  function ofField(owner: Place<ClassNode>, name: string, path: Path, step: Step): void {
    const { file, node } = owner
    const { sourceCode } = file
    const within = { ...step, file }
    let isDeclared = false
    for (const member of node.body.body) {
      if (member.type === 'MethodDefinition' && member.kind === 'constructor') {
        for (const param of isFunction(member.value) ? member.value.params : []) {
          if (param.type !== 'TSParameterProperty') continue
          const pattern =
            param.parameter.type === 'AssignmentPattern' ? param.parameter.left : param.parameter
          if (pattern.type !== 'Identifier' || pattern.name !== name) continue
          isDeclared = true
          ofParameter(pattern, member.value as FunctionNode, path, within)
        }
      } else if ('key' in member && keyName(sourceCode, member) === name) {
        isDeclared = true
        if (member.type === 'PropertyDefinition' && member.value) follow(member.value, path, within)
        else if (member.type === 'MethodDefinition' && member.kind === 'get' && isFunction(member.value))
          for (const result of returned(sourceCode, member.value)) follow(result, path, within)
      }
    }
    for (const write of indexOf(sourceCode).writes.get(name) ?? []) {
      const { object } = unwrap(write.left) as TSESTree.MemberExpression
      if (object.type !== 'ThisExpression' || enclosing(write, isClass) !== node) continue
      isDeclared = true
      follow(write.right, path, within)
    }
    for (const write of (path[0] !== undefined && indexOf(sourceCode).writes.get(path[0])) || []) {
      const { object } = unwrap(write.left) as TSESTree.MemberExpression
      const isPart =
        object.type === 'MemberExpression' &&
        object.object.type === 'ThisExpression' &&
        memberName(sourceCode, object) === name
      if (isPart && enclosing(write, isClass) === node) follow(write.right, path.slice(1), within)
    }
    const base = !isDeclared && node.superClass && graph.classOf({ file, node: node.superClass })
    if (base) ofField(base, name, path, step)
    else ofOuterWrites(owner, name, path, step)
  }

  /** `service.userId = …`, where a field is written from outside. */
  function ofOuterWrites(owner: Place<ClassNode>, name: string, path: Path, step: Step): void {
    for (const file of local ? [] : files.naming(name))
      for (const write of indexOf(file.sourceCode).writes.get(name) ?? []) {
        const left = unwrap(write.left) as TSESTree.MemberExpression
        if (left.object.type === 'ThisExpression') continue
        const isOwn = graph
          .declared({ file, node: left })
          .some(({ node }) => enclosing(node, isClass) === owner.node)
        if (isOwn)
          hop({ file, node: write.right }, path, {
            label: `${nameOfClass(owner.node)}.${name}`,
            next: step.way,
          })
      }
  }

  // Calls

  function ofCall(node: TSESTree.CallExpression, path: Path, step: Step): void {
    const { file } = step
    const { sourceCode } = file
    if (readsRequest(node, sourceCode)) {
      found(node, path, step)
      return
    }
    const callee = unwrap(node.callee)
    const run = graph.calledBy({ file, node })
    if (run.length > 0) {
      for (const fn of run) ofResult(fn, node, path, step)
      return
    }
    const name = lastName(sourceCode, callee)
    const [first] = node.arguments
    const spelled = sourceCode.getText(callee)
    if (spelled === 'Object.assign') {
      for (const argument of node.arguments.toReversed()) follow(argument, path, step)
    } else if (
      spelled === 'Promise.all' ||
      spelled === 'Promise.resolve' ||
      spelled === 'Object.fromEntries'
    ) {
      if (first) follow(first, path, step)
    } else if (name !== undefined && (passing.has(spelled) || passing.has(name))) {
      if (first) follow(first, path, step)
    } else if (name !== undefined && parsers.has(name) && first && !isFunction(unwrap(first))) {
      // What `safeParse` gives holds what was parsed under `data`.
      follow(first, /^(?:data|value|output)$/.test(path[0] ?? '') ? path.slice(1) : path, step)
      if (callee.type === 'MemberExpression') ofMethod(node, callee, name, path, step)
    } else if (callee.type === 'MemberExpression' && name !== undefined) {
      ofMethod(node, callee, name, path, step)
    }
  }

  /** What a function returns to one call of it. */
  function ofResult(fn: Place<FunctionNode>, call: Frame['call'], path: Path, step: Step): void {
    if (lengthOfFrames(step.frame) >= limits.frames || isWithin(fn.node, step.frame)) return
    const frame = { fn: fn.node, call, file: step.file, below: step.frame }
    for (const result of returned(fn.file.sourceCode, fn.node))
      follow(result, path, { ...step, file: fn.file, frame })
  }

  /** A method that is not the project's own. */
  function ofMethod(
    node: TSESTree.CallExpression,
    { object }: TSESTree.MemberExpression,
    name: string,
    path: Path,
    step: Step,
  ): void {
    const [first] = node.arguments
    const callback = first && unwrap(first)
    if (keeping.has(name)) follow(object, name === 'split' ? [] : path, step)
    else if (elementReads.has(name)) follow(object, [element, ...path], step)
    else if (keyReads.has(name) && first) {
      const key = literalString(first)
      follow(object, [`${name}(${key === undefined ? '…' : `'${key}'`})`, ...path], step)
    } else if ((name === 'map' || name === 'flatMap') && isFunction(callback) && path[0] === element)
      for (const result of returned(step.file.sourceCode, callback)) follow(result, path.slice(1), step)
    else if (name === 'then' && isFunction(callback))
      for (const result of returned(step.file.sourceCode, callback)) follow(result, path, step)
    else if (settlements.has(name)) follow(object, path, step)
  }

  function ofNew(node: TSESTree.NewExpression, path: Path, step: Step): void {
    const name = lastName(step.file.sourceCode, unwrap(node.callee))
    if (name === 'URLSearchParams') {
      found(node, path, step)
      return
    }
    const [key, ...rest] = path
    const [first] = node.arguments
    if (name === 'Promise' || name === 'Proxy') return
    if ((name === 'Map' || name === 'Set' || name === 'Headers') && first) follow(first, path, step)
    const owner = key === undefined ? undefined : graph.classOf({ file: step.file, node: node.callee })
    if (!owner || key === undefined) return
    const constructor = owner.node.body.body.find(
      (member) => member.type === 'MethodDefinition' && member.kind === 'constructor',
    )
    const fn = constructor?.type === 'MethodDefinition' ? constructor.value : undefined
    const frame = isFunction(fn) ? { fn, call: node, file: step.file, below: step.frame } : step.frame
    if (lengthOfFrames(frame) <= limits.frames) ofField(owner, key, rest, { ...step, frame })
  }

  // Variables

  function ofIdentifier(node: TSESTree.Identifier, path: Path, step: Step): void {
    const { sourceCode } = step.file
    const [first, second] = path
    if (first !== undefined && second !== undefined && isIncomingMember(first) && sent.has(second)) {
      found(node, path, step)
      return
    }
    const variable = variableOf(sourceCode, node)
    const definition = variable?.defs[0]
    if (!variable || !definition) return
    const written = writtenBefore(variable, path, node, sourceCode)
    for (const { value, path: part } of written.values) follow(value, part, step)
    if (written.replaces) return
    switch (definition.type as string) {
      case 'Parameter':
        ofParameter(definition.name, definition.node as FunctionNode, path, step)
        break
      case 'Variable':
        ofDeclarator(definition.node as TSESTree.VariableDeclarator, definition.name, path, step)
        break
      case 'ImportBinding':
        ofImport(node, path, step)
        break
    }
  }

  function ofDeclarator(declarator: TSESTree.VariableDeclarator, name: Node, path: Path, step: Step): void {
    const inside = pathTo(declarator.id, name, step.file.sourceCode)
    if (!inside) return
    ofDefault(name, path, step)
    const loop = declarator.parent.parent
    const full = [...inside.map(String), ...path]
    if (loop.type === 'ForOfStatement' && loop.left === declarator.parent)
      follow(loop.right, [element, ...full], step)
    else if (declarator.init) follow(declarator.init, full, step)
  }

  /** `{ userId = … }`, `(userId = …)`. */
  function ofDefault(name: Node, path: Path, step: Step): void {
    const holder = name.parent
    if (holder?.type === 'AssignmentPattern' && holder.left === name) follow(holder.right, path, step)
  }

  /** A constant of another file. */
  function ofImport(node: TSESTree.Identifier, path: Path, step: Step): void {
    if (path.length === 0) return
    for (const { file, node: declaration } of graph.declared({ file: step.file, node }))
      if (declaration.type === 'VariableDeclarator' && declaration.init)
        follow(declaration.init, path, { ...step, file, frame: undefined })
  }

  // Parameters

  function ofParameter(name: Node, fn: FunctionNode, path: Path, step: Step): void {
    const { sourceCode } = step.file
    for (const [index, param] of paramsOf(fn).entries()) {
      const root = param.type === 'TSParameterProperty' ? param.parameter : param
      const pattern = root.type === 'AssignmentPattern' ? root.left : root
      const inside = pathTo(pattern, name, sourceCode)?.map(String)
      if (!inside) continue
      ofDefault(name, path, step)
      const full = [...inside, ...path]
      const frame = frameOf(fn, step.frame)
      if (frame) {
        const passed = passedBy(frame.call, index)
        if (passed) follow(passed, full, { ...step, file: frame.file, frame: frame.below })
        return
      }
      const decorator = inputDecorator(param)
      if (decorator) {
        const text = sourceCode.getText(decorator)
        found(decorator, full, step, path.length > 0 ? `${text} ${sourceCode.getText(name)}` : text)
        return
      }
      if (index === 0 && isToolBody(fn, sourceCode)) {
        if (full[0] === undefined || !isFilledIn(fn, full[0], sourceCode))
          found(name, full, step, spelledParameter(pattern, step))
        return
      }
      if (
        isHandlerInput({ fn, index, pattern, path: inside }, sourceCode) ||
        isInputOfHandler(fn, full, index, step)
      ) {
        found(name, full, step, spelledParameter(pattern, step))
        return
      }
      ofCallers(fn, index, full, step)
    }
  }

  /** `async ({ input }) =>` written as `(opts) => opts.input`. */
  function isInputOfHandler(fn: FunctionNode, path: Path, index: number, step: Step): boolean {
    const pattern = paramsOf(fn)[index]!
    return (
      path[0] === 'input' &&
      pattern.type === 'Identifier' &&
      isHandlerInput({ fn, index, pattern, path }, step.file.sourceCode)
    )
  }

  function spelledParameter(pattern: Node, { file }: Step): string {
    return pattern.type === 'Identifier' ? file.sourceCode.getText(pattern).replace(/\??:.*/s, '') : 'input'
  }

  function ofCallers(fn: FunctionNode, index: number, path: Path, step: Step): void {
    const { parent } = fn
    if (parent.type === 'CallExpression' && parent.callee !== fn && ofCallback(fn, parent, index, path, step))
      return
    if (local) return
    const place = { file: step.file, node: fn }
    const way = { label: labelOf(place, index, path), next: step.way }
    if (index === 0) for (const mention of graph.handedAt(place)) ofHanded(mention, path, way)
    for (const { file, node } of graph.callsOf(place)) {
      if (node.type === 'JSXOpeningElement') ofAttributes({ file, node }, path, way)
      else {
        const passed = passedBy(node, index)
        if (passed && (path[0] === undefined || mayHave(passed, path[0], file)))
          hop({ file, node: passed }, path, way)
      }
    }
  }

  /** A function that is written where it is handed to another, which calls it with what it has. */
  function ofCallback(
    fn: FunctionNode,
    call: TSESTree.CallExpression,
    index: number,
    path: Path,
    step: Step,
  ): boolean {
    const callee = unwrap(call.callee)
    if (callee.type === 'MemberExpression' && index === 0) {
      const name = memberName(step.file.sourceCode, callee) ?? ''
      if (name === 'then') {
        follow(callee.object, path, step)
        return true
      }
      if (iterations.has(name) && call.arguments[0] === fn) {
        follow(callee.object, [element, ...path], step)
        return true
      }
    }
    const position = call.arguments.indexOf(fn as never)
    for (const run of graph.calledBy({ file: step.file, node: call })) {
      const param = paramsOf(run.node)[position]
      const variable = param?.type === 'Identifier' ? variableOf(run.file.sourceCode, param) : undefined
      const frame = { fn: run.node, call, file: step.file, below: step.frame }
      if (lengthOfFrames(frame) > limits.frames) continue
      for (const use of variable ? callsOf(variable) : []) {
        const passed = passedBy(use, index)
        if (passed) follow(passed, path, { ...step, file: run.file, frame })
      }
    }
    return false
  }

  /** A function that is handed on by its name: `ids.map(forget)`, `registerTool('forget', config, forget)`. */
  function ofHanded({ file, node }: Place, path: Path, way: Way): void {
    const { sourceCode } = file
    if (isToolBody(node, sourceCode)) {
      if (path[0] !== undefined && isFilledIn(node, path[0], sourceCode)) return
      const passed = { file, node }
      found(node, path, { file, frame: undefined, passed, way, seen: new Map(), depth: 0 }, 'input')
    }
    const call = node.parent
    const callee =
      call?.type === 'CallExpression' && call.arguments[0] === node ? unwrap(call.callee) : undefined
    if (callee?.type !== 'MemberExpression') return
    const name = memberName(sourceCode, callee) ?? ''
    if (name === 'then') hop({ file, node: callee.object }, path, way)
    else if (iterations.has(name)) hop({ file, node: callee.object }, [element, ...path], way)
  }

  function ofAttributes(element: Place<TSESTree.JSXOpeningElement>, path: Path, way: Way): void {
    const [name, ...rest] = path
    for (const attribute of element.node.attributes.toReversed()) {
      if (attribute.type === 'JSXSpreadAttribute') {
        hop({ file: element.file, node: attribute.argument }, path, way)
        continue
      }
      if (attribute.name.name !== name) continue
      if (attribute.value) hop({ file: element.file, node: attribute.value }, rest, way)
      return
    }
  }
}

function passedBy(call: Frame['call'], index: number): Node | undefined {
  const before = call.arguments.slice(0, index + 1)
  return before.some(({ type }) => type === 'SpreadElement') ? undefined : before[index]
}

/** The call that is looked into by which a function runs. */
function frameOf(fn: FunctionNode, frame: Frame | undefined): Frame | undefined {
  for (let at = frame; at; at = at.below) if (at.fn === fn) return at
  return undefined
}

const isWithin = (fn: FunctionNode, frame: Frame | undefined): boolean => frameOf(fn, frame) !== undefined

function keyOf(frame: Frame | undefined): string {
  let key = ''
  for (let at = frame; at; at = at.below) key += `${at.file.name}:${at.call.range[0]} `
  return key
}

function lengthOfFrames(frame: Frame | undefined): number {
  let length = 0
  for (let at = frame; at; at = at.below) length++
  return length
}

function lengthOf(way: Way | undefined): number {
  let length = 0
  for (let at = way; at; at = at.next) length++
  return length
}

/** Whether a key was not there yet under a node; it is from now on. */
function isNew(seen: Map<Node, Set<string>>, node: Node, key: string): boolean {
  const keys = seen.get(node)
  if (!keys) seen.set(node, new Set([key]))
  else if (keys.has(key)) return false
  else keys.add(key)
  return true
}

const nameOfClass = ({ id }: ClassNode): string => id?.name ?? 'class'

/** A function with the parameter that a value goes in by: `MemoryService.search({ userId })`. */
function labelOf({ file, node }: Place<FunctionNode>, index: number, path: Path): string {
  const { sourceCode } = file
  const param = paramsOf(node)[index]
  const root = param?.type === 'TSParameterProperty' ? param.parameter : param
  const pattern = root?.type === 'AssignmentPattern' ? root.left : root
  const [key] = path
  const given = key !== undefined ? `{ ${key} }` : pattern?.type === 'Identifier' ? pattern.name : '…'
  const { parent } = node
  const holder = enclosing(node, isClass)
  if (parent.type === 'MethodDefinition' && parent.kind === 'constructor')
    return `new ${holder ? nameOfClass(holder) : ''}(${given})`
  const owner = holder?.id && parent.parent === holder.body ? `${holder.id.name}.` : ''
  const named =
    node.id?.name ??
    (parent.type === 'VariableDeclarator' && parent.id.type === 'Identifier'
      ? parent.id.name
      : 'key' in parent
        ? keyName(sourceCode, parent as never)
        : undefined)
  return `${owner}${named ?? 'function'}(${given})`
}
