import { ScopedMemoryError } from './errors.ts'
import { DIMENSIONS, type Scope } from './scope.ts'

/**
 * One memory as the back end returned it, with its identity in camelCase whichever back end it was.
 *
 * `score` is 0 to 1, in search results only. Dates are ISO 8601 strings.
 */
export interface MemoryRecord {
  id: string
  memory?: string
  userId?: string
  agentId?: string | null
  appId?: string | null
  runId?: string | null
  metadata?: Record<string, unknown> | null
  categories?: string[] | null
  score?: number
  hash?: string
  createdAt?: string
  updatedAt?: string | null
  expirationDate?: string | null
  [key: string]: unknown
}

/** A row of an answer, as it came. */
export type Row = Record<string, unknown>

/** Whose a row says it is. `undefined` where it does not say; null where it says nobody. */
export type Identity = { readonly [key in keyof Scope]: unknown }

/** How sure a row's owner must be: `proof` for by-id calls, `listed` for rows of a filtered answer. */
export type Evidence = 'proof' | 'listed'

const CONFLICT = Symbol('conflicting owners')

/** Whose this row is. Two names of one dimension that disagree make it nobody's. */
export function identityOf(row: Row): Identity {
  // Read by their names, which is quick, before it is asked whether that was the row's own.
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

/** What a row itself holds under a name: what every object of a process inherits from a polluted prototype, it did not say. */
export function ownValue(row: Row, name: string): unknown {
  return own(row, name, row[name])
}

function own(row: Row, name: string, value: unknown): unknown {
  return value !== undefined && Object.hasOwn(row, name) ? value : undefined
}

/**
 * Where a record stands: the scope's own; of the same user but `outside` the bound run, app or agent; or `foreign`, not
 * shown to be this user's at all.
 */
export type Standing = 'own' | 'outside' | 'foreign'

/** Where a record of this identity stands towards a scope. */
export function standingOf(scope: Scope, identity: Identity, evidence: Evidence): Standing {
  const agrees = (said: unknown, bound: string): boolean =>
    said === bound || (said === undefined && evidence === 'listed')
  if (!agrees(identity.userId, scope.userId)) return 'foreign'
  for (const [name] of DIMENSIONS) {
    const bound = scope[name]
    if (bound === undefined || agrees(identity[name], bound)) continue
    // Without an owner there is only the filter to trust, and this one was not kept to.
    return identity.userId === undefined ? 'foreign' : 'outside'
  }
  return 'own'
}

/**
 * A row as it is handed out: a copy with identity in camelCase, and the user as the caller knows it.
 *
 * @param identity the row's, from {@link identityOf}
 * @param userId the bound user's id; it replaces the stored one, which may be an encoded form
 */
export function toRecord(row: Row, identity: Identity, userId: string): MemoryRecord {
  const { userId: owner, agentId, appId, runId } = identity
  const record: Row = WIRE_NAMES.some((name) => name in row) ? withoutWireNames(row) : { ...row }
  if (typeof owner === 'string') record['userId'] = userId
  if (agentId !== undefined) record['agentId'] = agentId
  if (appId !== undefined) record['appId'] = appId
  if (runId !== undefined) record['runId'] = runId
  return record as MemoryRecord
}

/**
 * The rows of an answer that is a list, or an object with a list under `results`.
 *
 * @throws ScopedMemoryError `BAD_RESPONSE` (status 502) for any other answer
 */
export function rowsOf(answer: unknown, operation: string): Row[] {
  const rows = Array.isArray(answer) ? answer : isRow(answer) ? ownValue(answer, 'results') : undefined
  if (!Array.isArray(rows) || !rows.every(isRow)) throw badResponse(operation)
  return rows
}

/** Whether a value is an object that can be read as a row. */
export function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The error for an answer that is not what the operation answers with. */
export function badResponse(operation: string): ScopedMemoryError {
  return new ScopedMemoryError(
    `${operation}() got an answer from the back end that is no list of records. Check the host the client points to and its version of the API.`,
    { code: 'BAD_RESPONSE', status: 502 },
  )
}

const WIRE_NAMES = ['user_id', 'agent_id', 'app_id', 'run_id'] as const

function withoutWireNames({ user_id, agent_id, app_id, run_id, ...rest }: Row): Row {
  return rest
}

// A null beside a value adds nothing: the hosted API fills what it does not use with null.
function agreed(one: unknown, other: unknown): unknown {
  if (other === undefined || one === other) return one
  if (one === undefined || one === null) return other
  return other === null ? one : CONFLICT
}
