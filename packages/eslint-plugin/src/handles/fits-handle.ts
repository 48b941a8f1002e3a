import { keyName } from '../analysis/names.ts'
import type { Node, SourceCode } from '../analysis/syntax.ts'

/** What a handle's method takes where mem0's takes more: how many arguments, and which keys of those written out. */
interface Takes {
  readonly most: number
  readonly keys: readonly string[]
  /** Positions of the arguments that have to be written out, because a variable may hold what the handle refuses. */
  readonly writtenOut?: readonly number[]
}

const byId: Readonly<Record<string, Takes>> = {
  get: { most: 1, keys: [] },
  history: { most: 1, keys: [] },
  update: { most: 2, keys: ['text', 'metadata', 'timestamp', 'expirationDate'] },
  delete: { most: 2, keys: ['deleteLinked'], writtenOut: [1] },
  feedback: { most: 1, keys: ['memoryId', 'feedback', 'feedbackReason'] },
  batchUpdate: { most: 1, keys: ['memoryId', 'text'] },
  batchDelete: { most: 1, keys: [] },
}
const others = new Set(['add', 'search', 'getAll'])

/** Whether a scoped handle has a method of this name that takes these arguments. */
export function fitsHandle(
  { name, arguments: passed }: { readonly name: string; readonly arguments: readonly Node[] | undefined },
  sourceCode: SourceCode,
): boolean {
  if (name === 'deleteAll') return passed?.length === 0
  const takes = Object.hasOwn(byId, name) ? byId[name] : undefined
  if (!takes) return others.has(name)
  if (!passed || passed.length === 0 || passed.length > takes.most) return false
  return passed.every((argument, index) => {
    if (argument.type === 'SpreadElement') return false
    if (takes.writtenOut?.includes(index) && argument.type !== 'ObjectExpression') return false
    const objects = argument.type === 'ArrayExpression' ? argument.elements : [argument]
    return objects.every((object) => object?.type !== 'ObjectExpression' || isOfKeys(object))
  })

  function isOfKeys(object: Extract<Node, { type: 'ObjectExpression' }>): boolean {
    return object.properties.every(
      (property) => property.type === 'Property' && takes?.keys.includes(keyName(sourceCode, property) ?? ''),
    )
  }
}
