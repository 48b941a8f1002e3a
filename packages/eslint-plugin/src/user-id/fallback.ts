import type { TSESTree } from '@typescript-eslint/utils'
import type { Evaluator } from '../analysis/abstract-value.ts'
import { keyName, memberName } from '../analysis/names.ts'
import { createShapes } from '../analysis/object-shapes.ts'
import { pathTo } from '../analysis/patterns.ts'
import { createPropertyWrites } from '../analysis/property-writes.ts'
import { type Node, type SourceCode, unwrap } from '../analysis/syntax.ts'
import { writtenTo } from '../analysis/variable-uses.ts'
import { type Variable, variableOf } from '../analysis/variables.ts'
import { isConstant as isConstantIn } from './constants.ts'
import { passing } from './frameworks.ts'
import { isGuarded } from './guards.ts'
import { canBeMissing } from './missing.ts'
import { classOf, type Sources, sourcesInShapes, sourcesOfField } from './sources.ts'
import { isWrittenBefore } from './sure-writes.ts'

/** What makes an id the same for different people. */
export type FallbackKind = 'literal' | 'fallback' | 'stringified' | 'template'

interface Fallback {
  readonly kind: FallbackKind
  /** The part of the expression that does it. */
  readonly node: Node
  /** The constant that stands for everybody, as it is written and as it is named. */
  readonly constants?: readonly Node[]
}

/** How many steps below a name are followed. */
const maxSteps = 8

/** Methods of a text that return it, changed or not. */
const textMethods = new Set(['trim', 'toString', 'toLowerCase', 'toUpperCase', 'replace', 'replaceAll'])

/** Finds where an id is a constant, falls back on one, or can become the text "undefined". */
export function createFallbacks(
  sourceCode: SourceCode,
  evaluator: Evaluator,
): (id: Node) => Fallback | undefined {
  const shapes = createShapes(sourceCode, evaluator)
  const writes = createPropertyWrites(sourceCode)
  const known = new Map<Node, Map<string, Fallback | undefined>>()
  const isConstant = (node: Node): boolean => isConstantIn(node, sourceCode)

  return (id) => {
    const found = inspect(id)
    if (!found?.constants || found.node === unwrap(id)) return found
    // if (userId === 'anonymous') return
    const spelled = found.constants.map((constant) => sourceCode.getText(constant))
    return isGuarded(spelled, id, sourceCode) ? undefined : found
  }

  function inspect(node: Node): Fallback | undefined {
    return below(node, [])
  }

  /** The same for what stands some steps below an expression: `user.id` below `options`. */
  function below(node: Node, path: readonly string[]): Fallback | undefined {
    const inner = unwrap(node)
    const results = known.get(inner) ?? new Map<string, Fallback | undefined>()
    known.set(inner, results)
    const steps = path.join('.')
    if (results.has(steps) || path.length > maxSteps) return results.get(steps)
    // Where an expression comes back to itself, it finds nothing more.
    results.set(steps, undefined)
    const found = path.length === 0 ? ofExpression(inner) : ofProperty(inner, path)
    results.set(steps, found)
    return found
  }

  function ofExpression(node: Node): Fallback | undefined {
    if (isConstant(node)) return { kind: 'literal', node, constants: [node] }
    switch (node.type) {
      case 'LogicalExpression':
        if (node.operator === '&&') return inspect(node.right)
        return inspect(node.left) ?? fallbackOn(node.right, node)
      case 'AssignmentExpression':
        return node.operator === '=' ? inspect(node.right) : fallbackOn(node.right, node)
      case 'ConditionalExpression':
        return fallbackOn(node.consequent, node) ?? fallbackOn(node.alternate, node)
      case 'TemplateLiteral':
        return ofText(node, node.expressions)
      case 'BinaryExpression':
        return node.operator === '+' ? ofText(node, [node.left, node.right]) : undefined
      case 'CallExpression':
        return ofCall(node)
      case 'Identifier':
        return ofIdentifier(node, [])
      case 'MemberExpression':
        return ofMember(node, [])
      default:
        return undefined
    }
  }

  /** A constant that is used where there is nothing else, at the end of some steps below an expression. */
  function fallbackOn(used: Node, around?: Node, path: readonly string[] = []): Fallback | undefined {
    const found = below(used, path)
    if (found?.kind !== 'literal') return found
    const constants = [...(found.constants ?? []), used]
    return { kind: 'fallback', node: around ?? found.node, constants }
  }

  /** A text of several parts, which is the same for everybody when each of them is. */
  function ofText(node: Node, parts: readonly Node[]): Fallback | undefined {
    const open = parts.filter((part) => !isConstant(part))
    if (open.some((part) => canBeMissing(part, sourceCode))) return { kind: 'template', node }
    const found = open.map((part) => inspect(part))
    return found.every(Boolean) ? found[0] : undefined
  }

  function ofCall(node: TSESTree.CallExpression): Fallback | undefined {
    const callee = unwrap(node.callee)
    const [argument] = node.arguments
    if (callee.type === 'Identifier' && passing.has(callee.name) && argument)
      return callee.name === 'String' && canBeMissing(argument, sourceCode)
        ? { kind: 'stringified', node }
        : inspect(argument)
    if (callee.type === 'MemberExpression' && textMethods.has(memberName(sourceCode, callee) ?? '')) {
      const found = inspect(callee.object)
      if (found) return found
    }
    return first(evaluator.returnedBy(node.callee), (returned) => inspect(returned))
  }

  /** What a name stands for, or a property some steps below it. */
  function ofIdentifier(node: TSESTree.Identifier, path: readonly string[]): Fallback | undefined {
    const variable = variableOf(sourceCode, node)
    const definition = variable?.defs[0]
    if (!variable || !definition) return undefined
    const { name } = definition
    const byDefault = first(defaultsFor(name), ({ pattern, steps }) => {
      const isOfName = steps.length + path.length === 0
      return fallbackOn(pattern.right, isOfName ? pattern : undefined, [...steps, ...path])
    })
    if (byDefault) return byDefault
    if (definition.node.type === 'TSEnumDeclaration') return ofEnum(definition.node, path)
    if (definition.type === 'Variable' && definition.node.id.type !== 'Identifier') {
      const steps = definition.node.init ? pathTo(definition.node.id, name, sourceCode) : undefined
      return steps && below(definition.node.init!, [...steps.map(String), ...path])
    }
    if (path.length > 0) return ofObject(node, path)
    if (definition.type === 'Parameter') return ofSources({ nodes: writtenTo(variable), isOpen: true })
    return definition.type === 'Variable'
      ? ofSources({ nodes: valuesBefore(node, variable), isOpen: false })
      : undefined
  }

  /** The defaults in the pattern around a name, each with the steps from it to the name. */
  function defaultsFor(
    name: Node,
  ): readonly { readonly pattern: TSESTree.AssignmentPattern; readonly steps: readonly string[] }[] {
    const found: { pattern: TSESTree.AssignmentPattern; steps: readonly string[] }[] = []
    for (let at = name; at.parent; at = at.parent) {
      const { parent }: Node = at
      if (parent.type === 'AssignmentPattern' && parent.left === at) {
        const steps = pathTo(parent.left, name, sourceCode)
        if (steps) found.push({ pattern: parent, steps: steps.map(String) })
      } else if (parent.type !== 'Property' && !/Pattern$|^RestElement$/.test(parent.type)) break
    }
    return found
  }

  /** What is written to a variable, without what is always replaced before a place. */
  function valuesBefore(at: Node, variable: Variable): readonly Node[] {
    const written = writtenTo(variable)
    const [initial, ...later] = written
    const isReplaced =
      later.length > 0 &&
      isWrittenBefore(at, ({ right }) => right !== initial && written.includes(right), evaluator)
    return isReplaced ? later : written
  }

  function ofEnum({ body }: TSESTree.TSEnumDeclaration, [name]: readonly string[]): Fallback | undefined {
    const member = body.members.find(({ id }) => keyName(sourceCode, { key: id, computed: false }) === name)
    return member?.initializer && inspect(member.initializer)
  }

  function ofMember(node: TSESTree.MemberExpression, path: readonly string[]): Fallback | undefined {
    const name = memberName(sourceCode, node)
    return name === undefined ? undefined : below(node.object, [name, ...path])
  }

  function ofProperty(node: Node, path: readonly string[]): Fallback | undefined {
    if (node.type === 'MemberExpression') return ofMember(node, path)
    const [name, ...rest] = path as [string, ...string[]]
    const classes = evaluator.evaluate(node).flatMap((value) => classOf(value) ?? [])
    if (classes.length > 0)
      return first(classes, (own) =>
        ofSources(sourcesOfField({ ...own, name, at: node }, { sourceCode, evaluator, writes }), rest),
      )
    return node.type === 'Identifier' ? ofIdentifier(node, path) : ofObject(node, path)
  }

  function ofObject(node: Node, path: readonly string[]): Fallback | undefined {
    const [name, ...rest] = path as [string, ...string[]]
    const hasRun = (write: Node): boolean => isWrittenBefore(node, (one) => one === write, evaluator)
    return ofSources(sourcesInShapes(shapes.of(node), name, hasRun), rest)
  }

  function ofSources({ nodes, isOpen }: Sources, path: readonly string[] = []): Fallback | undefined {
    const isOne = nodes.length === 1 && !isOpen
    return first(nodes, (node) => (isOne ? below(node, path) : fallbackOn(node, undefined, path)))
  }
}

function first<T>(items: readonly T[], find: (item: T) => Fallback | undefined): Fallback | undefined {
  for (const item of items) {
    const found = find(item)
    if (found) return found
  }
  return undefined
}
