import type { TSESTree } from '@typescript-eslint/utils'
import {
  type AbstractValue,
  type AbstractValues,
  elementsOf,
  importedFrom,
  instancesOf,
} from './abstract-value.ts'
import { type Evaluation, nothing } from './evaluation.ts'
import { keyName, memberName } from './names.ts'
import { type ClassNode, enclosing, isCast, isClass, type Node } from './syntax.ts'

interface MemberEvaluator extends Pick<Evaluation, 'read' | 'propertyOf' | 'lookUp'> {
  readonly member: (node: TSESTree.MemberExpression) => AbstractValues
}

/** Evaluates members: of classes and their instances, of objects and types that are written out, and of modules. */
export function createMemberEvaluator(evaluation: Evaluation): MemberEvaluator {
  const { sourceCode, writes, lookUpReceiver, annotated, evaluate, evaluateAll, evaluateBehind, resultOf } =
    evaluation
  const reading = new Map<Node, Set<string>>()
  return { member, read, propertyOf, lookUp }

  /** Reads one member of something written in this file; where that comes back to the same member, it gets nothing. */
  function guarded(node: Node, name: string, compute: () => AbstractValues): AbstractValues {
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

  function member(node: TSESTree.MemberExpression): AbstractValues {
    const name = memberName(sourceCode, node)
    if (name === undefined) return elementsOf(evaluate(node.object))
    return [...read(node.object, name), ...assigned(node, name)]
  }

  function read(receiver: Node, name: string): AbstractValues {
    const receivers = receiver.type === 'Super' ? superOf(receiver) : evaluate(receiver)
    const found = receivers.flatMap((value) => propertyOf(value, name))
    return found.length > 0 ? found : lookUp(receiver, name)
  }

  function lookUp(node: Node, name: string, surely = false): AbstractValues {
    if (!lookUpReceiver) return nothing
    let receivers = lookUpReceiver(node, name, surely)
    // A cast may pick one of several types, so what it hides has to be sure.
    for (let at = node; receivers.length === 0 && isCast(at); at = at.expression)
      receivers = lookUpReceiver(at.expression, name, true)
    return receivers.flatMap((value) => propertyOf(value, name))
  }

  function superOf(node: Node): AbstractValues {
    const base = enclosing(node, isClass)?.superClass
    return base ? instancesOf(evaluate(base)) : nothing
  }

  function propertyOf(value: AbstractValue, name: string): AbstractValues {
    switch (value.kind) {
      case 'export':
        return [{ ...value, path: [...value.path, name] }]
      case 'instance':
        return ofInstance(value.of, name)
      case 'collection':
        return value.elements()
      case 'imported':
        return ofImported(value, value.of, name)
      case 'typed':
        return lookUp(value.node, name, true)
      case 'result':
      case 'member':
        return [{ kind: 'member', of: value, name }]
      case 'class':
        return guarded(value.node, `static ${name}`, () => ofClass(value.node, name))
      case 'object':
        return guarded(value.node, name, () => ofObject(value.node, name))
      case 'interface':
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

  function ofImported(
    { evaluator }: Extract<AbstractValue, { kind: 'imported' }>,
    value: AbstractValue,
    name: string,
  ): AbstractValues {
    return evaluator.propertyOf(value, name).map((inner) => importedFrom(inner, evaluator))
  }

  function ofInstance(built: AbstractValue, name: string): AbstractValues {
    if (built.kind === 'imported') return ofImported(built, { kind: 'instance', of: built.of }, name)
    if (built.kind !== 'class') return [{ kind: 'member', of: { kind: 'instance', of: built }, name }]
    const { node } = built
    return guarded(node, name, () => {
      const own = fieldOf(node, name, false)
      if (own) return own
      const bases = node.superClass ? instancesOf(evaluate(node.superClass)) : nothing
      return bases.flatMap((base) => propertyOf(base, name))
    })
  }

  function ofClass(node: ClassNode, name: string): AbstractValues {
    const own = fieldOf(node, name, true)
    if (own) return own
    const bases = node.superClass ? evaluate(node.superClass) : nothing
    return bases.flatMap((base) => propertyOf(base, name))
  }

  function ofObject(node: TSESTree.ObjectExpression, name: string): AbstractValues {
    return node.properties.flatMap((entry) => {
      if (entry.type === 'SpreadElement')
        return evaluate(entry.argument).flatMap((inner) => propertyOf(inner, name))
      if (keyName(sourceCode, entry) !== name) return nothing
      return entry.kind === 'get' ? gotten(evaluate(entry.value)) : evaluateBehind(node, [entry.value])
    })
  }

  /** What getters give when they are read. */
  function gotten(getters: AbstractValues): AbstractValues {
    return getters.flatMap((getter) => (getter.kind === 'function' ? resultOf(getter, getter.node) : nothing))
  }

  /** What a class itself says about one of its members; `undefined` when it does not declare it. */
  function fieldOf(node: ClassNode, name: string, isStatic: boolean): AbstractValues | undefined {
    const found: AbstractValue[] = []
    let declared = false
    let type: Node | undefined
    for (const element of node.body.body) {
      if (element.type === 'StaticBlock' || element.type === 'TSIndexSignature') continue
      if (element.type === 'MethodDefinition' && element.kind === 'constructor' && !isStatic) {
        const parameter = parameterProperty(element.value, name)
        if (!parameter) continue
        declared = true
        found.push(...parameter)
        continue
      }
      if (element.static !== isStatic || keyName(sourceCode, element) !== name) continue
      declared = true
      if (element.type === 'MethodDefinition') {
        const method = evaluate(element.value)
        found.push(...(element.kind === 'get' ? gotten(method) : method))
      } else if (element.type !== 'TSAbstractMethodDefinition') {
        type = element.typeAnnotation
        found.push(...annotated(element), ...evaluateBehind(type, [element.value]))
      }
    }
    const written = writes.to(name).filter((assignment) => isWriteToClass(assignment, node, isStatic))
    const values = written.map((assignment) => assignment.right)
    found.push(...evaluateBehind(type, values))
    return declared || written.length > 0 ? found : undefined
  }

  /** What `constructor(private readonly client: MemoryClient)` says of `client`. */
  function parameterProperty(
    constructor: TSESTree.MethodDefinition['value'],
    name: string,
  ): AbstractValues | undefined {
    const patterns = constructor.params.flatMap((param) => {
      if (param.type !== 'TSParameterProperty') return []
      const pattern = param.parameter.type === 'AssignmentPattern' ? param.parameter.left : param.parameter
      return pattern.name === name ? [pattern] : []
    })
    if (patterns.length === 0) return undefined
    const variable = sourceCode.getDeclaredVariables(constructor).find((known) => known.name === name)
    return patterns.flatMap((pattern) =>
      variable ? evaluation.evaluateVariable(variable) : annotated(pattern),
    )
  }

  function isWriteToClass(
    { left }: TSESTree.AssignmentExpression,
    node: ClassNode,
    isStatic: boolean,
  ): boolean {
    const { object } = left as TSESTree.MemberExpression
    if (object.type !== 'ThisExpression')
      return isStatic && object.type === 'Identifier' && object.name === node.id?.name
    return evaluate(object).some((value) =>
      isStatic
        ? value.kind === 'class' && value.node === node
        : value.kind === 'instance' && value.of.kind === 'class' && value.of.node === node,
    )
  }

  /** What is written elsewhere in the file to the same property of the same thing, by its spelling. */
  function assigned(node: TSESTree.MemberExpression, name: string): AbstractValues {
    const spelling = writes.spelled(node.object)
    if (!spelling || (spelling === 'this' && enclosing(node, isClass))) return nothing
    const written = writes
      .to(name)
      .filter(({ left }) => writes.spelled((left as TSESTree.MemberExpression).object) === spelling)
      .map((assignment) => assignment.right)
    return evaluateAll([...written, ...writes.registered('decorate', name)])
  }
}
