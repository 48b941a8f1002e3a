import type { TSESLint, TSESTree } from '@typescript-eslint/utils'
import { createCallers } from './callers.ts'
import { pathTo, type Step } from './patterns.ts'
import {
  type ClassNode,
  enclosing,
  findVariable,
  type FunctionNode,
  isClass,
  isFunction,
  keyName,
  literalString,
  memberName,
  type Node,
  returned,
  type SourceCode,
  unwrap,
  type Variable,
} from './syntax.ts'
import { distinct, fromElsewhere, isConstructible, type Value, type Values } from './abstract-value.ts'
import { createWrites } from './property-writes.ts'
import { collections, createWrittenTypes } from './evaluate-type.ts'

const nothing: readonly Value[] = []

/** One more look at a receiver that bindings say nothing about, such as its type, for the member that is read. */
export type Oracle = (receiver: Node, name: string) => readonly Value[]

export interface ValuesOptions {
  readonly sourceCode: SourceCode
  /** Whether exports of this module are worth following. */
  readonly follows: (module: string) => boolean
  /** Members for whose receivers the oracle is asked. */
  readonly asks?: (name: string) => boolean
  readonly oracle?: Oracle | undefined
  /** What a name imported from another file of the project stands for. */
  readonly imports?: ((specifier: Node) => readonly Value[]) | undefined
}

const builders = new Set(['then', 'catch', 'finally'])
const transparent = new Set([
  'values',
  'freeze',
  'seal',
  'assign',
  'resolve',
  'all',
  'allSettled',
  'race',
  'any',
])
const collectionReads = new Set(['get', 'at', 'pop', 'shift', 'find'])
const collectionWrites = new Set(['set', 'push', 'unshift', 'add'])

/** How containers hand out what is asked for by its class. */
const injectors = new Set(['get', 'resolve', 'inject'])

export function createValues({ sourceCode, follows, asks, oracle, imports }: ValuesOptions): Values {
  const seen = new Map<Node | Variable, readonly Value[]>()
  const reading = new Map<Node, Set<string>>()
  const writes = createWrites(sourceCode)
  const argumentsFor = createCallers(sourceCode, of)
  const ofType = createWrittenTypes(sourceCode, { of, property, result, exported, remembered })

  function remembered(key: Node | Variable, compute: () => readonly Value[]): readonly Value[] {
    const known = seen.get(key)
    if (known) return known
    seen.set(key, nothing)
    const values = distinct(compute())
    seen.set(key, values)
    return values
  }

  /** Reads one member of something written in this file; what leads back to itself adds nothing. */
  function once(node: Node, name: string, compute: () => readonly Value[]): readonly Value[] {
    const names = reading.get(node) ?? new Set<string>()
    reading.set(node, names)
    if (names.has(name)) return nothing
    names.add(name)
    try {
      return compute()
    } finally {
      names.delete(name)
    }
  }

  function of(node: Node): readonly Value[] {
    return remembered(node, () => evaluate(node))
  }

  function ofVariable(variable: Variable): readonly Value[] {
    return remembered(variable, () => evaluateVariable(variable))
  }

  const ofAll = (nodes: readonly (Node | null | undefined)[]): readonly Value[] =>
    nodes.flatMap((node) => (node ? of(node) : nothing))

  function exported(module: unknown, path: readonly string[]): readonly Value[] {
    return typeof module === 'string' && follows(module) ? [{ kind: 'export', module, path }] : nothing
  }

  function evaluate(node: Node): readonly Value[] {
    const inner = unwrap(node)
    const claimed = claimedType(node)
    if (claimed.length > 0) return claimed
    switch (inner.type) {
      case 'Identifier': {
        const variable = findVariable(sourceCode, inner, inner.name)
        return variable ? ofVariable(variable) : nothing
      }
      case 'NewExpression':
        return construct(inner)
      case 'CallExpression':
        return call(inner)
      case 'ImportExpression':
        return exported(literalString(inner.source), [])
      case 'MemberExpression':
        return member(inner)
      case 'ConditionalExpression':
        return ofAll([inner.consequent, inner.alternate])
      case 'LogicalExpression':
        return ofAll([inner.left, inner.right])
      case 'AssignmentExpression':
        return ofAll(inner.operator === '=' ? [inner.right] : [inner.left, inner.right])
      case 'SequenceExpression':
        return ofAll(inner.expressions.slice(-1))
      case 'ObjectExpression':
        return [{ kind: 'object', node: inner }]
      case 'ArrayExpression':
        return [{ kind: 'collection', of: () => ofAll(inner.elements) }]
      case 'ClassExpression':
      case 'ClassDeclaration':
        return [{ kind: 'class', node: inner }]
      case 'FunctionDeclaration':
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        return [{ kind: 'function', node: inner }]
      case 'ThisExpression':
        return ofThis(inner)
      default:
        return nothing
    }
  }

  function ofThis(node: Node): readonly Value[] {
    for (let at: Node = node; at.parent; at = at.parent) {
      const { parent }: Node = at
      if (isClass(parent.parent) && parent.type === 'ClassBody') {
        const value: Value = { kind: 'class', node: parent.parent }
        return at.type === 'StaticBlock' || ('static' in at && at.static)
          ? [value]
          : [{ kind: 'instance', of: value }]
      }
      if (parent.type === 'Property' && isFunction(at) && at.type !== 'ArrowFunctionExpression')
        return of(parent.parent)
    }
    return nothing
  }

  /** The type of a cast, `x as MemoryClient`. */
  function claimedType(node: Node): readonly Value[] {
    if (
      node.type === 'TSAsExpression' ||
      node.type === 'TSTypeAssertion' ||
      node.type === 'TSSatisfiesExpression'
    )
      return ofType(node.typeAnnotation)
    if (node.type === 'TSNonNullExpression' || node.type === 'ChainExpression')
      return claimedType(node.expression)
    return node.type === 'AwaitExpression' ? claimedType(node.argument) : nothing
  }

  // Variables

  function evaluateVariable(variable: Variable): readonly Value[] {
    const values: Value[] = []
    for (const definition of variable.defs) values.push(...ofDefinition(variable, definition))
    for (const reference of variable.references) {
      const target = reference.identifier
      if (!reference.isWrite() || reference.init || !reference.writeExpr) continue
      const at = patternPath(target)
      if (at) values.push(...follow(of(reference.writeExpr), at, reference.writeExpr))
    }
    if (values.some(({ kind }) => kind === 'collection' || kind === 'object'))
      values.push(...filled(variable))
    return values
  }

  function ofDefinition(variable: Variable, definition: TSESLint.Scope.Definition): readonly Value[] {
    switch (definition.type as string) {
      case 'ImportBinding':
        return imported(definition)
      case 'FunctionName':
      case 'ClassName':
        return of(definition.node)
      case 'Parameter':
        return parameter(definition.name, definition.node as FunctionNode)
      case 'Variable': {
        const declarator = definition.node as TSESTree.VariableDeclarator
        return [
          ...annotated(definition.name),
          ...follow(
            initial(declarator),
            pathTo(declarator.id, definition.name, sourceCode) ?? [],
            declarator.init,
          ),
        ]
      }
      default:
        return nothing
    }
  }

  function initial(declarator: TSESTree.VariableDeclarator): readonly Value[] {
    const loop = declarator.parent.parent
    if (loop.type === 'ForOfStatement' && loop.left === declarator.parent)
      return of(loop.right).flatMap((value) => (value.kind === 'collection' ? value.of() : nothing))
    return [...annotated(declarator.id), ...ofAll([declarator.init])]
  }

  function imported(definition: TSESLint.Scope.Definition): readonly Value[] {
    const node = definition.node as Node
    if (node.type === 'TSImportEqualsDeclaration')
      return node.moduleReference.type === 'TSExternalModuleReference'
        ? exported(literalString(node.moduleReference.expression), [])
        : of(node.moduleReference)
    const module = (definition.parent as TSESTree.ImportDeclaration).source.value
    if (!follows(module)) return imports?.(node) ?? nothing
    if (node.type === 'ImportNamespaceSpecifier') return exported(module, [])
    if (node.type === 'ImportDefaultSpecifier') return exported(module, ['default'])
    const name = (node as TSESTree.ImportSpecifier).imported
    return exported(module, [name.type === 'Identifier' ? name.name : name.value])
  }

  function annotated(node: Node): readonly Value[] {
    const annotation = (node as { typeAnnotation?: TSESTree.TSTypeAnnotation }).typeAnnotation
    return annotation ? ofType(annotation.typeAnnotation) : nothing
  }

  function parameter(name: Node, fn: FunctionNode): readonly Value[] {
    const values: Value[] = []
    for (const [index, param] of fn.params.entries()) {
      const root = param.type === 'TSParameterProperty' ? param.parameter : param
      const path = pathTo(root, name, sourceCode)
      if (!path) continue
      const pattern = root.type === 'AssignmentPattern' ? root.left : root
      const fallback = root.type === 'AssignmentPattern' ? of(root.right) : nothing
      values.push(...follow([...annotated(pattern), ...fallback], path))
      if (index === 0) values.push(...follow(iterated(fn), path))
      values.push(...follow(announced(fn, index), path))
      for (const argument of argumentsFor(fn, index)) values.push(...follow(of(argument), path, argument))
    }
    return values
  }

  /** What a callback of `list.forEach(…)` and the like is called with first. */
  function iterated(fn: FunctionNode): readonly Value[] {
    const call = fn.parent
    if (call.type !== 'CallExpression' || call.arguments[0] !== fn) return nothing
    const callee = unwrap(call.callee)
    if (callee.type !== 'MemberExpression') return nothing
    return of(callee.object).flatMap((value) => (value.kind === 'collection' ? value.of() : nothing))
  }

  /** The type that the function which takes a callback gives to one of the callback's parameters. */
  function announced(fn: FunctionNode, index: number): readonly Value[] {
    const call = fn.parent
    if (call.type !== 'CallExpression' || call.callee === fn) return nothing
    return of(call.callee).flatMap((value) => {
      const param =
        value.kind === 'function' ? value.node.params[call.arguments.indexOf(fn as never)] : undefined
      const type = param?.type === 'Identifier' ? param.typeAnnotation?.typeAnnotation : undefined
      const passed = type?.type === 'TSFunctionType' ? type.params[index] : undefined
      return passed ? annotated(passed) : nothing
    })
  }

  /** The steps from the left side of an assignment to a name in it. */
  function patternPath(name: Node): Step[] | undefined {
    const assignment = enclosing(name, (node) => node.type === 'AssignmentExpression')
    return assignment && pathTo(assignment.left, name, sourceCode)
  }

  function follow(values: readonly Value[], path: readonly Step[], source?: Node | null): readonly Value[] {
    let current = values
    for (const [index, step] of path.entries()) {
      if (typeof step === 'number')
        current = current.flatMap((value) => (value.kind === 'collection' ? value.of() : nothing))
      else {
        if (index === 0 && current.length === 0 && source && asks?.(step))
          current = oracle?.(source, step) ?? nothing
        current = current.flatMap((value) => property(value, step))
      }
    }
    return current
  }

  /** What is put into a collection that a variable holds. */
  function filled(variable: Variable): readonly Value[] {
    const added: Node[] = []
    for (const { identifier } of variable.references) {
      const use = identifier.parent
      if (use.type !== 'MemberExpression' || use.object !== (identifier as Node)) continue
      const name = memberName(sourceCode, use)
      const outer = use.parent
      if (outer.type === 'CallExpression' && outer.callee === use && name && collectionWrites.has(name))
        added.push(...outer.arguments.slice(-1))
      else if (use.computed && outer.type === 'AssignmentExpression' && outer.left === use)
        added.push(outer.right)
    }
    return added.length > 0 ? [{ kind: 'collection', of: () => ofAll(added) }] : nothing
  }

  // Expressions

  function construct(node: TSESTree.NewExpression): readonly Value[] {
    const built = of(node.callee).filter(isConstructible)
    if (built.length > 0) return built.map((value) => ({ kind: 'instance', of: value, node }))
    if (node.callee.type !== 'Identifier') return nothing
    if (node.callee.name === 'Proxy') return ofAll(node.arguments.slice(0, 1))
    if (!collections.has(node.callee.name)) return nothing
    const element = node.typeArguments?.params.at(-1)
    return [{ kind: 'collection', of: () => (element ? ofType(element) : nothing) }]
  }

  function call(node: TSESTree.CallExpression): readonly Value[] {
    const callee = unwrap(node.callee)
    if (callee.type === 'Super') return nothing
    if (callee.type === 'Identifier' && callee.name === 'require')
      return exported(literalString(node.arguments[0]), [])
    if (callee.type === 'MemberExpression') {
      const special = callOnMember(node, callee)
      if (special) return special
    }
    const callees = of(callee)
    if (callees.length > 0) return callees.flatMap((value) => result(value, node))
    const told = node.typeArguments?.params[0]
    if (told) {
      const claimed = ofType(told)
      const name = callee.type === 'Identifier' ? callee.name : undefined
      if (claimed.length > 0)
        return name === 'useState' || name === 'useRef'
          ? [{ kind: 'collection', of: () => claimed }]
          : claimed
    }
    // A wrapper of unknown make around something that builds a value: cache(() => new Client()).
    const injects = callee.type === 'MemberExpression' && injectors.has(memberName(sourceCode, callee) ?? '')
    return node.arguments.flatMap((argument) => {
      const built = argument.type === 'SpreadElement' ? nothing : of(argument)
      if (injects && built.some((value) => value.kind === 'export'))
        return built.map((value): Value => ({ kind: 'instance', of: value }))
      return built.flatMap((value) =>
        value.kind === 'function' ? [value, ...result(value, node).filter(isForeign)] : nothing,
      )
    })
  }

  const isForeign = (value: Value): boolean => value.kind === 'instance' && value.of.kind === 'export'

  function callOnMember(
    node: TSESTree.CallExpression,
    callee: TSESTree.MemberExpression,
  ): readonly Value[] | undefined {
    const name = memberName(sourceCode, callee)
    const first = node.arguments[0]
    if (callee.object.type === 'Identifier') {
      if (callee.object.name === 'Reflect' && name === 'get') {
        const key = literalString(node.arguments[1])
        return first && key !== undefined ? read(first, key) : nothing
      }
      if (callee.object.name === 'Reflect' && name === 'construct' && first)
        return of(first)
          .filter(isConstructible)
          .map((value) => ({ kind: 'instance', of: value }))
      const global = callee.object.name === 'Object' || callee.object.name === 'Promise'
      if (global && name && transparent.has(name)) return ofAll([first])
      if (callee.object.name === 'jest' || callee.object.name === 'vi') return nothing
    }
    if (name === undefined) return undefined
    if (builders.has(name)) {
      const chained = of(callee.object)
      const next = node.arguments.flatMap((argument) =>
        of(argument).flatMap((value) => (value.kind === 'function' ? result(value, node) : nothing)),
      )
      return name === 'then' ? next : [...chained, ...next]
    }
    if (name === 'bind') {
      const target = of(callee.object)
      if (target.length > 0) return target
    }
    if (collectionReads.has(name)) {
      const held = of(callee.object).flatMap((value) => (value.kind === 'collection' ? value.of() : nothing))
      if (held.length > 0) return held
      const key = name === 'get' ? literalString(first) : undefined
      const put = key === undefined ? [] : writes.registered('set', key)
      if (put.length > 0 && of(callee.object).length === 0) return ofAll(put)
    }
    return undefined
  }

  function result(value: Value, node: Node): readonly Value[] {
    switch (value.kind) {
      case 'function':
        return [
          ...(value.node.returnType ? ofType(value.node.returnType.typeAnnotation) : nothing),
          ...ofAll(returned(sourceCode, value.node)),
        ]
      case 'foreign':
        return value.values.result(value.of, node).map((inner) => fromElsewhere(inner, value.values))
      case 'signature':
        return value.node.returnType ? ofType(value.node.returnType.typeAnnotation) : nothing
      case 'export':
      case 'member':
      case 'result':
        return [{ kind: 'result', of: value, call: node }]
      default:
        return nothing
    }
  }

  function member(node: TSESTree.MemberExpression): readonly Value[] {
    const name = memberName(sourceCode, node)
    if (name === undefined)
      return of(node.object).flatMap((value) => (value.kind === 'collection' ? value.of() : nothing))
    return [...read(node.object, name), ...assigned(node, name)]
  }

  function read(receiver: Node, name: string): readonly Value[] {
    let receivers = receiver.type === 'Super' ? superOf(receiver) : of(receiver)
    if (receivers.length === 0 && asks?.(name)) receivers = oracle?.(receiver, name) ?? nothing
    return receivers.flatMap((value) => property(value, name))
  }

  function superOf(node: Node): readonly Value[] {
    const base = enclosing(node, isClass)?.superClass
    return base ? of(base).map((value) => ({ kind: 'instance', of: value })) : nothing
  }

  function property(value: Value, name: string): readonly Value[] {
    switch (value.kind) {
      case 'export':
        return [{ ...value, path: [...value.path, name] }]
      case 'instance': {
        if (value.of.kind === 'foreign') {
          const { of: owner, values } = value.of
          return values
            .property({ kind: 'instance', of: owner }, name)
            .map((inner) => fromElsewhere(inner, values))
        }
        if (value.of.kind !== 'class') return [{ kind: 'member', of: value, name }]
        const { node } = value.of
        return once(node, name, () => {
          const own = fieldOf(node, name, false)
          if (own) return own
          const base = node.superClass ? of(node.superClass) : nothing
          return base.flatMap((parent) => property({ kind: 'instance', of: parent }, name))
        })
      }
      case 'collection':
        return value.of()
      case 'foreign':
        return value.values.property(value.of, name).map((inner) => fromElsewhere(inner, value.values))
      case 'result':
        return [{ kind: 'member', of: value, name }]
      case 'class':
        return once(value.node, `static ${name}`, () => {
          const own = fieldOf(value.node, name, true)
          if (own) return own
          const base = value.node.superClass ? of(value.node.superClass) : nothing
          return base.flatMap((parent) => property(parent, name))
        })
      case 'object':
        return once(value.node, name, () =>
          value.node.properties.flatMap((entry) => {
            if (entry.type === 'SpreadElement')
              return of(entry.argument).flatMap((inner) => property(inner, name))
            return keyName(sourceCode, entry) === name
              ? getter(entry.kind === 'get', of(entry.value))
              : nothing
          }),
        )
      case 'shape':
        return value.members.flatMap((element) => {
          if (element.type === 'TSPropertySignature' && keyName(sourceCode, element) === name)
            return annotated(element)
          if (element.type === 'TSMethodSignature' && keyName(sourceCode, element) === name)
            return [{ kind: 'signature', node: element }]
          return nothing
        })
      default:
        return nothing
    }
  }

  const getter = (reads: boolean, values: readonly Value[]): readonly Value[] =>
    reads
      ? values.flatMap((value) => (value.kind === 'function' ? result(value, value.node) : nothing))
      : values

  /** What a class itself says about one of its members; `undefined` when it does not declare it. */
  function fieldOf(node: ClassNode, name: string, isStatic: boolean): readonly Value[] | undefined {
    const found: Value[] = []
    let declared = false
    for (const element of node.body.body) {
      if (element.type === 'StaticBlock' || element.type === 'TSIndexSignature') continue
      if (element.type === 'MethodDefinition' && element.kind === 'constructor' && !isStatic) {
        for (const param of element.value.params) {
          if (param.type !== 'TSParameterProperty') continue
          const pattern =
            param.parameter.type === 'AssignmentPattern' ? param.parameter.left : param.parameter
          if (pattern.name !== name) continue
          declared = true
          const variable = sourceCode.getDeclaredVariables(element.value).find((known) => known.name === name)
          found.push(...(variable ? ofVariable(variable) : annotated(pattern)))
        }
        continue
      }
      if (element.static !== isStatic || keyName(sourceCode, element) !== name) continue
      declared = true
      if (element.type === 'MethodDefinition')
        found.push(...getter(element.kind === 'get', of(element.value)))
      else if ('value' in element) found.push(...annotated(element), ...ofAll([element.value]))
    }
    const written = writes.to(name).filter((assignment) => {
      const { object } = assignment.left as TSESTree.MemberExpression
      if (object.type === 'ThisExpression')
        return of(object).some((value) =>
          isStatic
            ? value.kind === 'class' && value.node === node
            : value.kind === 'instance' && value.of.kind === 'class' && value.of.node === node,
        )
      return isStatic && object.type === 'Identifier' && object.name === node.id?.name
    })
    found.push(...ofAll(written.map((assignment) => assignment.right)))
    return declared || written.length > 0 ? found : undefined
  }

  /** What is written elsewhere in the file to the same property of the same thing, by its spelling. */
  function assigned(node: TSESTree.MemberExpression, name: string): readonly Value[] {
    const spelling = writes.spelled(node.object)
    if (!spelling || (spelling === 'this' && enclosing(node, isClass))) return nothing
    const written = writes
      .to(name)
      .filter(
        (assignment) => writes.spelled((assignment.left as TSESTree.MemberExpression).object) === spelling,
      )
      .map((assignment) => assignment.right)
    return ofAll([...written, ...writes.registered('decorate', name)])
  }

  return { of, ofVariable, property, argumentsFor, result }
}
