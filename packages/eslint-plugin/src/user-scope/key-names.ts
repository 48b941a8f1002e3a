import type { Evaluator } from '../analysis/abstract-value.ts'
import { literalString, type Node, type SourceCode, unwrap, walk } from '../analysis/syntax.ts'
import { initOf, variableOf } from '../analysis/variables.ts'

/** A key in pieces: what is written out, and the expressions between. */
type Pieces = readonly (string | Node)[]

interface KeyReading {
  readonly sourceCode: SourceCode
  readonly evaluator: Evaluator
}

const userNames = /user|tenant|customer|account|owner|^(uid|sub)$/i
const hole = '\0'

/** Whether a key is one of those that some patterns stand for; `undefined` where the code does not show it. */
export function isKeyOf(key: Node, patterns: readonly string[], reading: KeyReading): boolean | undefined {
  const text = piecesOf(key, reading, 0)
    .map((piece) => (typeof piece === 'string' ? piece : hole))
    .join('')
  const [start = ''] = text.split(/[*\0]/)
  const answers = patterns.map((pattern) => {
    if (asExpression(pattern).test(text)) return true
    const isShorter = start.length < text.length && pattern.startsWith(start) && !pattern.startsWith('*')
    const [fixed = ''] = pattern.split('*')
    if (!isShorter || start.length >= fixed.length) return false
    // A pattern of the call's own reaches these keys; what goes into the key may make it one of them.
    return text.includes(hole) ? undefined : true
  })
  return answers.includes(true) ? true : answers.includes(undefined) ? undefined : false
}

const asExpression = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .split('*')
      .map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('[^]*')}$`,
  )

/** The expressions in a key that are users' ids by their names; `undefined` where it is written out as a whole. */
export function usersInKey(key: Node, reading: KeyReading): readonly Node[] | undefined {
  const holes = piecesOf(key, reading, 0).filter((piece) => typeof piece !== 'string')
  if (holes.length === 0) return undefined
  return holes.filter((piece) => namesUser(piece, reading.sourceCode))
}

function namesUser(node: Node, sourceCode: SourceCode): boolean {
  let found = false
  walk(sourceCode, node, (part) => {
    if (part.type === 'Identifier' && userNames.test(part.name)) found = true
    return !found
  })
  return found
}

function piecesOf(node: Node, reading: KeyReading, depth: number): Pieces {
  const inner = unwrap(node)
  const text = literalString(inner)
  if (text !== undefined) return [text]
  if (depth > 5) return [inner]
  const further = (part: Node): Pieces => piecesOf(part, reading, depth + 1)
  switch (inner.type) {
    case 'TemplateLiteral':
      return inner.quasis.flatMap(({ value }, index) => {
        const next = inner.expressions[index]
        return [value.cooked ?? value.raw, ...(next ? further(next) : [])]
      })
    case 'BinaryExpression':
      return inner.operator === '+' ? [...further(inner.left), ...further(inner.right)] : [inner]
    case 'Identifier': {
      const init = initOf(variableOf(reading.sourceCode, inner))
      const pieces = init ? further(init) : [inner]
      // A variable that holds something else than text stands for itself.
      return pieces.some((piece) => typeof piece === 'string') ? pieces : [inner]
    }
    case 'CallExpression': {
      const [fn] = reading.evaluator.functionsOf(inner.callee)
      const [result] = reading.evaluator.returnedBy(inner.callee)
      if (!fn || !result) return [inner]
      return further(result).map((piece) => {
        const index = fn.params.findIndex((param) => typeof piece !== 'string' && isSameName(param, piece))
        return inner.arguments[index] ?? piece
      })
    }
    default:
      return [inner]
  }
}

const isSameName = (left: Node, right: Node): boolean =>
  left.type === 'Identifier' && right.type === 'Identifier' && left.name === right.name
