import { lastName } from '../analysis/names.ts'
import { type FunctionNode, type Node, type SourceCode, unwrap, walk } from '../analysis/syntax.ts'
import type { CallGraph } from './call-graph.ts'
import type { Place } from './program-files.ts'

/** Functions that do nothing but compare a signature. */
const verifiers = /^(?:timingSafeEqual|safeCompare|constructEvent|(?:verify|validate|check)\w*Signature)$/i
/** Functions that verify what they are given, which may be a signature. */
const verifications = /verif|valid|check|equal|compare|^is[A-Z]/
const signature = /signature|hmac|digest|svix|subtle/i
const equality = /^[!=]==?$/

/**
 * Whether a function verifies a signature, itself or by one that it calls, before a place in it: the sender of what is
 * signed is known. A hash that is compared with nothing says nothing.
 */
export function isSigned(
  fn: Place<FunctionNode>,
  graph: CallGraph,
  before: number = Number.POSITIVE_INFINITY,
  depth = 0,
): boolean {
  const { sourceCode } = fn.file
  let found = false
  walk(sourceCode, fn.node.body, (node) => {
    if (found || node.range[0] >= before) return false
    if (node.type === 'BinaryExpression' && equality.test(node.operator))
      found = comparesHash(node.left, node.right, sourceCode)
    else if (node.type === 'CallExpression') {
      const name = lastName(sourceCode, unwrap(node.callee)) ?? ''
      found =
        verifiers.test(name) ||
        (verifications.test(name) && signature.test(sourceCode.getText(node))) ||
        (depth < 2 &&
          graph
            .calledBy({ file: fn.file, node })
            .some((called) => isSigned(called, graph, undefined, depth + 1)))
    }
  })
  return found
}

/** `hash !== req.get('x-hub-signature')` */
function comparesHash(left: Node, right: Node, sourceCode: SourceCode): boolean {
  const isConstant = ({ type }: Node): boolean => type === 'Literal'
  if (isConstant(left) || isConstant(right)) return false
  return signature.test(sourceCode.getText(left)) || signature.test(sourceCode.getText(right))
}
