import type { TSESLint, TSESTree } from '@typescript-eslint/utils'
import { type AbstractValue, type AbstractValues, elementsOf } from './abstract-value.ts'
import { type Evaluation, nothing } from './evaluation.ts'
import { memberName } from './names.ts'
import { pathTo, type Step } from './patterns.ts'
import { enclosing, type FunctionNode, literalString, type Node, unwrap } from './syntax.ts'
import { assignmentsTo, callOf, memberUses } from './variable-uses.ts'
import type { Variable } from './variables.ts'

const collectionWrites = new Set(['set', 'push', 'unshift', 'add'])

/** Evaluates variables: what declares them, what is assigned to them and put into them, and what is passed for them. */
export function createVariableEvaluator(evaluation: Evaluation): (variable: Variable) => AbstractValues {
  const { sourceCode, follows, imports, lookUp } = evaluation
  const { annotated, argumentsFor, evaluate, evaluateAll, evaluateBehind, exported, propertyOf } = evaluation
  return ofVariable

  function ofVariable(variable: Variable): AbstractValues {
    const values: AbstractValue[] = []
    for (const definition of variable.defs) values.push(...ofDefinition(definition))
    const type = variable.identifiers[0]?.typeAnnotation
    for (const { value, target } of assignmentsTo(variable)) {
      const path = pathInAssignment(target)
      if (path) values.push(...follow(evaluateBehind(type, [value]), path, value))
    }
    if (values.some(({ kind }) => kind === 'collection' || kind === 'object'))
      values.push(...filled(variable))
    return values
  }

  function ofDefinition(definition: TSESLint.Scope.Definition): AbstractValues {
    switch (definition.type as string) {
      case 'ImportBinding':
        return imported(definition)
      case 'FunctionName':
      case 'ClassName':
        return evaluate(definition.node)
      case 'Parameter':
        return parameter(definition.name, definition.node as FunctionNode)
      case 'Variable': {
        const declarator = definition.node as TSESTree.VariableDeclarator
        const path = pathTo(declarator.id, definition.name, sourceCode) ?? []
        return [...annotated(definition.name), ...follow(initial(declarator), path, declarator.init)]
      }
      default:
        return nothing
    }
  }

  function initial(declarator: TSESTree.VariableDeclarator): AbstractValues {
    const loop = declarator.parent.parent
    if (loop.type === 'ForOfStatement' && loop.left === declarator.parent)
      return elementsOf(evaluate(loop.right))
    return [...annotated(declarator.id), ...evaluateBehind(declarator.id.typeAnnotation, [declarator.init])]
  }

  function imported(definition: TSESLint.Scope.Definition): AbstractValues {
    const node = definition.node as Node
    if (node.type === 'TSImportEqualsDeclaration')
      return node.moduleReference.type === 'TSExternalModuleReference'
        ? exported(literalString(node.moduleReference.expression), [])
        : evaluate(node.moduleReference)
    const module = (definition.parent as TSESTree.ImportDeclaration).source.value
    if (!follows(module)) return imports?.(node) ?? nothing
    if (node.type === 'ImportNamespaceSpecifier') return exported(module, [])
    if (node.type === 'ImportDefaultSpecifier') return exported(module, ['default'])
    const name = (node as TSESTree.ImportSpecifier).imported
    return exported(module, [name.type === 'Identifier' ? name.name : name.value])
  }

  function parameter(name: Node, fn: FunctionNode): AbstractValues {
    const values: AbstractValue[] = []
    for (const [index, param] of fn.params.entries()) {
      const root = param.type === 'TSParameterProperty' ? param.parameter : param
      const path = pathTo(root, name, sourceCode)
      if (!path) continue
      const pattern = root.type === 'AssignmentPattern' ? root.left : root
      const fallback = root.type === 'AssignmentPattern' ? evaluate(root.right) : nothing
      values.push(...follow([...annotated(pattern), ...fallback], path))
      if (index === 0) values.push(...follow(iterated(fn), path))
      values.push(...follow(typeOfCallback(fn, index), path))
      for (const argument of argumentsFor(fn, index))
        values.push(...follow(evaluateBehind(pattern.typeAnnotation, [argument]), path, argument))
    }
    return values
  }

  /** What a callback of `list.forEach(…)` and the like is called with first. */
  function iterated(fn: FunctionNode): AbstractValues {
    const call = fn.parent
    if (call.type !== 'CallExpression' || call.arguments[0] !== fn) return nothing
    const callee = unwrap(call.callee)
    return callee.type === 'MemberExpression' ? elementsOf(evaluate(callee.object)) : nothing
  }

  /** What the function that takes a callback says in its own types of one of the callback's parameters. */
  function typeOfCallback(fn: FunctionNode, index: number): AbstractValues {
    const call = fn.parent
    if (call.type !== 'CallExpression' || call.callee === fn) return nothing
    const position = call.arguments.indexOf(fn as never)
    return evaluation.functionsOf(call.callee).flatMap(({ params }) => {
      const param = params[position]
      const type = param?.type === 'Identifier' ? param.typeAnnotation?.typeAnnotation : undefined
      const passed = type?.type === 'TSFunctionType' ? type.params[index] : undefined
      return passed ? annotated(passed) : nothing
    })
  }

  /** The steps from the left side of an assignment to a name in it. */
  function pathInAssignment(name: Node): Step[] | undefined {
    const assignment = enclosing(name, (node) => node.type === 'AssignmentExpression')
    return assignment && pathTo(assignment.left, name, sourceCode)
  }

  function follow(values: AbstractValues, path: readonly Step[], source?: Node | null): AbstractValues {
    let current = values
    for (const [index, step] of path.entries()) {
      if (typeof step === 'number') {
        current = elementsOf(current)
        continue
      }
      const found = current.flatMap((value) => propertyOf(value, step))
      current = found.length === 0 && index === 0 && source ? lookUp(source, step) : found
    }
    return current
  }

  /** What is put into a collection that a variable holds. */
  function filled(variable: Variable): AbstractValues {
    const added: Node[] = []
    for (const use of memberUses(variable)) {
      const call = callOf(use)
      if (call && collectionWrites.has(memberName(sourceCode, use) ?? ''))
        added.push(...call.arguments.slice(-1))
      else if (use.computed && use.parent.type === 'AssignmentExpression' && use.parent.left === use)
        added.push(use.parent.right)
    }
    return added.length > 0 ? [{ kind: 'collection', elements: () => evaluateAll(added) }] : nothing
  }
}
