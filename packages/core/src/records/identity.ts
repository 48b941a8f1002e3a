import { readMemoryId } from '../input/memory-id.ts'
import { DIMENSIONS, type Scope } from '../input/scope.ts'
import { own, ownValue, type Row } from './rows.ts'

/** Whose a row says it is: undefined where it does not say, null where it says nobody. */
export type Identity = { readonly [key in keyof Scope]: unknown }

/** How sure a row's owner must be: `proof` for calls about one memory, `listed` for rows of a filtered answer. */
export type Evidence = 'proof' | 'listed'

const CONFLICT = Symbol('conflicting owners')

/** Whose this row is. Where two spellings of one dimension disagree, it is nobody's. */
export function identityOf(row: Row): Identity {
  // Reading by name is quick; whether a value is the row's own is asked of those that are there.
  const { userId, user_id, agentId, agent_id, appId, app_id, runId, run_id, sessionId, session_id } = row
  return {
    userId: agreed(own(row, 'userId', userId), own(row, 'user_id', user_id)),
    agentId: agreed(own(row, 'agentId', agentId), own(row, 'agent_id', agent_id)),
    appId: agreed(own(row, 'appId', appId), own(row, 'app_id', app_id)),
    // The hosted list calls a run a session.
    runId: agreed(
      agreed(own(row, 'runId', runId), own(row, 'run_id', run_id)),
      agreed(own(row, 'sessionId', sessionId), own(row, 'session_id', session_id)),
    ),
  }
}

/**
 * Whose a record is: the scope's own; the same user's but `outside` the bound run, app or agent; or `foreign`, not shown
 * to be this user's at all.
 */
export type Standing = 'own' | 'outside' | 'foreign'

/** The standing of a record with this identity in a scope. */
export function standingOf(scope: Scope, identity: Identity, evidence: Evidence): Standing {
  const agrees = (named: unknown, bound: string): boolean =>
    named === bound || (named === undefined && evidence === 'listed')
  if (!agrees(identity.userId, scope.userId)) return 'foreign'
  for (const [name] of DIMENSIONS) {
    const bound = scope[name]
    if (bound === undefined || agrees(identity[name], bound)) continue
    // Without an owner there is only the filter to trust, and the back end did not keep to it.
    return identity.userId === undefined ? 'foreign' : 'outside'
  }
  return 'own'
}

/** Whether a row that a back end returned for an id, as {@link readMemoryId} reads it, is that record. */
export function isRecordOf(row: Row, id: string): boolean {
  const named = ownValue(row, 'id')
  return named === undefined || readMemoryId(named) === id
}

// A null beside a value adds nothing: the hosted API fills what it does not use with null.
function agreed(one: unknown, other: unknown): unknown {
  if (other === undefined || one === other) return one
  if (one === undefined || one === null) return other
  return other === null ? one : CONFLICT
}
