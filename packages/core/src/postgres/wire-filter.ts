import { InvalidArgumentError } from '../errors.ts'
import type { FilterClause } from '../input/filters.ts'
import type { Scope } from '../input/scope.ts'
import { isList, isObject, type Plain, type PlainObject } from '../input/snapshot.ts'
import type { Reach } from './statements.ts'

/** What a filter as mem0 hands it to a store reaches: it names the scope beside the other fields. */
export function reachOf(filters: object = {}): Reach {
  const { user_id: userId, agent_id: agentId, run_id: runId, ...rest } = filters as PlainObject
  const scope: { -readonly [name in keyof Scope]?: Scope[name] } = {}
  if (userId !== undefined) scope.userId = idOf(userId)
  if (agentId !== undefined) scope.agentId = idOf(agentId)
  if (runId !== undefined) scope.runId = idOf(runId)
  return { ...scope, filter: clausesOf(rest) }
}

function idOf(value: Plain): string {
  if (typeof value === 'string') return value
  throw new InvalidArgumentError('filters: user_id, agent_id and run_id each take one id as a string.')
}

function clausesOf(filters: PlainObject): FilterClause[] {
  return Object.entries(filters)
    .filter(([, condition]) => condition !== undefined)
    .map(([key, condition]) => {
      if (key === '$or' || key === '$not') {
        const of = (isList(condition) ? condition : [condition]).map((branch) =>
          clausesOf(isObject(branch) ? branch : {}),
        )
        return { kind: key === '$or' ? 'OR' : 'NOT', of, list: true }
      }
      return { kind: 'field', key, condition }
    })
}
