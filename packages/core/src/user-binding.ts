import type { Backend } from './engines/backend.ts'
import type { Engine } from './engines/engine.ts'
import { narrow, readScope, scopeOfUser, type Scope } from './input/scope.ts'
import { validateUserId } from './input/user-id.ts'
import type { OwnershipCache } from './records/ownership-cache.ts'
import type { Settings } from './settings.ts'

/** What a handle is bound to: one user, the scope as the back end knows it, and the engine that asks it. */
export class UserBinding {
  readonly settings: Settings
  readonly engine: Engine
  readonly ownership: OwnershipCache
  /** The user as the caller knows it. */
  readonly userId: string
  /** The same user under the stored id, with the bound dimensions. */
  readonly scope: Scope

  constructor(
    settings: Settings,
    { engine, ownership }: Pick<Backend, 'engine' | 'ownership'>,
    userId: string,
    scope: Scope,
  ) {
    this.settings = settings
    this.engine = engine
    this.ownership = ownership
    this.userId = userId
    this.scope = scope
  }
}

/**
 * Binds a user, and the scope that the options and `scope` narrow it to.
 *
 * @throws InvalidUserIdError, InvalidArgumentError, ScopeEscapeError, and ScopedMemoryError `MISSING_API_KEY`
 */
export function bindUser(settings: Settings, id: unknown, scope?: unknown): UserBinding {
  const userId = validateUserId(id)
  const backend = settings.backend()
  const whole = scopeOfUser(backend.storedUserId(userId))
  return new UserBinding(
    settings,
    backend,
    userId,
    narrow(narrow(whole, settings.scope, 'scope'), readScope(scope, 'scope'), 'scope'),
  )
}
