import type { AbstractValue, AbstractValues } from './abstract-value.ts'
import type { Evaluation } from './evaluation.ts'
import { type Cast, type Node, unwrap } from './syntax.ts'

/** Evaluates casts: what they claim, and what they hide. */
export function createCastEvaluator(evaluation: Evaluation): (node: Cast) => AbstractValues {
  const { evaluateType, evaluateBehind } = evaluation

  return (node) => {
    const claimed = evaluateType(node.typeAnnotation)
    // A class says what something is; an interface only what it has.
    if (claimed.some(isInstance)) return claimed
    const hidden = evaluateBehind(node.typeAnnotation, [node.expression])
    return !isAlternative(node.expression) && isChoice(claimed, hidden) ? claimed : [...claimed, ...hidden]
  }
}

/** Whether a cast picks one of several things that an expression may be, rather than hiding what it is. */
function isChoice(claimed: AbstractValues, values: AbstractValues): boolean {
  const isClaimed = (value: AbstractValue): boolean =>
    claimed.some((claim) => claim.kind === 'interface' && claim.members === membersOf(value))
  return values.some(isOfModule) && values.some((value) => isOfFile(value) || isClaimed(value))
}

/** Whether the alternatives stand in the cast itself, which then is about each of them. */
function isAlternative(node: Node): boolean {
  const { type } = unwrap(node)
  return type === 'ConditionalExpression' || type === 'LogicalExpression'
}

const membersOf = (value: AbstractValue): unknown => (value.kind === 'interface' ? value.members : undefined)

const isInstance = ({ kind }: AbstractValue): boolean => kind === 'instance'

const isOfModule = (value: AbstractValue): boolean => value.kind === 'instance' && value.of.kind === 'export'

const isOfFile = (value: AbstractValue): boolean =>
  value.kind === 'object' || (value.kind === 'instance' && value.of.kind === 'class')
