import { type Node, unwrap } from '../analysis/syntax.ts'
import type { ConditionsOptions } from './conditions.ts'
import { noUser, oneUser, type ScopeResult, unknownScope } from './scope-result.ts'

/** A filter as it is put together: text that is written out, and what goes in between. */
type Piece = string | Node

/** Reads a filter that is a text: `user_id = '${userId}' AND topic = 'food'`. */
export function ofText(node: Node, { userKeys, onUser }: ConditionsOptions): ScopeResult | undefined {
  const pieces = piecesOf(node)
  if (!pieces) return undefined
  const keys = [...userKeys].join('|')
  const equals = new RegExp(`(?:^|[\\s(.])(?:${keys})\\s*=\\s*['"]?$`)
  const text = pieces.filter((piece) => typeof piece === 'string').join(' ')
  const id = pieces.find((piece, at) => {
    const before = pieces[at - 1]
    return typeof piece !== 'string' && typeof before === 'string' && equals.test(before)
  })
  if (id === undefined || typeof id === 'string')
    return pieces.length === 1 && !new RegExp(`\\b(?:${keys})\\b`).test(text) ? noUser : unknownScope(node)
  onUser(id)
  return /\b(?:OR|NOT)\b/i.test(text) ? unknownScope(node) : oneUser(id)
}

/** The pieces of a template, a string or a concatenation of them. */
function piecesOf(node: Node): readonly Piece[] | undefined {
  const inner = unwrap(node)
  if (inner.type === 'Literal') return typeof inner.value === 'string' ? [inner.value] : undefined
  if (inner.type === 'TemplateLiteral')
    return inner.quasis.flatMap(({ value }, at): readonly Piece[] => {
      const next = inner.expressions[at]
      return next ? [value.raw, next] : [value.raw]
    })
  if (inner.type !== 'BinaryExpression' || inner.operator !== '+') return undefined
  return [inner.left, inner.right].flatMap((side) => piecesOf(side) ?? [side])
}
