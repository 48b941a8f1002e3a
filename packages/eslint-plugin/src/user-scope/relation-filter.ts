import type { Shapes } from '../analysis/object-shapes.ts'
import { type Node, unwrap } from '../analysis/syntax.ts'
import type { ScopeResult } from './scope-result.ts'

/** Keys under which a relation says something that the records of several users can meet. */
const widening = new Set(['isNot', 'none', 'every', 'not', 'create', 'connectOrCreate', 'createMany'])

interface RelationReading {
  readonly shapes: Shapes
  readonly userKeys: ReadonlySet<string>
  /** Reads an object of conditions, in which these keys name the user as well. */
  readonly read: (node: Node, more: readonly string[]) => ScopeResult
}

/**
 * Whom a relation, or a key of several columns, names: `{ thread: { userId } }`, `{ user: { id: userId } }`,
 * `{ userId_key: { userId, key } }`; `undefined` where it names none.
 */
export function ofRelation(
  key: string,
  value: Node,
  { shapes, userKeys, read }: RelationReading,
): ScopeResult | undefined {
  if (widening.has(key) || !shapes.of(value).some(({ kind }) => kind === 'object')) return undefined
  const isUser = [...userKeys].some((userKey) => userKey !== key && userKey.replace(/_?id$/i, '') === key)
  const result = read(unwrap(value), isUser ? ['id'] : [])
  return result.kind === 'oneUser' ? result : undefined
}
