import type { TSESTree } from '@typescript-eslint/utils'
import {
  type AbstractValue,
  type AbstractValues,
  elementsOf,
  importedFrom,
  instancesOf,
  isConstructible,
} from './abstract-value.ts'
import { collections } from './evaluate-type.ts'
import { type Evaluation, nothing } from './evaluation.ts'
import { memberName } from './names.ts'
import { literalString, type Node, returned, unwrap } from './syntax.ts'

const promiseMethods = new Set(['then', 'catch', 'finally'])
/** Functions of `Object` and `Promise` that give back what they are given. */
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
/** How containers hand out what is asked for by its class. */
const injectors = new Set(['get', 'resolve', 'inject'])
/** Hooks that hand out what they hold under an index or a property. */
const stateHooks = new Set(['useState', 'useRef'])

interface CallEvaluator extends Pick<Evaluation, 'resultOf'> {
  readonly construct: (node: TSESTree.NewExpression) => AbstractValues
  readonly call: (node: TSESTree.CallExpression) => AbstractValues
}

/** Evaluates calls and `new`. */
export function createCallEvaluator(evaluation: Evaluation): CallEvaluator {
  const { sourceCode, writes, evaluate, evaluateAll, evaluateBehind, evaluateType, exported } = evaluation
  return { construct, call, resultOf }

  function construct(node: TSESTree.NewExpression): AbstractValues {
    const built = evaluate(node.callee).filter(isConstructible)
    if (built.length > 0) return built.map((of) => ({ kind: 'instance', of, node }))
    if (node.callee.type !== 'Identifier') return nothing
    if (node.callee.name === 'Proxy') return evaluateAll(node.arguments.slice(0, 1))
    if (!collections.has(node.callee.name)) return nothing
    const element = node.typeArguments?.params.at(-1)
    return [{ kind: 'collection', elements: () => (element ? evaluateType(element) : nothing) }]
  }

  function call(node: TSESTree.CallExpression): AbstractValues {
    const callee = unwrap(node.callee)
    if (callee.type === 'Super') return nothing
    if (callee.type === 'Identifier' && callee.name === 'require')
      return exported(literalString(node.arguments[0]), [])
    if (callee.type === 'MemberExpression') {
      const known = callOnGlobal(node, callee) ?? callOnMember(node, callee)
      if (known) return known
    }
    const callees = evaluate(node.callee).filter(({ kind }) => kind !== 'typed')
    if (callees.length > 0) return callees.flatMap((value) => resultOf(value, node))
    const claimed = claimedByArgument(node, callee)
    return claimed.length > 0 ? claimed : wrapped(node, callee)
  }

  /** What a call of something unknown is said to return: `inject<MemoryClient>(…)`. */
  function claimedByArgument(node: TSESTree.CallExpression, callee: Node): AbstractValues {
    const type = node.typeArguments?.params[0]
    const claimed = type ? evaluateType(type) : nothing
    const isState = callee.type === 'Identifier' && stateHooks.has(callee.name)
    return claimed.length > 0 && isState ? [{ kind: 'collection', elements: () => claimed }] : claimed
  }

  /** A wrapper of unknown make around something that builds a value: `cache(() => new Client())`. */
  function wrapped(node: TSESTree.CallExpression, callee: Node): AbstractValues {
    const injects = callee.type === 'MemberExpression' && injectors.has(memberName(sourceCode, callee) ?? '')
    return node.arguments.flatMap((argument) => {
      const built = argument.type === 'SpreadElement' ? nothing : evaluate(argument)
      if (injects && built.some((value) => value.kind === 'export')) return instancesOf(built)
      return built.flatMap((value) =>
        value.kind === 'function' ? [value, ...resultOf(value, node).filter(isOfModule)] : nothing,
      )
    })
  }

  /** `Reflect.get(…)`, `Object.freeze(…)`, `Promise.all(…)`. */
  function callOnGlobal(
    node: TSESTree.CallExpression,
    callee: TSESTree.MemberExpression,
  ): AbstractValues | undefined {
    if (callee.object.type !== 'Identifier') return undefined
    const name = memberName(sourceCode, callee)
    const [first, second] = node.arguments
    switch (callee.object.name) {
      case 'Reflect':
        if (name === 'get') {
          const key = literalString(second)
          return first && key !== undefined ? evaluation.read(first, key) : nothing
        }
        return name === 'construct' && first
          ? instancesOf(evaluate(first).filter(isConstructible))
          : undefined
      case 'Object':
      case 'Promise':
        return name && transparent.has(name) ? evaluateAll([first]) : undefined
      case 'jest':
      case 'vi':
        return nothing
      default:
        return undefined
    }
  }

  /** A method that means the same of whatever has it: `promise.then(…)`, `fn.bind(…)`, `map.get(…)`. */
  function callOnMember(
    node: TSESTree.CallExpression,
    callee: TSESTree.MemberExpression,
  ): AbstractValues | undefined {
    const name = memberName(sourceCode, callee)
    if (name === undefined) return undefined
    if (promiseMethods.has(name)) {
      const next = node.arguments.flatMap((argument) =>
        evaluate(argument).flatMap((value) => (value.kind === 'function' ? resultOf(value, node) : nothing)),
      )
      return name === 'then' ? next : [...evaluate(callee.object), ...next]
    }
    if (name === 'bind') {
      const target = evaluate(callee.object)
      if (target.length > 0) return target
    }
    if (collectionReads.has(name)) {
      const receivers = evaluate(callee.object)
      const held = elementsOf(receivers)
      if (held.length > 0) return held
      const key = name === 'get' ? literalString(node.arguments[0]) : undefined
      const put = key === undefined ? [] : writes.registered('set', key)
      if (put.length > 0 && receivers.length === 0) return evaluateAll(put)
    }
    return undefined
  }

  function resultOf(value: AbstractValue, node: Node): AbstractValues {
    switch (value.kind) {
      case 'function':
        return [
          ...(value.node.returnType ? evaluateType(value.node.returnType.typeAnnotation) : nothing),
          ...evaluateBehind(value.node.returnType, returned(sourceCode, value.node)),
        ]
      case 'imported':
        return value.evaluator.resultOf(value.of, node).map((inner) => importedFrom(inner, value.evaluator))
      case 'signature':
        return value.node.returnType ? evaluateType(value.node.returnType.typeAnnotation) : nothing
      case 'export':
      case 'member':
      case 'result':
        return [{ kind: 'result', of: value, call: node }]
      default:
        return nothing
    }
  }
}

const isOfModule = (value: AbstractValue): boolean => value.kind === 'instance' && value.of.kind === 'export'
