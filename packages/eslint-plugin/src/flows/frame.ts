import type { TSESTree } from '@typescript-eslint/utils'
import type { FunctionNode, Node } from '../analysis/syntax.ts'
import type { ProgramFile } from './program-files.ts'

/** A call that is looked into, so that its own arguments stand for the parameters of what it calls. */
export interface Frame {
  readonly fn: FunctionNode
  readonly call: TSESTree.CallExpression | TSESTree.NewExpression
  /** The file of the call. */
  readonly file: ProgramFile
  /** The call that is looked into around this one. */
  readonly below: Frame | undefined
}

/** The call that is looked into by which a function runs. */
export function frameOf(fn: FunctionNode, frame: Frame | undefined): Frame | undefined {
  for (let at = frame; at; at = at.below) if (at.fn === fn) return at
  return undefined
}

/** The calls around one another, as a key. */
export function keyOfFrame(frame: Frame | undefined): string {
  let key = ''
  for (let at = frame; at; at = at.below) key += `${at.file.name}:${at.call.range[0]} `
  return key
}

/** How many calls are looked into at once. */
export function depthOfFrame(frame: Frame | undefined): number {
  let depth = 0
  for (let at = frame; at; at = at.below) depth++
  return depth
}

/** What a call passes for a parameter, where that is written out. */
export function passedBy(call: Frame['call'], index: number): Node | undefined {
  const before = call.arguments.slice(0, index + 1)
  return before.some(({ type }) => type === 'SpreadElement') ? undefined : before[index]
}
