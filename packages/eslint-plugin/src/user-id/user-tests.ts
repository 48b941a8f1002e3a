import { type Node, type SourceCode, spelling, unwrap, walk } from '../analysis/syntax.ts'
import { leaves } from './guards.ts'
import type { OriginReader } from './origin.ts'

/**
 * What the code before a place shows about a user: `true` when it gets there only with one, `undefined` when it tests
 * nothing, and `false` when it tests or does anything else, so that the user may be missing, or not the one meant.
 */
export function userIsSet(
  subjects: readonly string[],
  at: Node,
  within: Node,
  sourceCode: SourceCode,
  origins: OriginReader,
): boolean | undefined {
  const mentions: Node[] = []
  let isChanged = false
  walk(sourceCode, within, (node) => {
    if (!isSubject(node)) return
    if (isTarget(node)) isChanged = true
    if (node.range[1] <= at.range[0]) mentions.push(node)
  })
  if (isChanged) return false
  const tests = new Set(mentions.flatMap((mention) => testAround(mention) ?? []))
  if (tests.size === 0) return undefined
  return [...tests].every((test) => {
    const outcome = outcomeAt(test, at)
    return outcome !== undefined && shows(test, outcome)
  })

  function isSubject(node: Node): boolean {
    if (node.type !== 'Identifier' && node.type !== 'MemberExpression') return false
    const { parent } = node
    // The name after a dot is a property, not the subject.
    if (parent?.type === 'MemberExpression' && parent.property === node && !parent.computed) return false
    return subjects.includes(spelling(sourceCode, node))
  }

  /** Whether a test with this outcome means that the user is set, whatever else it tests. */
  function shows(test: Node, outcome: boolean): boolean {
    const inner = unwrap(test)
    if (isSubject(inner)) return outcome
    if (inner.type === 'UnaryExpression' && inner.operator === '!') return shows(inner.argument, !outcome)
    if (inner.type === 'LogicalExpression')
      return (
        inner.operator === (outcome ? '&&' : '||') &&
        [inner.left, inner.right].every((side) => !isMentioned(side) || shows(side, outcome))
      )
    if (inner.type !== 'BinaryExpression' || !/^[!=]==?$/.test(inner.operator)) return false
    const [left, right] = [unwrap(inner.left), unwrap(inner.right)]
    const isEqual = outcome === inner.operator.startsWith('=')
    if (left.type === 'UnaryExpression' && left.operator === 'typeof')
      return (
        isEqual && isSubject(unwrap(left.argument)) && sourceCode.getText(right).slice(1, -1) === 'string'
      )
    const other = isSubject(left) ? right : isSubject(right) ? left : undefined
    if (!other) return false
    if (sourceCode.getText(other) === 'null' || sourceCode.getText(other) === 'undefined')
      return !isEqual && inner.operator.length === 2
    // What the request names is the user's own.
    return isEqual && other.type === 'MemberExpression' && origins.of(other.object) !== undefined
  }

  function isMentioned(test: Node): boolean {
    return mentions.some((mention) => contains(test, mention))
  }
}

const contains = (outer: Node | null, inner: Node): boolean =>
  outer !== null && outer.range[0] <= inner.range[0] && inner.range[1] <= outer.range[1]

/** Whether a mention changes or deletes what it names. */
function isTarget(node: Node): boolean {
  const { parent } = node
  switch (parent?.type) {
    case 'AssignmentExpression':
    case 'ForOfStatement':
      return parent.left === node
    case 'UnaryExpression':
      return parent.operator === 'delete'
    case 'UpdateExpression':
    case 'ArrayPattern':
      return true
    case 'Property':
      return node.type === 'MemberExpression' && parent.parent.type === 'ObjectPattern'
    default:
      return false
  }
}

/** The whole test that a mention is part of. */
function testAround(mention: Node): Node | undefined {
  let found: Node | undefined
  for (let inner = mention; inner.parent; inner = inner.parent) {
    const { parent }: Node = inner
    if (
      ('test' in parent && parent.test === inner) ||
      (parent.type === 'SwitchStatement' && parent.discriminant === inner) ||
      (parent.type === 'LogicalExpression' && parent.left === inner)
    )
      found = inner
    if (/Statement$|Declaration$/.test(parent.type)) break
  }
  return found
}

/** The outcome that a test had when the code at a place runs, where there is only one. */
function outcomeAt(test: Node, at: Node): boolean | undefined {
  const { parent } = test
  if (parent?.type === 'LogicalExpression' && contains(parent.right, at))
    return parent.operator === '??' ? undefined : parent.operator === '&&'
  if (parent?.type !== 'IfStatement' && parent?.type !== 'ConditionalExpression') return undefined
  if (contains(parent.consequent, at)) return true
  if (contains(parent.alternate, at)) return false
  const isBefore = parent.parent.type === 'BlockStatement' || parent.parent.type === 'Program'
  return isBefore && contains(parent.parent, at) && leaves(parent.consequent) ? false : undefined
}
