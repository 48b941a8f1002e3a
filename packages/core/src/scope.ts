import { InvalidArgumentError, ScopeEscapeError } from './errors.ts'
import { kindOf, snapshotObject } from './snapshot.ts'
import { validateEntityId } from './user-id.ts'

/** What a handle may be narrowed by. Each is an id by the same rules as a user id. */
export interface NarrowScope {
  readonly agentId?: string | undefined
  readonly appId?: string | undefined
  readonly runId?: string | undefined
}

/** Whose memory a handle speaks of: exactly one user, and at most one agent, app and run of that user. */
export interface Scope {
  readonly userId: string
  readonly agentId?: string
  readonly appId?: string
  readonly runId?: string
}

/** The dimensions below the user, with their name on the wire. */
export const DIMENSIONS = [
  ['agentId', 'agent_id'],
  ['appId', 'app_id'],
  ['runId', 'run_id'],
] as const
export type Dimension = (typeof DIMENSIONS)[number][0]

const USER_KEYS = new Set(['userid', 'username', 'entityid', 'entitytype'])
const TENANT_KEYS = new Set([
  'orgid',
  'organizationid',
  'organisationid',
  'projectid',
  'orgname',
  'projectname',
])
const METADATA_IDENTITY_KEYS = new Set(['userid', 'agentid', 'appid', 'runid', 'actorid'])

/** One spelling for `user_id`, `userId`, `USER-ID`, …: lower case, letters and digits only. */
export function spelling(key: string): string {
  return key.toLowerCase().replace(/[^a-z0-9]/g, '')
}

/** Whether an option of this name would choose a user. */
export function namesUser(key: string): boolean {
  return USER_KEYS.has(spelling(key))
}

/** Whether an option of this name would choose an organisation or a project. */
export function namesTenant(key: string): boolean {
  return TENANT_KEYS.has(spelling(key))
}

/** Whether mem0 would read this top-level metadata key as an identity of the record. */
export function isIdentityMetadata(key: string): boolean {
  return METADATA_IDENTITY_KEYS.has(spelling(key))
}

/** Whether the scope is narrower than its user. */
export function isNarrowed(scope: Scope): boolean {
  return DIMENSIONS.some(([name]) => scope[name] !== undefined)
}

/**
 * Adds dimensions to a scope. One that is bound stays as it is.
 *
 * @throws InvalidArgumentError for a name that is no dimension or a value that is no id.
 * @throws ScopeEscapeError when a bound dimension would change.
 */
export function narrow(scope: Scope, by: unknown, label: string): Scope {
  if (by === undefined) return scope
  const added = snapshotObject(by, label)
  const narrowed: { userId: string } & { -readonly [key in Dimension]?: string } = { ...scope }
  for (const [key, value] of Object.entries(added)) {
    const dimension = DIMENSIONS.find(([name]) => name === key)?.[0]
    if (dimension === undefined) {
      if (namesUser(key)) {
        throw new ScopeEscapeError(
          `${label} cannot name a user ("${key}"): this handle is bound to one already. Remove it.`,
        )
      }
      throw new InvalidArgumentError(`${label} does not take "${key}". Write runId, appId or agentId.`)
    }
    narrowed[dimension] = bindDimension(scope, dimension, value, label)
  }
  return Object.freeze(narrowed)
}

/** The value of a dimension under a scope: what is bound, or `value` where nothing is. @throws ScopeEscapeError */
export function bindDimension(scope: Scope, dimension: Dimension, value: unknown, label: string): string {
  if (typeof value !== 'string') {
    throw new InvalidArgumentError(`${label}: ${dimension} must be a string, not ${kindOf(value)}.`)
  }
  const id = validateEntityId(value, `${label}: ${dimension}`)
  const bound = scope[dimension]
  if (bound !== undefined && bound !== id) {
    throw new ScopeEscapeError(
      `${label}: ${dimension} is already bound on this handle and cannot change. Start from the handle it was narrowed from.`,
    )
  }
  return id
}
