import type { TSESTree } from '@typescript-eslint/utils'
import { memberName } from '../analysis/names.ts'
import { isFunction, type Node, type SourceCode, unwrap } from '../analysis/syntax.ts'
import { type Variable, variableOf } from '../analysis/variables.ts'

/** A place that outlives a request. */
export type SharedPlace = 'module' | 'global' | 'application' | 'session' | 'socket'

const globals = new Set(['globalThis', 'global', 'window', 'self', 'process'])
/** What code calls the application itself. */
export const applications: ReadonlySet<string> = new Set(['app', 'application', 'server', 'fastify'])
const applicationState = new Set(['locals', 'context', 'state', 'settings'])
const sockets = new Set(['socket', 'connection', 'raw'])

/** The shared place that the left side of an assignment writes to, if it is one. */
export function sharedPlace(target: Node, sourceCode: SourceCode): SharedPlace | undefined {
  const inner = unwrap(target)
  if (inner.type === 'Identifier') {
    const variable = variableOf(sourceCode, inner)
    return !variable || isModuleVariable(variable) ? 'module' : undefined
  }
  if (inner.type !== 'MemberExpression') return undefined
  const names: string[] = []
  let root: Node = inner
  while (root.type === 'MemberExpression') {
    const name = memberName(sourceCode, root)
    if (name !== undefined) names.unshift(name)
    root = unwrap(root.object)
  }
  const holders = names.slice(0, -1)
  if (root.type === 'Identifier') holders.unshift(root.name)
  else if (root.type !== 'ThisExpression') return undefined

  if (holders.includes('session')) return 'session'
  if (holders.some((name, index) => index > 0 && (name === 'socket' || name === 'connection')))
    return 'socket'
  if (holders.at(-1) === 'raw' && holders.length > 1 && sockets.has(names.at(-2) ?? '')) return undefined
  if (holders.some((name, index) => applicationState.has(name) && applications.has(holders[index - 1] ?? '')))
    return 'application'
  if (root.type === 'ThisExpression') return undefined
  if (globals.has(root.name)) return 'global'
  if (root.name === 'exports' || root.name === 'module') return 'module'
  const variable = variableOf(sourceCode, root)
  return variable && isModuleVariable(variable) ? 'module' : undefined
}

/** A variable of the file itself: one for the whole process. */
export function isModuleVariable(variable: Variable): boolean {
  const { type } = variable.scope
  return (type === 'module' || type === 'global') && variable.defs.length > 0
}

/** Whether code that runs later than the file itself can reach a variable. */
export function outlives(variable: Variable): boolean {
  return variable.references.some(({ identifier }) => {
    let at = identifier.parent as Node | undefined
    if (at?.type === 'ExportSpecifier') return true
    for (; at; at = at.parent) if (isFunction(at)) return true
    return false
  })
}

/** `export const memory = …`, with the variable declared in the export itself. */
export const isExported = (declarator: TSESTree.VariableDeclarator): boolean =>
  declarator.parent.parent.type === 'ExportNamedDeclaration'
