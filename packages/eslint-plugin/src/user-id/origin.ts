import type { TSESTree } from '@typescript-eslint/utils'
import type { Evaluator } from '../analysis/abstract-value.ts'
import { keyName, memberName } from '../analysis/names.ts'
import { pathTo } from '../analysis/patterns.ts'
import {
  enclosing,
  type FunctionNode,
  isFunction,
  type Node,
  type SourceCode,
  spelling,
  unwrap,
  walk,
} from '../analysis/syntax.ts'
import { assignedTo } from '../analysis/variable-uses.ts'
import { variableOf } from '../analysis/variables.ts'
import { createAllowedSources } from '../rule-kit/allow-sources.ts'
import { parsers, passing, sent } from './frameworks.ts'
import { inputDecorator, isHandlerInput, type ParameterPart } from './handler-input.ts'
import { isIncomingMember, isSentPart, readsRequest } from './request-expressions.ts'
import { isFilledIn, isToolArguments, isToolBody, isTrustedToolInput } from './tool-input.ts'

/** Where a value that the caller of the service can choose enters the code. */
interface Origin {
  /** As the report spells it: `req.body.userId`. */
  readonly source: string
  readonly node: Node
}

export interface OriginReader {
  /** Where an expression takes its value from, if the caller of the service can choose it. */
  of(node: Node): Origin | undefined
}

export function createOrigins(
  sourceCode: SourceCode,
  evaluator: Evaluator,
  allowSources: readonly string[],
): OriginReader {
  const active = new Set<Node>()
  const isAllowed = createAllowedSources(allowSources)
  return { of }

  function of(node: Node): Origin | undefined {
    const inner = unwrap(node)
    if (active.has(inner) || active.size > 60) return undefined
    active.add(inner)
    try {
      return ofExpression(inner)
    } finally {
      active.delete(inner)
    }
  }

  function first(nodes: readonly (Node | null | undefined)[]): Origin | undefined {
    for (const node of nodes) {
      const origin = node && of(node)
      if (origin) return origin
    }
    return undefined
  }

  /** An origin, unless the options allow it. */
  function origin(source: string, node: Node): Origin | undefined {
    return isAllowed(source) ? undefined : { source, node }
  }

  function found(node: Node): Origin | undefined {
    return origin(sourceCode.getText(node).replaceAll(/\s+/g, ' ').replaceAll('?.', '.'), node)
  }

  function ofExpression(node: Node): Origin | undefined {
    switch (node.type) {
      case 'ConditionalExpression':
        return first([node.consequent, node.alternate])
      case 'LogicalExpression':
        return first(node.operator === '&&' ? [node.right] : [node.left, node.right])
      case 'TemplateLiteral':
        return first(node.expressions)
      case 'BinaryExpression':
        return node.operator === '+' ? first([node.left, node.right]) : undefined
      case 'AssignmentExpression':
        return of(node.right)
      case 'SequenceExpression':
        return of(node.expressions.at(-1) as Node)
      case 'Identifier':
        return ofIdentifier(node)
      case 'MemberExpression':
        return ofMember(node)
      case 'CallExpression':
        return ofCall(node)
      case 'NewExpression':
        return node.callee.type === 'Identifier' && node.callee.name === 'URLSearchParams'
          ? found(node)
          : undefined
      default:
        return undefined
    }
  }

  // Members

  function ofMember(node: TSESTree.MemberExpression): Origin | undefined {
    const name = memberName(sourceCode, node)
    if (isChecked(node)) return undefined
    if (name !== undefined && isSentPart(name, node.object, sourceCode)) return found(node)
    if (isToolArguments(node, name, sourceCode)) return found(node)
    const held = of(node.object)
    if (!held) return ofProperty(node, name)
    return name && isTrustedToolInput(held.node, name, sourceCode) ? undefined : found(node)
  }

  /** A property of an object that is written out in this file. */
  function ofProperty(node: TSESTree.MemberExpression, name: string | undefined): Origin | undefined {
    if (name === undefined) return undefined
    const properties = evaluator.objectsOf(unwrap(node.object)).flatMap((object) => object.properties)
    return first(
      properties.map((property) =>
        property.type === 'Property' && keyName(sourceCode, property) === name ? property.value : undefined,
      ),
    )
  }

  // Calls

  function ofCall(node: TSESTree.CallExpression): Origin | undefined {
    const callee = unwrap(node.callee)
    const [argument] = node.arguments
    if (readsRequest(node, sourceCode)) return found(node)
    if (callee.type === 'Identifier' && (passing.has(callee.name) || parsers.has(callee.name)))
      return argument && of(argument)
    if (callee.type === 'MemberExpression') {
      const name = memberName(sourceCode, callee)
      const spelled = `${sourceCode.getText(callee.object)}.${name}`
      if (argument && (passing.has(spelled) || (name && parsers.has(name)))) {
        const passed = of(argument)
        if (passed) return passed
      }
      if (of(callee.object)) return found(node)
    }
    return first(evaluator.returnedBy(callee))
  }

  // Variables

  function ofIdentifier(node: TSESTree.Identifier): Origin | undefined {
    if (isChecked(node)) return undefined
    const variable = variableOf(sourceCode, node)
    const definition = variable?.defs[0]
    if (!variable || !definition) return undefined
    const declared =
      definition.type === 'Parameter'
        ? ofParameter(definition.name, definition.node as FunctionNode)
        : definition.type === 'Variable' && definition.node.init
          ? ofPath(definition.node.init, namesTo(definition.node.id, definition.name) ?? [])
          : undefined
    const isKnown = definition.type === 'Parameter' || definition.type === 'Variable'
    return declared ?? (isKnown ? first(assignedTo(variable)) : undefined)
  }

  /** What destructuring takes out of a value: `const { body: { userId } } = req`. */
  function ofPath(node: Node, path: readonly string[]): Origin | undefined {
    const [step, next] = path
    const held = of(node)
    if (held) {
      if (step === undefined) return held
      return isTrustedToolInput(held.node, step, sourceCode)
        ? undefined
        : origin([held.source, ...path].join('.'), held.node)
    }
    if (step === undefined) return undefined
    const isInput =
      isSentPart(step, node, sourceCode) || (next !== undefined && isIncomingMember(step) && sent.has(next))
    return isInput ? origin([sourceCode.getText(node), ...path].join('.'), node) : undefined
  }

  function ofParameter(name: Node, fn: FunctionNode): Origin | undefined {
    for (const [index, param] of fn.params.entries()) {
      const root = param.type === 'TSParameterProperty' ? param.parameter : param
      const pattern = root.type === 'AssignmentPattern' ? root.left : root
      const path = namesTo(pattern, name)
      if (!path) continue
      const decorator = inputDecorator(param)
      if (decorator) return { source: sourceCode.getText(decorator), node: name }
      const part: ParameterPart = { fn, index, pattern, path }
      if (index === 0 && isToolBody(fn, sourceCode))
        return path[0] && isFilledIn(fn, path[0], sourceCode)
          ? undefined
          : { source: spelled(part), node: name }
      if (isHandlerInput(part, sourceCode)) return { source: spelled(part), node: name }
      for (const argument of evaluator.argumentsFor(fn, index)) {
        const passed = ofPath(argument, path)
        if (passed) return passed
      }
    }
    return undefined
  }

  function namesTo(pattern: Node, name: Node): string[] | undefined {
    return pathTo(pattern, name, sourceCode)?.map(String)
  }

  // Comparisons

  /** Whether the same function compares this value with one that the caller cannot choose, and so verifies it. */
  function isChecked(node: Node): boolean {
    const fn = enclosing(node, isFunction)
    if (!fn) return false
    const text = spelling(sourceCode, node)
    let checked = false
    walk(sourceCode, fn.body, (candidate) => {
      if (checked || candidate.type !== 'BinaryExpression' || !/^[!=]==?$/.test(candidate.operator))
        return !checked
      const sides = [candidate.left, candidate.right].map(unwrap)
      const at = sides.findIndex((side) => spelling(sourceCode, side) === text)
      const other = sides[1 - at]
      if (at >= 0 && other && isIdentity(other)) checked = true
    })
    return checked
  }

  /** Whether an expression could be the signed-in user: not a literal, `undefined`, or more of the same request. */
  function isIdentity(node: Node): boolean {
    if (node.type === 'MemberExpression' || node.type === 'CallExpression') return !of(node)
    return node.type === 'Identifier' && node.name !== 'undefined' && !of(node)
  }
}

/** A part of a parameter as the report spells it: `{ body }.userId`. */
function spelled({ pattern, path }: ParameterPart): string {
  if (pattern.type === 'Identifier') return [pattern.name, ...path].join('.')
  return [`{ ${path[0] ?? ''} }`, ...path.slice(1)].join('.')
}
