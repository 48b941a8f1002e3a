import type { Node } from '../analysis/syntax.ts'
import type { ClientDescription } from './client-description.ts'

/** Whether the call that builds a client is shown, and names what the description asks of it. */
export function isBuiltWith({ builtWith }: ClientDescription, built: Node | undefined): boolean {
  if (builtWith === undefined) return true
  if (!built || !('arguments' in built)) return false
  const pattern = new RegExp(builtWith, 'i')
  return built.arguments.some((argument) => mentions(argument, pattern, 0))
}

/** Whether an identifier or string in an expression matches, or in what a constant of the file holds. */
function mentions(root: Node, pattern: RegExp, depth: number): boolean {
  const pending: Node[] = [root]
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (node.type === 'Identifier') {
      const init = depth < 3 ? constantOfFile(node, node.name) : undefined
      if (pattern.test(node.name) || (init && mentions(init, pattern, depth + 1))) return true
    } else if (node.type === 'Literal' && typeof node.value === 'string' && pattern.test(node.value))
      return true
    // The client may be built in another file, of which there is the tree alone.
    for (const [key, child] of Object.entries(node))
      if (key !== 'parent') for (const part of [child].flat()) if (isNode(part)) pending.push(part)
  }
  return false
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && 'range' in value

/** What a `const` at the top of the file holds. */
function constantOfFile(at: Node, name: string): Node | undefined {
  let program: Node = at
  while (program.parent) program = program.parent
  if (program.type !== 'Program') return undefined
  for (const statement of program.body) {
    const declaration = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement
    if (declaration?.type !== 'VariableDeclaration') continue
    for (const { id, init } of declaration.declarations)
      if (id.type === 'Identifier' && id.name === name && init && init !== at.parent) return init
  }
  return undefined
}
