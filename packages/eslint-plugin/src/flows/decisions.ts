import type { TSESTree } from '@typescript-eslint/utils'
import { lastName } from '../analysis/names.ts'
import { isFunction, type Node, type SourceCode, unwrap } from '../analysis/syntax.ts'
import { variableOf } from '../analysis/variables.ts'
import { exitsFrom, throwsIn } from './exits.ts'
import { namesIn } from './spellings.ts'

/** What a test comes to when the two sides are the same. */
export type Meaning = boolean | 'either'

interface DecisionOptions {
  readonly sourceCode: SourceCode
  /** Whether an expression holds something that was sent. */
  readonly isSent: (node: Node) => boolean
}

const assertions = /assert|invariant|ensure|require|verify|check|expect/i

/**
 * Whether code gets to a place only if a test came out as it does for the right user: the place is in the right branch, or
 * the wrong branch leaves.
 */
export function decides(
  test: Node,
  meaning: Meaning,
  at: Node,
  { sourceCode, isSent }: DecisionOptions,
): boolean {
  return climb(test, meaning, 0)

  function climb(node: Node, means: Meaning, depth: number): boolean {
    const { parent } = node
    if (!parent || depth > 40 || isFunction(node)) return false
    switch (parent.type) {
      case 'UnaryExpression':
        return parent.operator === '!' && climb(parent, opposite(means), depth + 1)
      case 'LogicalExpression':
        if (parent.left === node && contains(parent.right, at))
          return parent.operator === '??' ? false : isMeant(means, parent.operator === '&&')
        return !isExcused(parent, node, means) && climb(parent, means, depth + 1)
      case 'AwaitExpression':
      case 'ChainExpression':
      case 'TSNonNullExpression':
      case 'TSAsExpression':
        return climb(parent, means, depth + 1)
      case 'ConditionalExpression':
        if (parent.test !== node) return climb(parent, means, depth + 1)
        return (
          (contains(parent.consequent, at) && isMeant(means, true)) ||
          (contains(parent.alternate, at) && isMeant(means, false))
        )
      case 'IfStatement':
        return parent.test === node && (ofIf(parent, means) || ofFlag(parent, depth))
      case 'SwitchCase':
        return parent.test === node && ofCase(parent, means)
      case 'SwitchStatement':
        return ofCase(node as TSESTree.SwitchCase, means)
      case 'MemberExpression':
        // `access.ok`: what the answer says is not known, only that it is looked at.
        return means === 'either' && parent.object === node && climb(parent, means, depth + 1)
      case 'BinaryExpression':
        return climb(parent, 'either', depth + 1)
      case 'WhileStatement':
        return contains(parent.body, at) && isMeant(means, true)
      case 'VariableDeclarator':
        return namesIn(parent.id, sourceCode).some((name) => ofVariable(name, means, depth))
      case 'CallExpression':
        return (
          parent.callee !== node &&
          isMeant(means, true) &&
          assertions.test(lastName(sourceCode, unwrap(parent.callee)) ?? '') &&
          isOnTheWay(parent)
        )
      default:
        return false
    }
  }

  /** Whether something that was sent makes up for ids that differ: `same || req.query.preview`. */
  function isExcused(parent: TSESTree.LogicalExpression, node: Node, means: Meaning): boolean {
    const excuses = parent.operator === (means === false ? '&&' : '||')
    return excuses && means !== 'either' && isSent(parent.left === node ? parent.right : parent.left)
  }

  function ofIf(statement: TSESTree.IfStatement, means: Meaning): boolean {
    if (contains(statement.consequent, at)) return isMeant(means, true)
    if (statement.alternate && contains(statement.alternate, at)) return isMeant(means, false)
    if (!isOnTheWay(statement)) return false
    return (
      (exitsFrom(statement.consequent, sourceCode) && isMeant(means, false)) ||
      (exitsFrom(statement.alternate, sourceCode) && isMeant(means, true))
    )
  }

  /** `case user.id:`, or `case id !== user.id:` that leaves in front of what comes next. */
  function ofCase(one: TSESTree.SwitchCase, means: Meaning): boolean {
    if (contains(one, at)) return isMeant(means, true)
    return (
      one.parent.range[0] < at.range[0] &&
      contains(one.parent, at) &&
      isMeant(means, false) &&
      exitsFrom(one.consequent.at(-1) ?? null, sourceCode)
    )
  }

  /** `if (id !== user.id) errors.push('id')`, `if (id === user.id) allowed = true`, and what is done with it. */
  function ofFlag({ consequent }: TSESTree.IfStatement, depth: number): boolean {
    return writtenIn(consequent).some((id) => ofVariable(id, 'either', depth))
  }

  function writtenIn(branch: Node): TSESTree.Identifier[] {
    const statements = branch.type === 'BlockStatement' ? branch.body : [branch]
    return statements.flatMap((statement) => {
      const expression = statement.type === 'ExpressionStatement' ? unwrap(statement.expression) : undefined
      const target =
        expression?.type === 'AssignmentExpression'
          ? expression.left
          : expression?.type === 'CallExpression' &&
              lastName(sourceCode, unwrap(expression.callee)) === 'push'
            ? (unwrap(expression.callee) as TSESTree.MemberExpression).object
            : undefined
      return target?.type === 'Identifier' ? [target] : []
    })
  }

  /** `const isOwn = id === user.id`, and what is done with it. */
  function ofVariable(id: TSESTree.Identifier, means: Meaning, depth: number): boolean {
    const references = variableOf(sourceCode, id)?.references ?? []
    return references.some(
      ({ identifier }) => (identifier as Node) !== id && climb(identifier, means, depth + 1),
    )
  }

  function isOnTheWay(node: Node): boolean {
    return isPassed(node, at, sourceCode)
  }
}

/** Whether code has run a statement, or what is in it, when it gets to a place. */
export function isPassed(node: Node, at: Node, sourceCode: SourceCode): boolean {
  let statement: Node = node
  while (statement.parent && !/Statement$|Declaration$/.test(statement.type)) statement = statement.parent
  if (statement.range[0] >= at.range[0]) return false
  let block = statement.parent
  // What is in a `try` has run, unless the error was swallowed.
  while (
    block?.type === 'BlockStatement' &&
    block.parent.type === 'TryStatement' &&
    block.parent.block === block &&
    !contains(block, at) &&
    (block.parent.handler === null || exitsFrom(block.parent.handler.body, sourceCode))
  )
    block = block.parent.parent
  return block !== undefined && contains(block, at)
}

/** Whether a test stops everybody but the right user, wherever it stands: by an error, or by what its function returns. */
export function stopsOthers(
  test: Node,
  meaning: Meaning,
  sourceCode: SourceCode,
  byReturn: boolean,
): boolean {
  let means = meaning
  for (let node = test; node.parent && !isFunction(node); node = node.parent) {
    const { parent }: Node = node
    if (parent.type === 'UnaryExpression' && parent.operator === '!') means = opposite(means)
    if (parent.type === 'IfStatement' && parent.test === node) {
      const stops = byReturn ? exitsFrom : throwsIn
      return (
        (stops(parent.consequent, sourceCode) && isMeant(means, false)) ||
        (stops(parent.alternate, sourceCode) && isMeant(means, true)) ||
        // `if (same) next()`, `if (same) return true`
        (byReturn && isMeant(means, true)) ||
        // `if (same) return`, and an error at the end
        (exitsFrom(parent.consequent, sourceCode) &&
          isMeant(means, true) &&
          throwsIn(parent.parent, sourceCode))
      )
    }
    if (parent.type === 'ReturnStatement' || parent.type === 'ArrowFunctionExpression') return byReturn
    if (parent.type === 'VariableDeclarator' && parent.id.type === 'Identifier') {
      const { id } = parent
      const now = means
      return (variableOf(sourceCode, id)?.references ?? []).some(
        ({ identifier }) => (identifier as Node) !== id && stopsOthers(identifier, now, sourceCode, byReturn),
      )
    }
    if (
      parent.type === 'CallExpression' &&
      parent.callee !== node &&
      assertions.test(lastName(sourceCode, unwrap(parent.callee)) ?? '')
    )
      return isMeant(means, true)
    if (parent.type === 'ExpressionStatement') return false
  }
  return false
}

const opposite = (meaning: Meaning): Meaning => (meaning === 'either' ? meaning : !meaning)

const isMeant = (meaning: Meaning, outcome: boolean): boolean => meaning === 'either' || meaning === outcome

export const contains = (outer: Node, inner: Node): boolean =>
  outer.range[0] <= inner.range[0] && inner.range[1] <= outer.range[1]
