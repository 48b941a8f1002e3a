import type { TSESTree } from '@typescript-eslint/utils'
import type { ClassNode, FunctionNode, Node, Variable } from './syntax.ts'

/** What an expression may hold, as far as the bindings of one file tell. Promises count as what they resolve to. */
export type Value =
  /** Something a module exports; an empty path is the module itself. */
  | { readonly kind: 'export'; readonly module: string; readonly path: readonly string[] }
  | { readonly kind: 'instance'; readonly of: Value; readonly node?: TSESTree.NewExpression }
  | { readonly kind: 'result'; readonly of: Value; readonly call: Node }
  | { readonly kind: 'member'; readonly of: Value; readonly name: string }
  | { readonly kind: 'function'; readonly node: FunctionNode }
  | {
      readonly kind: 'signature'
      readonly node: { readonly returnType?: TSESTree.TSTypeAnnotation | undefined }
    }
  | { readonly kind: 'class'; readonly node: ClassNode }
  | { readonly kind: 'object'; readonly node: TSESTree.ObjectExpression }
  | { readonly kind: 'shape'; readonly members: readonly TSESTree.TypeElement[] }
  | { readonly kind: 'collection'; readonly of: () => readonly Value[] }
  /** A value of another file, to be read by that file's bindings. */
  | { readonly kind: 'foreign'; readonly of: Value; readonly values: Values }

export interface Values {
  /** What an expression, or a pattern's variable, may hold. */
  of(node: Node): readonly Value[]
  ofVariable(variable: Variable): readonly Value[]
  /** What one property of a value may hold. */
  property(value: Value, name: string): readonly Value[]
  /** The arguments that the calls in this file pass for one parameter of a function. */
  argumentsFor(fn: FunctionNode, index: number): readonly Node[]
  /** What calling a value may give. */
  result(value: Value, call: Node): readonly Value[]
}

/** More than enough of what one expression may hold; past it, reading on only takes time. */
const most = 64

/** The values without those that stand for the same piece of code twice. */
export function distinct(values: readonly Value[]): readonly Value[] {
  if (values.length < 2) return values
  const nodes = new Set<unknown>()
  const kept = values.filter((value) => {
    const same = value.kind === 'function' || value.kind === 'class' || value.kind === 'object'
    const key = same ? value.node : value
    return nodes.has(key) ? false : nodes.add(key)
  })
  return kept.slice(0, most)
}

/** Whether `new` of a value makes an instance of it. */
export const isConstructible = ({ kind }: Value): boolean =>
  kind === 'export' || kind === 'class' || kind === 'foreign'

/** Marks a value so that the bindings of its own file go on reading it. */
export function fromElsewhere(value: Value, values: Values): Value {
  const rooted = (at: Value): boolean =>
    at.kind === 'export' ||
    ((at.kind === 'instance' || at.kind === 'result' || at.kind === 'member') && rooted(at.of))
  return value.kind === 'foreign' || rooted(value) ? value : { kind: 'foreign', of: value, values }
}
