import type { TSESTree } from '@typescript-eslint/utils'
import { lastName, memberName } from '../analysis/names.ts'
import { pathTo } from '../analysis/patterns.ts'
import { enclosing, type FunctionNode, isFunction, type Node, unwrap, walk } from '../analysis/syntax.ts'
import { variableOf } from '../analysis/variables.ts'
import type { Meaning } from './decisions.ts'
import type { Place, ProgramFile } from './program-files.ts'
import { sameValue } from './spellings.ts'

/** A comparison of a value with one that the caller of the service cannot choose, or a call that makes one. */
export interface Check {
  readonly node: Node
  /** What it comes to when they are the same; for a call that only throws, nothing. */
  readonly meaning: Meaning | 'throws'
}

/** An expression that is compared with something that was not sent. */
export interface ComparedValue {
  readonly side: Node
  readonly check: Check
}

const equality = /^[!=]==?$/
const memberships = new Set(['includes', 'has'])
const positions = new Set(['indexOf', 'lastIndexOf'])
const searches = new Set(['some', 'find', 'findLast'])
const equals = new Set(['equals', 'isEqual', 'localeCompare'])

/** Finds what a function compares with something that was not sent, in all the ways that code compares two values. */
export function comparedValuesIn(
  { file, node: fn }: Place<FunctionNode>,
  isSent: (place: Place) => boolean,
): ComparedValue[] {
  const found: ComparedValue[] = []
  walk(file.sourceCode, fn.body, (node) => {
    if (isFunction(node)) return false
    if (node.type === 'BinaryExpression' && equality.test(node.operator))
      add(node.left, node.right, { node, meaning: node.operator.startsWith('=') })
    else if (node.type === 'SwitchCase' && node.test)
      add(node.parent.discriminant, node.test, { node, meaning: true })
    else if (node.type === 'CallExpression') ofCall(node)
  })
  return found

  function add(left: Node, right: Node, check: Check): void {
    if (isIdentity(right, file, isSent)) found.push({ side: sameValue(left), check })
    if (isIdentity(left, file, isSent)) found.push({ side: sameValue(right), check })
  }

  function ofCall(node: TSESTree.CallExpression): void {
    const callee = unwrap(node.callee)
    const [first, second] = node.arguments
    if (callee.type !== 'MemberExpression' || !first) return
    const name = memberName(file.sourceCode, callee) ?? ''
    const text = file.sourceCode.getText(callee)
    if (second && /^assert\w*\.\w*equal$/i.test(text) && !/not/i.test(text))
      add(first, second, { node, meaning: 'throws' })
    else if (second && (text === 'Object.is' || text.endsWith('.isEqual')))
      add(first, second, { node, meaning: true })
    else if (equals.has(name))
      add(callee.object, first, { node, meaning: name === 'localeCompare' ? 'either' : true })
    else if (memberships.has(name) || positions.has(name)) {
      const meaning = memberships.has(name) ? true : 'either'
      if (isIdentity(callee.object, file, isSent))
        found.push({ side: sameValue(first), check: { node, meaning } })
    } else if (searches.has(name) && isFunction(first) && isIdentity(callee.object, file, isSent))
      for (const { side, meaning } of soughtBy(first, file))
        found.push({ side: sameValue(side), check: { node, meaning } })
  }
}

/** Whether an expression could be the signed-in user: not a constant, and not more of the same request. */
export function isIdentity(node: Node, file: ProgramFile, isSent: (place: Place) => boolean): boolean {
  const inner = sameValue(node)
  if (inner.type === 'Identifier') {
    if (inner.name === 'undefined') return false
    const definition = variableOf(file.sourceCode, inner)?.defs[0]
    const init = definition?.type === 'Variable' ? definition.node.init : undefined
    if (init && isConstant(unwrap(init))) return false
  } else if (inner.type !== 'MemberExpression' && inner.type !== 'CallExpression') return false
  return !isSent({ file, node: inner })
}

const isConstant = ({ type }: Node): boolean =>
  type === 'Literal' || type === 'TemplateLiteral' || type === 'ArrayExpression'

/** What the elements of a list are compared with: the id in `children.some((child) => child.id === id)`. */
function soughtBy(fn: FunctionNode, file: ProgramFile): { side: Node; meaning: Meaning }[] {
  return elementComparisons(fn, file).map(({ other, means }) => ({ side: other, meaning: means }))
}

interface ElementComparison {
  /** What of the element is compared. */
  readonly path: readonly string[]
  readonly other: Node
  readonly means: boolean
}

/** The comparisons of a callback that gets the elements of a list one by one. */
function elementComparisons(fn: FunctionNode, { sourceCode }: ProgramFile): ElementComparison[] {
  const found: ElementComparison[] = []
  walk(sourceCode, fn.body, (node) => {
    if (node.type !== 'BinaryExpression' || !equality.test(node.operator)) return
    const means = node.operator.startsWith('=')
    const [left, right] = [sameValue(node.left), sameValue(node.right)]
    const [ofLeft, ofRight] = [pathInElement(left), pathInElement(right)]
    if (ofLeft && !ofRight) found.push({ path: ofLeft, other: right, means })
    if (ofRight && !ofLeft) found.push({ path: ofRight, other: left, means })
  })
  return found

  function pathInElement(node: Node): readonly string[] | undefined {
    const path: string[] = []
    let at = node
    for (; at.type === 'MemberExpression'; at = unwrap(at.object))
      path.unshift(memberName(sourceCode, at) ?? '')
    const definition = at.type === 'Identifier' ? variableOf(sourceCode, at)?.defs[0] : undefined
    const [param] = fn.params
    if (definition?.type !== 'Parameter' || (definition.node as Node) !== fn || !param) return undefined
    const inside = pathTo(param, definition.name, sourceCode)
    return inside && [...inside.map(String), ...path]
  }
}

/** A list that a call keeps to the elements of one user, or the check that it has no others. */
export interface ListCheck extends Check {
  readonly list: Node
}

/** `items.every((item) => item.userId === user.id)`: the checks of a part of the elements of a list before a place. */
export function listChecks(
  at: Node,
  part: readonly string[],
  file: ProgramFile,
  isSent: (place: Place) => boolean,
): ListCheck[] {
  const fn = enclosing(at, isFunction)
  const found: ListCheck[] = []
  if (!fn) return found
  walk(file.sourceCode, fn.body, (node) => {
    if (node.type !== 'CallExpression' || node.range[0] >= at.range[0]) return
    const callee = unwrap(node.callee)
    const [callback] = node.arguments
    const name = lastName(file.sourceCode, callee)
    if (callee.type !== 'MemberExpression' || !isFunction(callback)) return
    if (name !== 'every' && name !== 'some') return
    if (isKept(callback, part, name === 'every', file, isSent))
      found.push({ list: callee.object, node, meaning: name === 'every' })
  })
  return found
}

/** Whether a callback is true for the elements of the signed-in user, or for all others. */
export function isKept(
  callback: FunctionNode,
  part: readonly string[],
  means: boolean,
  file: ProgramFile,
  isSent: (place: Place) => boolean,
): boolean {
  return elementComparisons(callback, file).some(
    (one) =>
      one.means === means && one.path.join('.') === part.join('.') && isIdentity(one.other, file, isSent),
  )
}
