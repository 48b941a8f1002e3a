import type { TSESTree } from '@typescript-eslint/utils'
import type { AbstractValue, Evaluator } from '../analysis/abstract-value.ts'
import { keyName } from '../analysis/names.ts'
import type { Shape } from '../analysis/object-shapes.ts'
import type { PropertyWrites } from '../analysis/property-writes.ts'
import { type ClassNode, type Node, returned, type SourceCode } from '../analysis/syntax.ts'
import { isSureToWrite, isWrittenBefore } from './sure-writes.ts'

/** What a variable or property may hold. */
export interface Sources {
  readonly nodes: readonly Node[]
  /** Whether it may hold something else as well. */
  readonly isOpen: boolean
}

/**
 * What the objects of some shapes hold under a name: of several values the last, unless it is written to them by an
 * assignment that may not have run.
 */
export function sourcesInShapes(
  shapes: readonly Shape[],
  name: string,
  hasRun: (assignment: Node) => boolean,
): Sources {
  const held = shapes.map((shape) => sourcesInShape(shape, name, hasRun))
  return { nodes: held.flatMap(({ nodes }) => nodes), isOpen: held.some(({ isOpen }) => isOpen) }
}

function sourcesInShape(shape: Shape, name: string, hasRun: (assignment: Node) => boolean): Sources {
  let nodes: readonly Node[] = []
  let isOpen = true
  if (shape.kind !== 'object') return { nodes, isOpen }
  for (const entry of shape.entries) {
    if (entry.kind === 'unknown') isOpen ||= !entry.without?.includes(name)
    else if (entry.key === name) {
      const { value, opaque = false, optional } = entry
      const written = value.parent?.type === 'AssignmentExpression' ? value.parent : undefined
      const isSure = !optional && (!written || hasRun(written))
      const own = opaque ? [] : [value]
      nodes = isSure ? own : [...nodes, ...own]
      isOpen = opaque || (!isSure && isOpen)
    }
  }
  return { nodes, isOpen }
}

interface Field {
  readonly node: ClassNode
  readonly name: string
  readonly isStatic: boolean
  /** Where the field is read. */
  readonly at: Node
}

interface FieldOptions {
  readonly sourceCode: SourceCode
  readonly evaluator: Evaluator
  readonly writes: PropertyWrites
}

/** What a field of a class may hold where it is read, as far as the classes of the file say. */
export function sourcesOfField(
  { node, name, isStatic, at }: Field,
  { sourceCode, evaluator, writes }: FieldOptions,
): Sources {
  const classes = [node, ...basesOf(node, evaluator)]
  const written = writes.to(name).filter(isOwnWrite)
  const isWrite = (assignment: TSESTree.AssignmentExpression): boolean => written.includes(assignment)
  const declared = classes.findIndex((one) => initialIn(one).length > 0)
  const initial = isReplaced() ? [] : initialIn(classes[declared])
  return {
    nodes: [...initial, ...written.map(({ right }) => right)],
    isOpen: written.some(({ operator }) => operator !== '='),
  }

  function isOwnWrite({ left }: TSESTree.AssignmentExpression): boolean {
    return evaluator.evaluate((left as TSESTree.MemberExpression).object).some((value) => {
      const own = classOf(value)
      return own !== undefined && own.isStatic === isStatic && classes.includes(own.node)
    })
  }

  /** What a class gives the field where it declares it. */
  function initialIn(one: ClassNode | undefined): readonly Node[] {
    return (one?.body.body ?? []).flatMap((member): readonly Node[] => {
      if (member.type === 'MethodDefinition' && member.kind === 'constructor')
        return isStatic ? [] : parameterProperties(member)
      if (!('key' in member) || member.static !== isStatic || keyName(sourceCode, member) !== name) return []
      if (member.type === 'MethodDefinition')
        return member.kind === 'get' ? returned(sourceCode, member.value as TSESTree.FunctionExpression) : []
      return 'value' in member && member.value ? [member.value] : []
    })
  }

  function parameterProperties({ value }: TSESTree.MethodDefinition): readonly Node[] {
    return value.params.flatMap((param): readonly Node[] => {
      if (param.type !== 'TSParameterProperty') return []
      const { parameter } = param
      const bound = parameter.type === 'AssignmentPattern' ? parameter.left : parameter
      return bound.type === 'Identifier' && bound.name === name ? [bound] : []
    })
  }

  /** Whether a constructor, or the code before the place, always gives the field another value than its declaration. */
  function isReplaced(): boolean {
    if (written.length === 0) return false
    if (isWrittenBefore(at, isWrite, evaluator)) return true
    if (isStatic) return false
    return classes.slice(0, declared + 1).some((one) => {
      const constructor = one.body.body.find(
        (member) => member.type === 'MethodDefinition' && member.kind === 'constructor' && member.value.body,
      ) as TSESTree.MethodDefinition | undefined
      return constructor?.value.body ? isSureToWrite(constructor.value.body, isWrite, evaluator) : false
    })
  }
}

/** The class of the file that a value is, or is an instance of. */
export function classOf(
  value: AbstractValue,
): { readonly node: ClassNode; readonly isStatic: boolean } | undefined {
  if (value.kind === 'class') return { node: value.node, isStatic: true }
  return value.kind === 'instance' && value.of.kind === 'class'
    ? { node: value.of.node, isStatic: false }
    : undefined
}

/** The classes of the file that a class extends, the nearest first. */
function basesOf(node: ClassNode, evaluator: Evaluator): readonly ClassNode[] {
  const found: ClassNode[] = []
  for (let at: ClassNode | undefined = node; at?.superClass && found.length < 8; ) {
    at = evaluator.evaluate(at.superClass).find((value) => value.kind === 'class')?.node
    if (at) found.push(at)
  }
  return found
}
