import { keyName } from '../analysis/names.ts'
import { type ClassNode, enclosing, type FunctionNode, isClass } from '../analysis/syntax.ts'
import { paramsOf } from './parameters.ts'
import type { Path } from './path.ts'
import type { Place } from './program-files.ts'

/** The functions that a value goes through, from where it comes in to where it is used. */
export interface Way {
  readonly label: string
  readonly next: Way | undefined
}

/** What a way goes through, in words. */
export function labelsOf(way: Way | undefined): readonly string[] {
  const labels: string[] = []
  for (let at = way; at; at = at.next) labels.push(at.label)
  return labels
}

export const nameOfClass = ({ id }: ClassNode): string => id?.name ?? 'class'

/** A function with the parameter that a value goes in by: `MemoryService.search({ userId })`. */
export function labelOf({ file, node }: Place<FunctionNode>, index: number, path: Path): string {
  const { sourceCode } = file
  const param = paramsOf(node)[index]
  const root = param?.type === 'TSParameterProperty' ? param.parameter : param
  const pattern = root?.type === 'AssignmentPattern' ? root.left : root
  const [key] = path
  const given = key !== undefined ? `{ ${key} }` : pattern?.type === 'Identifier' ? pattern.name : '…'
  const { parent } = node
  const holder = enclosing(node, isClass)
  if (parent.type === 'MethodDefinition' && parent.kind === 'constructor')
    return `new ${holder ? nameOfClass(holder) : ''}(${given})`
  const owner = holder?.id && parent.parent === holder.body ? `${holder.id.name}.` : ''
  const named =
    node.id?.name ??
    (parent.type === 'VariableDeclarator' && parent.id.type === 'Identifier'
      ? parent.id.name
      : 'key' in parent
        ? keyName(sourceCode, parent as never)
        : undefined)
  return `${owner}${named ?? 'function'}(${given})`
}
