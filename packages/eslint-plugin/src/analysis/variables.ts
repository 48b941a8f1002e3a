import type { TSESLint, TSESTree } from '@typescript-eslint/utils'
import { enclosing, isFunction, type Node, type SourceCode } from './syntax.ts'

export type Variable = TSESLint.Scope.Variable

/** The variable that a name means at a place. */
export function findVariable(sourceCode: SourceCode, at: Node, name: string): Variable | undefined {
  let scope: TSESLint.Scope.Scope | null = sourceCode.getScope(at)
  while (scope) {
    const variable = scope.set.get(name)
    if (variable) return variable
    scope = scope.upper
  }
  return undefined
}

/** The variable that an identifier means. */
export const variableOf = (sourceCode: SourceCode, node: TSESTree.Identifier): Variable | undefined =>
  findVariable(sourceCode, node, node.name)

/** What a variable is declared with, where its declaration is of this one name: `const name = …`. */
export function initOf(variable: Variable | undefined): TSESTree.Expression | undefined {
  const definition = variable?.defs[0]
  if (definition?.type !== 'Variable' || definition.node.id.type !== 'Identifier') return undefined
  return definition.node.init ?? undefined
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

/** Whether a variable has its first value when the code at a place runs; code that runs later than the file is assumed to see it. */
export function isSetBefore({ defs: [definition] }: Variable, at: Node): boolean {
  if (definition?.type !== 'Variable') return true
  return (
    definition.node.range[1] <= at.range[0] ||
    enclosing(definition.node, isFunction) !== enclosing(at, isFunction)
  )
}
