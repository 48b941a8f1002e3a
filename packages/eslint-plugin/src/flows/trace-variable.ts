import type { TSESTree } from '@typescript-eslint/utils'
import { pathTo } from '../analysis/patterns.ts'
import type { FunctionNode, Node } from '../analysis/syntax.ts'
import { variableOf } from '../analysis/variables.ts'
import { sent } from '../user-id/frameworks.ts'
import { isIncomingMember } from '../user-id/request-expressions.ts'
import { isTakenOut } from './object-keys.ts'
import { element, type Path } from './path.ts'
import type { Step, Tracing } from './tracing.ts'
import { writtenBefore } from './written-values.ts'

interface VariableTracer extends Pick<Tracing, 'ofDefault'> {
  readonly ofIdentifier: (node: TSESTree.Identifier, path: Path, step: Step) => void
}

/** Traces variables: what is written to them and to parts of them, what declares them, and what they are imported from. */
export function createVariableTracer(tracing: Tracing): VariableTracer {
  const { graph, follow, found } = tracing
  return { ofIdentifier, ofDefault }

  function ofIdentifier(node: TSESTree.Identifier, path: Path, step: Step): void {
    const { sourceCode } = step.file
    const [first, second] = path
    if (first !== undefined && second !== undefined && isIncomingMember(first) && sent.has(second)) {
      found(node, path, step)
      return
    }
    const variable = variableOf(sourceCode, node)
    const definition = variable?.defs[0]
    if (!variable || !definition) return
    const written = writtenBefore(variable, path, node, sourceCode)
    for (const { value, path: part } of written.values) follow(value, part, step)
    if (written.replaces) return
    switch (definition.type as string) {
      case 'Parameter':
        tracing.ofParameter(definition.name, definition.node as FunctionNode, path, step)
        break
      case 'Variable':
        ofDeclarator(definition.node as TSESTree.VariableDeclarator, definition.name, path, step)
        break
      case 'ImportBinding':
        ofImport(node, path, step)
        break
    }
  }

  function ofDeclarator(declarator: TSESTree.VariableDeclarator, name: Node, path: Path, step: Step): void {
    const inside = pathTo(declarator.id, name, step.file.sourceCode)
    if (!inside || isTakenOut(name, path[0], step.file.sourceCode)) return
    ofDefault(name, path, step)
    const loop = declarator.parent.parent
    const full = [...inside.map(String), ...path]
    if (loop.type === 'ForOfStatement' && loop.left === declarator.parent)
      follow(loop.right, [element, ...full], step)
    else if (declarator.init) follow(declarator.init, full, step)
  }

  /** `{ userId = … }`, `(userId = …)`. */
  function ofDefault(name: Node, path: Path, step: Step): void {
    const holder = name.parent
    if (holder?.type === 'AssignmentPattern' && holder.left === name) follow(holder.right, path, step)
  }

  /** A constant of another file. */
  function ofImport(node: TSESTree.Identifier, path: Path, step: Step): void {
    if (path.length === 0) return
    for (const { file, node: declaration } of graph.declared({ file: step.file, node }))
      if (declaration.type === 'VariableDeclarator' && declaration.init)
        follow(declaration.init, path, { ...step, file, frame: undefined })
  }
}
