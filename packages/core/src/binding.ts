import type { Backend } from './engines/backend.ts'
import type { Engine } from './engines/engine.ts'
import { narrow, readScope, wholeOf, type Scope } from './input/scope.ts'
import { validateUserId } from './input/user-id.ts'
import type { OwnershipCache } from './records/ownership-cache.ts'
import type { Settings } from './settings.ts'

/** One user, the scope as the back end knows it, and how it is asked: all that a handle is. */
export class Binding {
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
 * Binds a user.
 *
 * @throws InvalidUserIdError, InvalidArgumentError, ScopeEscapeError, and ScopedMemoryError `MISSING_API_KEY`
 */
export function bind(settings: Settings, id: unknown, scope?: unknown): Binding {
  const userId = validateUserId(id)
  const backend = settings.backend()
  const whole = wholeOf(backend.storedUserId(userId))
  return new Binding(
    settings,
    backend,
    userId,
    narrow(narrow(whole, settings.scope, 'scope'), readScope(scope, 'scope'), 'scope'),
  )
}
