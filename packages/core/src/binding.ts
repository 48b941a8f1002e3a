import { narrow, readScope, type Scope } from './scope.ts'
import type { Settings } from './settings.ts'
import { validateUserId } from './user-id.ts'

/** One user, the scope as the back end knows it, and how it is asked: all that a handle is. */
export class Binding {
  readonly settings: Settings
  /** The user as the caller knows it. */
  readonly userId: string
  /** The same user under the stored id, with the bound dimensions. */
  readonly scope: Scope

  constructor(settings: Settings, userId: string, scope: Scope) {
    this.settings = settings
    this.userId = userId
    this.scope = scope
  }
}

/**
 * Binds a user.
 *
 * @throws InvalidUserIdError, InvalidArgumentError, ScopeEscapeError
 */
export function bind(settings: Settings, id: unknown, scope?: unknown): Binding {
  const userId = validateUserId(id)
  const whole: Scope = Object.freeze({ userId: settings.storedUserId(userId) })
  return new Binding(
    settings,
    userId,
    narrow(narrow(whole, settings.scope, 'scope'), readScope(scope, 'scope'), 'scope'),
  )
}
