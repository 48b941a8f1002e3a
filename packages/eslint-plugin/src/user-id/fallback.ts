import type { TSESTree } from '@typescript-eslint/utils'
import type { Evaluator } from '../analysis/abstract-value.ts'
import { literalString, type Node, type SourceCode, unwrap } from '../analysis/syntax.ts'
import { writtenTo } from '../analysis/variable-uses.ts'
import { initOf, variableOf } from '../analysis/variables.ts'
import { isGuarded, subjectsOf } from './guards.ts'

/** What makes an id the same for different people. */
export type FallbackKind = 'literal' | 'fallback' | 'stringified' | 'template'

interface Fallback {
  readonly kind: FallbackKind
  /** The part of the expression that does it. */
  readonly node: Node
}

/** Finds where an id is a constant, falls back on one, or can become the text "undefined". */
export function findFallback(id: Node, sourceCode: SourceCode, evaluator: Evaluator): Fallback | undefined {
  return inspect(id, 0)

  function inspect(node: Node, depth: number): Fallback | undefined {
    const inner = unwrap(node)
    if (isConstant(inner)) return { kind: 'literal', node: inner }
    switch (inner.type) {
      case 'LogicalExpression':
        if (inner.operator === '&&') return inspect(inner.right, depth)
        return (
          inspect(inner.left, depth) ??
          (endsInConstant(inner.right) ? { kind: 'fallback', node: inner } : inspect(inner.right, depth))
        )
      case 'ConditionalExpression':
        if (endsInConstant(inner.consequent) || endsInConstant(inner.alternate))
          return { kind: 'fallback', node: inner }
        return inspect(inner.consequent, depth) ?? inspect(inner.alternate, depth)
      case 'TemplateLiteral': {
        const open = inner.expressions.find((part) => canBeMissing(part))
        return open && { kind: 'template', node: inner }
      }
      case 'BinaryExpression': {
        const open =
          inner.operator === '+' &&
          [inner.left, inner.right].find((part) => !isConstant(part) && canBeMissing(part))
        return open ? { kind: 'template', node: inner } : undefined
      }
      case 'CallExpression':
        return ofCall(inner, depth)
      case 'Identifier':
        return depth < 5 ? ofVariable(inner, depth + 1) : undefined
      default:
        return undefined
    }
  }

  function ofCall(node: TSESTree.CallExpression, depth: number): Fallback | undefined {
    const [argument] = node.arguments
    if (node.callee.type === 'Identifier' && node.callee.name === 'String' && argument)
      return canBeMissing(argument) ? { kind: 'stringified', node } : inspect(argument, depth)
    if (depth >= 5) return undefined
    return first(evaluator.returnedBy(node.callee), depth + 1)
  }

  function ofVariable(node: TSESTree.Identifier, depth: number): Fallback | undefined {
    const variable = variableOf(sourceCode, node)
    const definition = variable?.defs[0]
    if (!variable || !definition) return undefined
    const holder = definition.name.parent as Node | undefined
    if (holder?.type === 'AssignmentPattern' && holder.left === definition.name)
      return endsInConstant(holder.right) ? { kind: 'fallback', node: holder } : undefined
    if (definition.type !== 'Variable' || definition.node.id.type !== 'Identifier') return undefined
    const written = writtenTo(variable)
    const constants = written.filter(isConstant)
    if (constants.length > 0 && constants.length < written.length)
      return { kind: 'fallback', node: constants[0] as Node }
    return first(written, depth)
  }

  function first(nodes: readonly Node[], depth: number): Fallback | undefined {
    for (const node of nodes) {
      const fallback = inspect(node, depth)
      if (fallback) return fallback
    }
    return undefined
  }

  function isConstant(node: Node): boolean {
    const inner = unwrap(node)
    const text = literalString(inner)
    // "" and "*" name nobody and everybody: require-user-scope reports them.
    if (text !== undefined) return text.trim() !== '' && text.trim() !== '*'
    return inner.type === 'Literal' && (typeof inner.value === 'number' || typeof inner.value === 'bigint')
  }

  function endsInConstant(node: Node): boolean {
    const inner = unwrap(node)
    if (isConstant(inner)) return true
    if (inner.type !== 'Identifier') return false
    const init = initOf(variableOf(sourceCode, inner))
    return init !== undefined && isConstant(init)
  }

  /** Whether an expression may be `undefined` or `null`, as far as the code around it shows. */
  function canBeMissing(node: Node): boolean {
    const inner = unwrap(node)
    if (node.type === 'TSNonNullExpression') return true
    switch (inner.type) {
      case 'Literal':
      case 'TemplateLiteral':
      case 'BinaryExpression':
      case 'CallExpression':
        return false
      case 'LogicalExpression':
        return inner.operator === '&&' || canBeMissing(inner.right)
      case 'Identifier':
        return !isDealtWith(inner) && !isDeclaredPresent(inner)
      case 'MemberExpression':
        return !isDealtWith(inner)
      default:
        return true
    }
  }

  function isDealtWith(node: Node): boolean {
    return isGuarded(subjectsOf(node, sourceCode), node, sourceCode)
  }

  /** A parameter or variable whose written type is a plain string or number. */
  function isDeclaredPresent(node: TSESTree.Identifier): boolean {
    const definition = variableOf(sourceCode, node)?.defs[0]
    if (!definition) return false
    const name = definition.name as TSESTree.Identifier
    const type = name.typeAnnotation?.typeAnnotation.type
    if (type) return !name.optional && (type === 'TSStringKeyword' || type === 'TSNumberKeyword')
    if (definition.type !== 'Variable' || definition.parent.kind !== 'const') return false
    const loop = definition.parent.parent.type
    if (loop === 'ForOfStatement') return true
    return (
      definition.node.init !== null &&
      definition.node.id.type === 'Identifier' &&
      !canBeMissing(definition.node.init)
    )
  }
}
