import type { TSESLint, TSESTree } from '@typescript-eslint/utils'

export type Node = TSESTree.Node
export type FunctionNode =
  | TSESTree.FunctionDeclaration
  | TSESTree.FunctionExpression
  | TSESTree.ArrowFunctionExpression
export type ClassNode = TSESTree.ClassDeclaration | TSESTree.ClassExpression
export type SourceCode = Readonly<TSESLint.SourceCode>

export type Cast = TSESTree.TSAsExpression | TSESTree.TSTypeAssertion | TSESTree.TSSatisfiesExpression

export function isCast(node: Node): node is Cast {
  return (
    node.type === 'TSAsExpression' || node.type === 'TSTypeAssertion' || node.type === 'TSSatisfiesExpression'
  )
}

/** What a cast, `!`, `satisfies`, an optional chain, a parenthesis or `await` stands around. */
export function wrappedIn(node: Node): Node | undefined {
  switch (node.type) {
    case 'TSAsExpression':
    case 'TSNonNullExpression':
    case 'TSSatisfiesExpression':
    case 'TSTypeAssertion':
    case 'TSInstantiationExpression':
    case 'ChainExpression':
      return node.expression
    case 'AwaitExpression':
      return node.argument
    default:
      // Some parsers keep parentheses in the tree.
      return (node.type as string) === 'ParenthesizedExpression'
        ? (node as unknown as { expression: Node }).expression
        : undefined
  }
}

/** The expression inside casts, `!`, `satisfies`, optional chains, parentheses and `await`. */
export function unwrap(node: Node): Node {
  const inner = wrappedIn(node)
  return inner ? unwrap(inner) : node
}

export function isFunction(node: Node | null | undefined): node is FunctionNode {
  return (
    node?.type === 'FunctionDeclaration' ||
    node?.type === 'FunctionExpression' ||
    node?.type === 'ArrowFunctionExpression'
  )
}

export function isClass(node: Node | null | undefined): node is ClassNode {
  return node?.type === 'ClassDeclaration' || node?.type === 'ClassExpression'
}

/** Calls `visit` on every node below and including `root`; a `false` answer skips what is below that node. */
export function walk(sourceCode: SourceCode, root: Node, visit: (node: Node) => unknown): void {
  const pending: Node[] = [root]
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (visit(node) === false) continue
    const keys = sourceCode.visitorKeys[node.type] ?? []
    for (let index = keys.length - 1; index >= 0; index--) {
      const child = (node as unknown as Record<string, unknown>)[keys[index]!]
      if (Array.isArray(child)) {
        for (let at = child.length - 1; at >= 0; at--) if (child[at]) pending.push(child[at] as Node)
      } else if (child) pending.push(child as Node)
    }
  }
}

/** What a function may return: its arrow body, or the argument of each of its own `return`s. */
export function returned(sourceCode: SourceCode, fn: FunctionNode): Node[] {
  if (fn.body.type !== 'BlockStatement') return [fn.body]
  const found: Node[] = []
  walk(sourceCode, fn.body, (node) => {
    if (isFunction(node) || isClass(node)) return false
    if (node.type === 'ReturnStatement' && node.argument) found.push(node.argument)
  })
  return found
}

export function enclosing<N extends Node>(
  node: Node,
  test: (candidate: Node) => candidate is N,
): N | undefined {
  for (let parent = node.parent; parent; parent = parent.parent) if (test(parent)) return parent
  return undefined
}

/** An expression as it is spelled without `?.` and `!`, so that two mentions of it can be compared. */
export const spelling = (sourceCode: SourceCode, node: Node): string =>
  sourceCode.getText(node).replaceAll('?.', '.').replaceAll('!', '')

/** The text of a string that is written out: a literal, or a template without expressions. */
export function literalString(node: Node | null | undefined): string | undefined {
  if (!node) return undefined
  if (node.type === 'Literal' && typeof node.value === 'string') return node.value
  if (node.type === 'TemplateLiteral' && node.expressions.length === 0)
    return node.quasis[0]?.value.cooked ?? undefined
  return undefined
}
