import type { TSESTree } from '@typescript-eslint/utils'
import { memberName } from './names.ts'
import { literalString, type Node, type SourceCode, unwrap, walk } from './syntax.ts'
import { variableOf } from './variables.ts'

/** What one file writes to properties, looked up by name; the file is walked when it is first asked for. */
export interface PropertyWrites {
  /** The assignments to a property of this name, of whatever object. */
  to(name: string): readonly TSESTree.AssignmentExpression[]
  /** What is put under a name by `c.set('name', …)` or `app.decorate('name', …)`. */
  registered(method: 'set' | 'decorate', name: string): readonly Node[]
  /** How an object is spelled, so that two mentions of it can be compared. */
  spelled(node: Node): string | undefined
}

export function createPropertyWrites(sourceCode: SourceCode): PropertyWrites {
  let assignments: Map<string, TSESTree.AssignmentExpression[]> | undefined
  let registrations: Map<string, Node[]> | undefined

  function spelled(node: Node): string | undefined {
    const inner = unwrap(node)
    if (inner.type === 'ThisExpression') return 'this'
    if (inner.type === 'Identifier') return inner.name === 'global' ? 'globalThis' : aliasOfGlobal(inner)
    if (inner.type !== 'MemberExpression') return undefined
    const object = spelled(inner.object)
    const name = memberName(sourceCode, inner)
    if (!object || !name) return undefined
    // `req.app.locals` is `app.locals`.
    return object.endsWith('.app') ? `app.${name}` : `${object}.${name}`
  }

  /** `const g = globalThis as unknown as {…}` is spelled like `globalThis`. */
  function aliasOfGlobal(node: TSESTree.Identifier): string {
    const definition = variableOf(sourceCode, node)?.defs[0]
    const init = definition?.type === 'Variable' ? definition.node.init : undefined
    const inner = init ? unwrap(init) : undefined
    return inner?.type === 'Identifier' && (inner.name === 'globalThis' || inner.name === 'global')
      ? 'globalThis'
      : node.name
  }

  function assignmentsByName(): Map<string, TSESTree.AssignmentExpression[]> {
    if (assignments) return assignments
    const found = (assignments = new Map<string, TSESTree.AssignmentExpression[]>())
    walk(sourceCode, sourceCode.ast, (node) => {
      if (node.type !== 'AssignmentExpression' || node.left.type !== 'MemberExpression') return
      const name = memberName(sourceCode, node.left)
      if (name === undefined) return
      const known = found.get(name)
      if (known) known.push(node)
      else found.set(name, [node])
    })
    return found
  }

  function registrationsByKey(): Map<string, Node[]> {
    if (registrations) return registrations
    const found = (registrations = new Map<string, Node[]>())
    walk(sourceCode, sourceCode.ast, (node) => {
      if (node.type !== 'CallExpression' || node.arguments.length !== 2) return
      const callee = unwrap(node.callee)
      const method = callee.type === 'MemberExpression' ? memberName(sourceCode, callee) : undefined
      const name = method === 'set' || method === 'decorate' ? literalString(node.arguments[0]) : undefined
      if (name === undefined) return
      const key = `${method} ${name}`
      const values = found.get(key)
      if (values) values.push(node.arguments[1] as Node)
      else found.set(key, [node.arguments[1] as Node])
    })
    return found
  }

  return {
    to: (name) => assignmentsByName().get(name) ?? [],
    registered: (method, name) => registrationsByKey().get(`${method} ${name}`) ?? [],
    spelled,
  }
}
