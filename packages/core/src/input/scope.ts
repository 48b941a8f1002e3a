import { InvalidArgumentError, ScopeEscapeError } from '../errors.ts'
import { snapshotObject } from './snapshot.ts'
import { validateEntityId } from './user-id.ts'

/** What a handle may be narrowed by. Each is an id by the same rules as a user id. */
export interface NarrowScope {
  readonly agentId?: string
  readonly appId?: string
  readonly runId?: string
}

/** Whose memory a handle reads and writes: that of exactly one user, and of at most one agent, app and run of that user. */
export interface Scope {
  readonly userId: string
  readonly agentId?: string | undefined
  readonly appId?: string | undefined
  readonly runId?: string | undefined
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
// In snake_case, whichever the case, and in camelCase; "appid" and "App ID" are a caller's own words.
const METADATA_IDENTITY = [
  /^(?:user|agent|app|run|actor)_id$/i,
  /^(?:[uU]ser|[aA]gent|[aA]pp|[rR]un|[aA]ctor)I[dD]$/,
]

// What a polluted prototype hands down to every object must not narrow a scope, nor widen a deletion.
function withoutPrototype<T extends object>(own: T): T {
  return Object.assign(Object.create(null) as object, own)
}

const NOT_NARROWED: NarrowScope = Object.freeze(withoutPrototype({}))

/** The one spelling of `user_id`, `userId`, `USER-ID`, …: letters and digits, in lower case. */
export function normalizeKey(key: string): string {
  return key.toLowerCase().replace(/[^a-z0-9]/g, '')
}

/** Whether an option of this name would choose a user. */
export function namesUser(key: string): boolean {
  return USER_KEYS.has(normalizeKey(key))
}

/** Whether an option of this name would choose an organisation or a project. */
export function namesTenant(key: string): boolean {
  return TENANT_KEYS.has(normalizeKey(key))
}

/** Whether mem0 would read this top-level metadata key as an identity of the record. */
export function isIdentityMetadata(key: string): boolean {
  return METADATA_IDENTITY.some((identity) => identity.test(key))
}

/** The scope of a whole user. What is undefined here is not looked up in a prototype, which may be polluted. */
export function scopeOfUser(userId: string): Scope {
  return Object.freeze({ userId, agentId: undefined, appId: undefined, runId: undefined })
}

/** Whether the scope is narrower than its user. */
export function isNarrowed(scope: Scope): boolean {
  return DIMENSIONS.some(([name]) => scope[name] !== undefined)
}

/**
 * Reads what a scope is to be narrowed by, as a copy.
 *
 * @throws InvalidArgumentError for a name that is not a dimension, and for a value that is not an id, undefined included:
 *   what was meant to narrow must not quietly mean everything.
 * @throws ScopeEscapeError for a name that means a user
 */
export function readScope(by: unknown, label: string): NarrowScope {
  if (by === undefined) return NOT_NARROWED
  const dimensions: { -readonly [key in Dimension]?: string } = withoutPrototype({})
  const given = snapshotObject(by, label)
  for (const key of Object.keys((by as object | undefined) ?? {})) {
    const dimension = DIMENSIONS.find(([name]) => name === key)?.[0]
    if (dimension !== undefined) {
      dimensions[dimension] = validateEntityId(given[key], `${label}: ${key}`)
    } else if (namesUser(key)) {
      throw new ScopeEscapeError(
        `${label} cannot name a user (${JSON.stringify(key.slice(0, 64))}): this handle is bound to one already. Remove it.`,
      )
    } else {
      throw new InvalidArgumentError(
        `${label} does not take ${JSON.stringify(key.slice(0, 64))}. Write runId, appId or agentId.`,
      )
    }
  }
  return Object.freeze(dimensions)
}

/** Adds dimensions to a scope. @throws ScopeEscapeError when a bound one would change */
export function narrow(scope: Scope, by: NarrowScope, label: string): Scope {
  if (by === NOT_NARROWED) return scope
  for (const [name] of DIMENSIONS) if (by[name] !== undefined) refuseRebinding(scope, name, by[name], label)
  return Object.freeze({ ...scope, ...by })
}

/** @throws ScopeEscapeError when a bound dimension is to have another value */
export function refuseRebinding(scope: Scope, dimension: Dimension, value: unknown, label: string): void {
  const bound = scope[dimension]
  if (bound === undefined || bound === value) return
  throw new ScopeEscapeError(
    `${label}: ${dimension} is already bound on this handle and cannot change. Start from the handle it was narrowed from.`,
  )
}
