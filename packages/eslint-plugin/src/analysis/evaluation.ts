import type { TSESTree } from '@typescript-eslint/utils'
import type { AbstractValues, Evaluator } from './abstract-value.ts'
import type { PropertyWrites } from './property-writes.ts'
import type { Node, SourceCode } from './syntax.ts'

/**
 * Says what a receiver is, such as by its type, from a member that is read of it. With `surely`, nothing where it may
 * also be something else.
 */
export type ReceiverLookup = (receiver: Node, member: string, surely?: boolean) => AbstractValues

export interface EvaluatorOptions {
  readonly sourceCode: SourceCode
  /** Whether the exports of this module are worth following. */
  readonly follows: (module: string) => boolean
  /** Asked about a receiver that the code of the file says nothing about. */
  readonly lookUpReceiver?: ReceiverLookup | undefined
  /** What a name imported from another file of the project stands for. */
  readonly imports?: ((specifier: Node) => AbstractValues) | undefined
}

/** What the parts of an evaluator ask of each other. */
export interface Evaluation extends Evaluator, EvaluatorOptions {
  readonly writes: PropertyWrites
  readonly evaluateAll: (nodes: readonly (Node | null | undefined)[]) => AbstractValues
  /** What something of a written type may hold. */
  readonly evaluateType: (node: TSESTree.TypeNode) => AbstractValues
  /** The same for what is annotated with a type, where it is. */
  readonly annotated: (node: Node) => AbstractValues
  /** The same for what is behind a written type, or a part of it: what the file does not tell, the compiler may. */
  readonly evaluateBehind: (
    type: Node | undefined,
    nodes: readonly (Node | null | undefined)[],
  ) => AbstractValues
  /** What one property of an expression may hold. */
  readonly read: (receiver: Node, name: string) => AbstractValues
  /** The member of an expression that the compiler recognises, behind casts as well. */
  readonly lookUp: (node: Node, name: string, surely?: boolean) => AbstractValues
  /** Something a module exports, if the module is one that is followed. */
  readonly exported: (module: unknown, path: readonly string[]) => AbstractValues
  /** Computes something once for each key; where the computation comes back to its own key, it gets nothing. */
  readonly once: (key: object, compute: () => AbstractValues) => AbstractValues
}

export const nothing: AbstractValues = []
