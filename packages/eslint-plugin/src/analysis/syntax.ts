import type { TSESLint, TSESTree } from '@typescript-eslint/utils'

export type Node = TSESTree.Node
export type FunctionNode =
  | TSESTree.FunctionDeclaration
  | TSESTree.FunctionExpression
  | TSESTree.ArrowFunctionExpression
export type ClassNode = TSESTree.ClassDeclaration | TSESTree.ClassExpression
export type SourceCode = Readonly<TSESLint.SourceCode>
export type Variable = TSESLint.Scope.Variable

/** The expression inside casts, `!`, `satisfies`, optional chains, parentheses and `await`. */
export function unwrap(node: Node): Node {
  switch (node.type) {
    case 'TSAsExpression':
    case 'TSNonNullExpression':
    case 'TSSatisfiesExpression':
    case 'TSTypeAssertion':
    case 'TSInstantiationExpression':
    case 'ChainExpression':
      return unwrap(node.expression)
    case 'AwaitExpression':
      return unwrap(node.argument)
    default:
      // Some parsers keep parentheses in the tree.
      return (node.type as string) === 'ParenthesizedExpression'
        ? unwrap((node as unknown as { expression: Node }).expression)
        : node
  }
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

export function findVariable(sourceCode: SourceCode, node: Node, name: string): Variable | undefined {
  let scope: TSESLint.Scope.Scope | null = sourceCode.getScope(node)
  while (scope) {
    const variable = scope.set.get(name)
    if (variable) return variable
    scope = scope.upper
  }
  return undefined
}

/** Whether a variable is one of the file itself, in a module or in CommonJS. */
export const isOfFile = ({ scope }: Variable): boolean => scope.block.type === 'Program'

/** The variables that code at a place can name, those of the file last; one that is hidden by another is left out. */
export function visibleVariables(sourceCode: SourceCode, at: Node): Variable[] {
  const byName = new Map<string, Variable>()
  let scope: TSESLint.Scope.Scope | null = sourceCode.getScope(at)
  for (; scope; scope = scope.upper)
    for (const variable of scope.variables)
      if (!byName.has(variable.name)) byName.set(variable.name, variable)
  return [...byName.values()]
}

/** Whether a variable has its first value when the code at a place runs; what runs later than the file is taken to. */
export function isSetBefore({ defs: [definition] }: Variable, at: Node): boolean {
  if (definition?.type !== 'Variable') return true
  return (
    definition.node.range[1] <= at.range[0] ||
    enclosing(definition.node, isFunction) !== enclosing(at, isFunction)
  )
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

/** The string an expression is bound to for good: a literal, or a `const` that holds one. */
function constantString(sourceCode: SourceCode, node: Node): string | undefined {
  const inner = unwrap(node)
  const literal = literalString(inner)
  if (literal !== undefined || inner.type !== 'Identifier') return literal
  const variable = findVariable(sourceCode, inner, inner.name)
  const definition = variable?.defs[0]
  if (definition?.type !== 'Variable' || definition.parent.kind !== 'const') return undefined
  return definition.node.id.type === 'Identifier' && definition.node.init
    ? literalString(unwrap(definition.node.init))
    : undefined
}

/** The name behind the dot or in the brackets, when it is known. Private names keep their `#`. */
export function memberName(sourceCode: SourceCode, node: TSESTree.MemberExpression): string | undefined {
  if (node.computed) return constantString(sourceCode, node.property)
  return node.property.type === 'PrivateIdentifier' ? `#${node.property.name}` : node.property.name
}

/** The name of a property, method or field as it is declared. */
export function keyName(sourceCode: SourceCode, node: { key: Node; computed: boolean }): string | undefined {
  if (node.computed) return constantString(sourceCode, node.key)
  if (node.key.type === 'PrivateIdentifier') return `#${node.key.name}`
  if (node.key.type === 'Identifier') return node.key.name
  return node.key.type === 'Literal' ? String(node.key.value) : undefined
}
