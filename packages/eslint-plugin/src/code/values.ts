import type { TSESLint, TSESTree } from '@typescript-eslint/utils'
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
  walk,
} from './syntax.ts'

/** What an expression may hold, as far as the bindings of one file tell. Promises count as what they resolve to. */
export type Value =
  /** Something a module exports; an empty path is the module itself. */
  | { readonly kind: 'export'; readonly module: string; readonly path: readonly string[] }
  | { readonly kind: 'instance'; readonly of: Value; readonly node?: TSESTree.NewExpression }
  | { readonly kind: 'result'; readonly of: Value; readonly call: Node }
  | { readonly kind: 'member'; readonly of: Value; readonly name: string }
  | { readonly kind: 'function'; readonly node: FunctionNode }
  | {
      readonly kind: 'signature'
      readonly node: { readonly returnType?: TSESTree.TSTypeAnnotation | undefined }
    }
  | { readonly kind: 'class'; readonly node: ClassNode }
  | { readonly kind: 'object'; readonly node: TSESTree.ObjectExpression }
  | { readonly kind: 'shape'; readonly members: readonly TSESTree.TypeElement[] }
  | { readonly kind: 'collection'; readonly of: () => readonly Value[] }
  /** A value of another file, to be read by that file's bindings. */
  | { readonly kind: 'foreign'; readonly of: Value; readonly values: Values }

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

export interface Values {
  /** What an expression, or a pattern's variable, may hold. */
  of(node: Node): readonly Value[]
  ofVariable(variable: Variable): readonly Value[]
  /** What one property of a value may hold. */
  property(value: Value, name: string): readonly Value[]
  /** The arguments that the calls in this file pass for one parameter of a function. */
  argumentsFor(fn: FunctionNode, index: number): readonly Node[]
  /** What calling a value may give. */
  result(value: Value, call: Node): readonly Value[]
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
const wrappers = new Set([
  'Promise',
  'PromiseLike',
  'Awaited',
  'NonNullable',
  'Readonly',
  'Partial',
  'Required',
  'Pick',
  'Omit',
])
const collections = new Set(['Map', 'WeakMap', 'Record', 'Array', 'ReadonlyArray', 'ReadonlyMap', 'Set'])
const collectionReads = new Set(['get', 'at', 'pop', 'shift', 'find'])
const collectionWrites = new Set(['set', 'push', 'unshift', 'add'])

/** How containers hand out what is asked for by its class. */
const injectors = new Set(['get', 'resolve', 'inject'])

/** A property by its name, or an element by its position. */
type Step = string | number

/** More than enough of what one expression may hold; past it, reading on only takes time. */
const most = 64

/** The values without those that stand for the same piece of code twice. */
function distinct(values: readonly Value[]): readonly Value[] {
  if (values.length < 2) return values
  const nodes = new Set<unknown>()
  const kept = values.filter((value) => {
    const same = value.kind === 'function' || value.kind === 'class' || value.kind === 'object'
    const key = same ? value.node : value
    return nodes.has(key) ? false : nodes.add(key)
  })
  return kept.slice(0, most)
}

const isConstructible = ({ kind }: Value): boolean =>
  kind === 'export' || kind === 'class' || kind === 'foreign'

/** Marks a value so that the bindings of its own file go on reading it. */
export function fromElsewhere(value: Value, values: Values): Value {
  const rooted = (at: Value): boolean =>
    at.kind === 'export' ||
    ((at.kind === 'instance' || at.kind === 'result' || at.kind === 'member') && rooted(at.of))
  return value.kind === 'foreign' || rooted(value) ? value : { kind: 'foreign', of: value, values }
}

export function createValues({ sourceCode, follows, asks, oracle, imports }: ValuesOptions): Values {
  const seen = new Map<Node | Variable, readonly Value[]>()
  const reading = new Map<Node, Set<string>>()
  let assignments: Map<string, TSESTree.AssignmentExpression[]> | undefined
  let registrations: Map<string, Node[]> | undefined

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

  const of = (node: Node): readonly Value[] => remembered(node, () => evaluate(node))
  const ofVariable = (variable: Variable): readonly Value[] =>
    remembered(variable, () => evaluateVariable(variable))
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
          ...follow(initial(declarator), pathTo(declarator.id, definition.name) ?? [], declarator.init),
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
      const path = pathTo(root, name)
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

  function argumentsFor(fn: FunctionNode, index: number): readonly Node[] {
    const parent = fn.parent
    if (parent.type === 'CallExpression') {
      if (parent.callee === fn) return [parent.arguments[index]].filter((node) => node !== undefined)
      const callee = unwrap(parent.callee)
      const then = callee.type === 'MemberExpression' && memberName(sourceCode, callee) === 'then'
      if (then) return index === 0 && parent.arguments[0] === fn ? [callee.object] : []
      return passedTo(callee, parent.arguments.indexOf(fn as never), index)
    }
    const owner =
      parent.type === 'VariableDeclarator' && parent.id.type === 'Identifier'
        ? parent.id
        : fn.type === 'FunctionDeclaration'
          ? fn.id
          : parent.type === 'MethodDefinition' && parent.kind === 'constructor'
            ? classOwner(parent.parent.parent)
            : undefined
    const variable = owner && findVariable(sourceCode, owner, owner.name)
    if (!variable) return []
    return variable.references.flatMap(({ identifier }) => {
      const use = identifier.parent
      const isCall =
        (use.type === 'CallExpression' || use.type === 'NewExpression') && use.callee === (identifier as Node)
      const argument = isCall ? use.arguments[index] : undefined
      return argument ? [argument] : []
    })
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

  /** What a function of this file passes on to a callback it is given. */
  function passedTo(callee: Node, position: number, index: number): readonly Node[] {
    if (callee.type !== 'Identifier') return []
    return of(callee).flatMap((value) => {
      const param = value.kind === 'function' ? value.node.params[position] : undefined
      if (param?.type !== 'Identifier') return []
      const variable = findVariable(sourceCode, param, param.name)
      return (variable?.references ?? []).flatMap(({ identifier }) => {
        const use = identifier.parent
        const argument =
          use.type === 'CallExpression' && use.callee === (identifier as Node)
            ? use.arguments[index]
            : undefined
        return argument ? [argument] : []
      })
    })
  }

  function classOwner(node: ClassNode): TSESTree.Identifier | null | undefined {
    if (node.id) return node.id
    return node.parent.type === 'VariableDeclarator' && node.parent.id.type === 'Identifier'
      ? node.parent.id
      : undefined
  }

  /** The steps from a pattern to the name it binds; none for another pattern's name. */
  function pathTo(pattern: Node, name: Node): Step[] | undefined {
    if (pattern === name) return []
    switch (pattern.type) {
      case 'AssignmentPattern':
        return pathTo(pattern.left, name)
      case 'ObjectPattern':
        for (const property of pattern.properties) {
          const rest = pathTo(property.type === 'RestElement' ? property.argument : property.value, name)
          if (rest) {
            const key = property.type === 'RestElement' ? 'rest' : keyName(sourceCode, property)
            return key === 'rest' ? rest : key === undefined ? undefined : [key, ...rest]
          }
        }
        return undefined
      case 'ArrayPattern':
        for (const [index, element] of pattern.elements.entries()) {
          const rest = element && pathTo(element, name)
          if (rest) return [index, ...rest]
        }
        return undefined
      default:
        return undefined
    }
  }

  /** The steps from the left side of an assignment to a name in it. */
  function patternPath(name: Node): Step[] | undefined {
    const assignment = enclosing(name, (node) => node.type === 'AssignmentExpression')
    return assignment && pathTo(assignment.left, name)
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
      const put = key === undefined ? undefined : registered().get(`set ${key}`)
      if (put && of(callee.object).length === 0) return ofAll(put)
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
    const writes = (assignmentsTo().get(name) ?? []).filter((assignment) => {
      const { object } = assignment.left as TSESTree.MemberExpression
      if (object.type === 'ThisExpression')
        return of(object).some((value) =>
          isStatic
            ? value.kind === 'class' && value.node === node
            : value.kind === 'instance' && value.of.kind === 'class' && value.of.node === node,
        )
      return isStatic && object.type === 'Identifier' && object.name === node.id?.name
    })
    found.push(...ofAll(writes.map((assignment) => assignment.right)))
    return declared || writes.length > 0 ? found : undefined
  }

  /** What is written elsewhere in the file to the same property of the same thing, by its spelling. */
  function assigned(node: TSESTree.MemberExpression, name: string): readonly Value[] {
    const spelling = spelled(node.object)
    if (!spelling || (spelling === 'this' && enclosing(node, isClass))) return nothing
    const written = (assignmentsTo().get(name) ?? [])
      .filter((assignment) => spelled((assignment.left as TSESTree.MemberExpression).object) === spelling)
      .map((assignment) => assignment.right)
    return ofAll([...written, ...(registered().get(`decorate ${name}`) ?? [])])
  }

  function spelled(node: Node): string | undefined {
    const inner = unwrap(node)
    if (inner.type === 'ThisExpression') return 'this'
    if (inner.type === 'Identifier') return inner.name === 'global' ? 'globalThis' : aliasOfGlobal(inner)
    if (inner.type !== 'MemberExpression') return undefined
    const object = spelled(inner.object)
    const name = memberName(sourceCode, inner)
    if (!object || !name) return undefined
    // `req.app.locals` is `app.locals`.
    return object.endsWith('.app') ? `app.${name}` : `${object}.${name}`
  }

  /** `const g = globalThis as unknown as {…}` is spelled like `globalThis`. */
  function aliasOfGlobal(node: TSESTree.Identifier): string {
    const definition = findVariable(sourceCode, node, node.name)?.defs[0]
    const init = definition?.type === 'Variable' ? definition.node.init : undefined
    const inner = init ? unwrap(init) : undefined
    return inner?.type === 'Identifier' && (inner.name === 'globalThis' || inner.name === 'global')
      ? 'globalThis'
      : node.name
  }

  function assignmentsTo(): Map<string, TSESTree.AssignmentExpression[]> {
    if (assignments) return assignments
    const found = (assignments = new Map<string, TSESTree.AssignmentExpression[]>())
    walk(sourceCode, sourceCode.ast, (node) => {
      if (node.type !== 'AssignmentExpression' || node.left.type !== 'MemberExpression') return
      const name = memberName(sourceCode, node.left)
      if (name === undefined) return
      const known = found.get(name)
      if (known) known.push(node)
      else found.set(name, [node])
    })
    return found
  }

  /** What is put under a name by `c.set('name', …)`, `app.decorate('name', …)`. */
  function registered(): Map<string, Node[]> {
    if (registrations) return registrations
    const found = (registrations = new Map<string, Node[]>())
    walk(sourceCode, sourceCode.ast, (node) => {
      if (node.type !== 'CallExpression' || node.arguments.length !== 2) return
      const callee = unwrap(node.callee)
      const method = callee.type === 'MemberExpression' ? memberName(sourceCode, callee) : undefined
      const name = method === 'set' || method === 'decorate' ? literalString(node.arguments[0]) : undefined
      if (name === undefined) return
      const key = `${method} ${name}`
      const values = found.get(key)
      if (values) values.push(node.arguments[1] as Node)
      else found.set(key, [node.arguments[1] as Node])
    })
    return found
  }

  // Types, as they are written

  function ofType(node: TSESTree.TypeNode): readonly Value[] {
    return remembered(node, () => evaluateType(node))
  }

  function evaluateType(node: TSESTree.TypeNode): readonly Value[] {
    switch (node.type) {
      case 'TSUnionType':
      case 'TSIntersectionType':
        return node.types.flatMap(ofType)
      case 'TSTypeLiteral':
        return [{ kind: 'shape', members: node.members }]
      case 'TSArrayType':
        return [{ kind: 'collection', of: () => ofType(node.elementType) }]
      case 'TSTypeOperator':
        return node.typeAnnotation ? ofType(node.typeAnnotation) : nothing
      case 'TSFunctionType':
        return [{ kind: 'signature', node }]
      case 'TSTypeQuery':
        return node.exprName.type === 'TSImportType' ? nothing : ofEntity(node.exprName)
      case 'TSImportType': {
        const name = node.qualifier?.type === 'Identifier' ? node.qualifier.name : undefined
        const source = 'source' in node ? node.source : undefined
        return exported(literalString(source as Node), name ? [name] : []).map((of) => ({
          kind: 'instance',
          of,
        }))
      }
      case 'TSTypeReference':
        return referencedType(node)
      default:
        return nothing
    }
  }

  function ofEntity(name: TSESTree.EntityName): readonly Value[] {
    if (name.type === 'TSQualifiedName')
      return ofEntity(name.left).flatMap((value) => property(value, name.right.name))
    return name.type === 'Identifier' ? of(name) : of(name)
  }

  function referencedType(node: TSESTree.TSTypeReference): readonly Value[] {
    const { typeName } = node
    const params = node.typeArguments?.params ?? []
    if (typeName.type === 'Identifier') {
      const { name } = typeName
      const variable = findVariable(sourceCode, node, name)
      const definition = variable?.defs[0]
      if (definition?.node.type === 'TSTypeParameter')
        return definition.node.constraint ? ofType(definition.node.constraint) : nothing
      if (definition?.node.type === 'TSTypeAliasDeclaration') return ofType(definition.node.typeAnnotation)
      if (definition?.node.type === 'TSInterfaceDeclaration') return interfaceShape(variable as Variable)
      if (!definition || definition.type === ('ImplicitGlobalVariable' as string)) {
        const last = params.at(-1)
        if (wrappers.has(name) && params[0]) return ofType(params[0])
        if (collections.has(name) && last) return [{ kind: 'collection', of: () => ofType(last) }]
        if (name === 'ReturnType' && params[0])
          return ofType(params[0]).flatMap((value) => result(value, node))
        if (name === 'InstanceType' && params[0])
          return ofType(params[0]).map((value) => ({ kind: 'instance', of: value }))
      }
    }
    return ofEntity(typeName)
      .filter(isConstructible)
      .map((value) => ({ kind: 'instance', of: value }))
  }

  function interfaceShape(variable: Variable): readonly Value[] {
    return variable.defs.flatMap(({ node }) => {
      if (node.type !== 'TSInterfaceDeclaration') return nothing
      const inherited = node.extends.flatMap(({ expression }) => {
        if (expression.type !== 'Identifier') return nothing
        const base = findVariable(sourceCode, node, expression.name)
        if (base?.defs[0]?.node.type === 'TSInterfaceDeclaration') return interfaceShape(base)
        return of(expression).map((value): Value => ({ kind: 'instance', of: value }))
      })
      return [{ kind: 'shape', members: node.body.body }, ...inherited]
    })
  }

  return { of, ofVariable, property, argumentsFor, result }
}
