import type { TSESTree } from '@typescript-eslint/utils'
import type { ClassNode, FunctionNode, Node } from './syntax.ts'
import type { Variable } from './variables.ts'

/** What an expression may hold, as far as the code of one file tells. A promise counts as what it resolves to. */
export type AbstractValue =
  /** Something a module exports; an empty path is the module itself. */
  | { readonly kind: 'export'; readonly module: string; readonly path: readonly string[] }
  | { readonly kind: 'instance'; readonly of: AbstractValue; readonly node?: TSESTree.NewExpression }
  | { readonly kind: 'result'; readonly of: AbstractValue; readonly call: Node }
  | { readonly kind: 'member'; readonly of: AbstractValue; readonly name: string }
  | { readonly kind: 'function'; readonly node: FunctionNode }
  /** Something callable of which only the type is written out. */
  | {
      readonly kind: 'signature'
      readonly node: { readonly returnType?: TSESTree.TSTypeAnnotation | undefined }
    }
  | { readonly kind: 'class'; readonly node: ClassNode }
  | { readonly kind: 'object'; readonly node: TSESTree.ObjectExpression }
  /** An object of which only the type is written out. */
  | { readonly kind: 'interface'; readonly members: readonly TSESTree.TypeElement[] }
  | { readonly kind: 'collection'; readonly elements: () => AbstractValues }
  /** An expression behind a written type, of which only the compiler knows what it is. */
  | { readonly kind: 'typed'; readonly node: Node }
  /** A value of another file, which the evaluator of that file reads. */
  | { readonly kind: 'imported'; readonly of: AbstractValue; readonly evaluator: Evaluator }

/** Each value that one expression may hold. */
export type AbstractValues = readonly AbstractValue[]

/** Says what the code of one file may hold, call and return. */
export interface Evaluator {
  /** What an expression, or the name in a pattern, may hold. */
  readonly evaluate: (node: Node) => AbstractValues
  readonly evaluateVariable: (variable: Variable) => AbstractValues
  /** What one property of a value may hold. */
  readonly propertyOf: (value: AbstractValue, name: string) => AbstractValues
  /** What calling a value may give. */
  readonly resultOf: (value: AbstractValue, call: Node) => AbstractValues
  /** The arguments that the calls in this file pass for one parameter of a function. */
  readonly argumentsFor: (fn: FunctionNode, index: number) => readonly Node[]
  /** The functions of this file that an expression may be. */
  readonly functionsOf: (node: Node) => readonly FunctionNode[]
  /** The objects written out in this file that an expression may be. */
  readonly objectsOf: (node: Node) => readonly TSESTree.ObjectExpression[]
  /** The expressions that a call of this callee may return. */
  readonly returnedBy: (callee: Node) => readonly Node[]
}

/** What the collections among some values hold. */
export const elementsOf = (values: AbstractValues): AbstractValues =>
  values.flatMap((value) => (value.kind === 'collection' ? value.elements() : []))

export const instancesOf = (values: AbstractValues): AbstractValues =>
  values.map((of) => ({ kind: 'instance', of }))

/** How many values of one expression are kept: more than any code needs, few enough to be fast. */
const most = 64

/** The values without those that stand for the same piece of code twice. */
export function distinct(values: AbstractValues): AbstractValues {
  if (values.length < 2) return values
  const nodes = new Set<unknown>()
  const kept = values.filter((value) => {
    const isCode = value.kind === 'function' || value.kind === 'class' || value.kind === 'object'
    const key = isCode ? value.node : value
    return nodes.has(key) ? false : nodes.add(key)
  })
  return kept.slice(0, most)
}

/** Whether `new` of a value makes an instance of it. */
export const isConstructible = ({ kind }: AbstractValue): boolean =>
  kind === 'export' || kind === 'class' || kind === 'imported'

/** A value of another file, as this file sees it: what comes from a module needs no evaluator to be read. */
export function importedFrom(value: AbstractValue, evaluator: Evaluator): AbstractValue {
  const isOfModule = (at: AbstractValue): boolean =>
    at.kind === 'export' ||
    ((at.kind === 'instance' || at.kind === 'result' || at.kind === 'member') && isOfModule(at.of))
  return value.kind === 'imported' || isOfModule(value) ? value : { kind: 'imported', of: value, evaluator }
}
