import type { TSESTree } from '@typescript-eslint/utils'
import {
  type AbstractValue,
  type AbstractValues,
  distinct,
  type Evaluator,
  instancesOf,
} from './abstract-value.ts'
import { createCallers } from './callers.ts'
import { createCallEvaluator } from './evaluate-call.ts'
import { createCastEvaluator } from './evaluate-cast.ts'
import { createMemberEvaluator } from './evaluate-member.ts'
import { createTypeEvaluator } from './evaluate-type.ts'
import { createVariableEvaluator } from './evaluate-variable.ts'
import { type Evaluation, type EvaluatorOptions, nothing } from './evaluation.ts'
import { createPropertyWrites } from './property-writes.ts'
import {
  type FunctionNode,
  isClass,
  isFunction,
  literalString,
  type Node,
  returned,
  wrappedIn,
} from './syntax.ts'
import { variableOf } from './variables.ts'

/** Evaluates the expressions of one file without running it, each when it is first asked for. */
export function createEvaluator(options: EvaluatorOptions): Evaluator {
  const { sourceCode, follows } = options
  const known = new Map<object, AbstractValues>()

  const evaluation: Evaluation = {
    ...options,
    writes: createPropertyWrites(sourceCode),
    evaluate,
    evaluateBehind,
    lookUp: (node, name) => members.lookUp(node, name),
    evaluateAll: (nodes) => nodes.flatMap((node) => (node ? evaluate(node) : nothing)),
    evaluateVariable: (variable) => once(variable, () => ofVariable(variable)),
    evaluateType: (node) => types.evaluateType(node),
    annotated: (node) => types.annotated(node),
    read: (receiver, name) => members.read(receiver, name),
    propertyOf: (value, name) => members.propertyOf(value, name),
    resultOf: (value, call) => calls.resultOf(value, call),
    argumentsFor: (fn, index) => callers(fn, index),
    functionsOf,
    objectsOf: (node) => evaluate(node).flatMap((value) => (value.kind === 'object' ? [value.node] : [])),
    returnedBy: (callee) => functionsOf(callee).flatMap((fn) => returned(sourceCode, fn)),
    exported: (module, path) =>
      typeof module === 'string' && follows(module) ? [{ kind: 'export', module, path }] : nothing,
    once,
  }
  const types = createTypeEvaluator(evaluation)
  const ofVariable = createVariableEvaluator(evaluation)
  const members = createMemberEvaluator(evaluation)
  const calls = createCallEvaluator(evaluation)
  const cast = createCastEvaluator(evaluation)
  const callers = createCallers(evaluation)
  return evaluation

  function once(key: object, compute: () => AbstractValues): AbstractValues {
    const before = known.get(key)
    if (before) return before
    known.set(key, nothing)
    const values = distinct(compute())
    known.set(key, values)
    return values
  }

  function functionsOf(node: Node): readonly FunctionNode[] {
    return evaluate(node).flatMap((value) => (value.kind === 'function' ? [value.node] : []))
  }

  function evaluate(node: Node): AbstractValues {
    return once(node, () => ofExpression(node))
  }

  function evaluateBehind(
    type: Node | undefined,
    nodes: readonly (Node | null | undefined)[],
  ): AbstractValues {
    return nodes.flatMap((node): AbstractValues => {
      if (!node) return nothing
      const values = evaluate(node)
      const isHidden = type !== undefined && values.length === 0
      return isHidden && options.lookUpReceiver ? [{ kind: 'typed', node }] : values
    })
  }

  function ofExpression(node: Node): AbstractValues {
    const { evaluateAll, exported } = evaluation
    switch (node.type) {
      case 'Identifier': {
        const variable = variableOf(sourceCode, node)
        return variable ? evaluation.evaluateVariable(variable) : nothing
      }
      case 'NewExpression':
        return calls.construct(node)
      case 'CallExpression':
        return calls.call(node)
      case 'ImportExpression':
        return exported(literalString(node.source), [])
      case 'MemberExpression':
        return members.member(node)
      case 'ConditionalExpression':
        return evaluateAll([node.consequent, node.alternate])
      case 'LogicalExpression':
        return evaluateAll([node.left, node.right])
      case 'AssignmentExpression':
        return evaluateAll(node.operator === '=' ? [node.right] : [node.left, node.right])
      case 'SequenceExpression':
        return evaluateAll(node.expressions.slice(-1))
      case 'ObjectExpression':
        return [{ kind: 'object', node }]
      case 'ArrayExpression':
        return [{ kind: 'collection', elements: () => evaluateBehind(node, node.elements) }]
      case 'ClassExpression':
      case 'ClassDeclaration':
        return [{ kind: 'class', node }]
      case 'FunctionDeclaration':
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        return [{ kind: 'function', node }]
      case 'ThisExpression':
        return ofThis(node)
      case 'TSAsExpression':
      case 'TSTypeAssertion':
      case 'TSSatisfiesExpression':
        return cast(node)
      default: {
        const inner = wrappedIn(node)
        return inner ? evaluate(inner) : nothing
      }
    }
  }

  function ofThis(node: TSESTree.ThisExpression): AbstractValues {
    for (let at: Node = node; at.parent; at = at.parent) {
      const { parent }: Node = at
      if (isClass(parent.parent) && parent.type === 'ClassBody') {
        const own: AbstractValue[] = [{ kind: 'class', node: parent.parent }]
        const isStatic = at.type === 'StaticBlock' || ('static' in at && at.static)
        return isStatic ? own : instancesOf(own)
      }
      if (parent.type === 'Property' && isFunction(at) && at.type !== 'ArrowFunctionExpression')
        return evaluate(parent.parent)
    }
    return nothing
  }
}
