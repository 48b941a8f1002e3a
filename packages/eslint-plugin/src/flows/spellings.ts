import type { TSESTree } from '@typescript-eslint/utils'
import { pathTo } from '../analysis/patterns.ts'
import { type FunctionNode, type Node, type SourceCode, spelling, unwrap, walk } from '../analysis/syntax.ts'

/** How a value is written in a function: as it is spelled, and by the constants that hold it or a part it is read from. */
export function spellingsOf(text: string, fn: FunctionNode, sourceCode: SourceCode): ReadonlySet<string> {
  const texts = new Set([text])
  const pairs = constantsIn(fn, sourceCode)
  for (let rounds = 0; rounds < 3; rounds++)
    for (const known of [...texts])
      for (const [name, source] of pairs) {
        if (isPartOf(known, source)) texts.add(name + known.slice(source.length))
        if (isPartOf(known, name)) texts.add(source + known.slice(name.length))
      }
  return texts
}

const isPartOf = (text: string, whole: string): boolean => text === whole || text.startsWith(`${whole}.`)

const known = new WeakMap<FunctionNode, readonly [string, string][]>()

/** Each constant of a function with what it is read from: `userId` and `req.body.userId`. */
function constantsIn(fn: FunctionNode, sourceCode: SourceCode): readonly [string, string][] {
  const before = known.get(fn)
  if (before) return before
  const pairs: [string, string][] = []
  known.set(fn, pairs)
  walk(sourceCode, fn.body, (node) => {
    if (node.type !== 'VariableDeclarator' || !node.init || node.parent.kind !== 'const') return
    const source = spelledValue(node.init, sourceCode)
    for (const name of namesIn(node.id, sourceCode)) {
      const path = pathTo(node.id, name, sourceCode)
      if (path) pairs.push([name.name, [source, ...path].join('.')])
    }
  })
  return pairs
}

/** The names that a pattern binds. */
export function namesIn(pattern: Node, sourceCode: SourceCode): TSESTree.Identifier[] {
  const names: TSESTree.Identifier[] = []
  walk(sourceCode, pattern, (node) => {
    if (node.type === 'Identifier' && pathTo(pattern, node, sourceCode)) names.push(node)
    return node.type !== 'TSTypeAnnotation'
  })
  return names
}

const spelledValue = (node: Node, sourceCode: SourceCode): string => spelling(sourceCode, sameValue(node))

/** Methods that write an id in another way. */
const rewrites = new Set(['toString', 'toHexString', 'valueOf', 'trim', 'toLowerCase', 'toUpperCase'])

/** The id itself, without what turns it into a string or a number: `id` of `String(id)`, `id.trim()` and `${id}`. */
export function sameValue(node: Node): Node {
  const inner = unwrap(node)
  if (inner.type === 'TemplateLiteral') {
    const [only, another] = inner.expressions
    return only && !another && inner.quasis.every(({ value }) => value.raw === '') ? sameValue(only) : inner
  }
  if (inner.type !== 'CallExpression') return inner
  const callee = unwrap(inner.callee)
  const [first] = inner.arguments
  if (callee.type === 'Identifier' && (callee.name === 'String' || callee.name === 'Number') && first)
    return sameValue(first)
  const isRewrite =
    callee.type === 'MemberExpression' &&
    !callee.computed &&
    rewrites.has((callee.property as TSESTree.Identifier).name)
  return isRewrite ? sameValue(callee.object) : inner
}

/** A mention of a value, or of a part of it, as it would be written out: `body.userId`. */
export const spelledPart = (node: Node, path: readonly string[], sourceCode: SourceCode): string =>
  [spelledValue(node, sourceCode), ...path].join('.')

/** The variable that a value is read from: `req` of `req.body.userId`. */
export function rootOf(node: Node): TSESTree.Identifier | undefined {
  let root = unwrap(node)
  while (root.type === 'MemberExpression' || root.type === 'CallExpression')
    root = unwrap(root.type === 'MemberExpression' ? root.object : root.callee)
  return root.type === 'Identifier' ? root : undefined
}
