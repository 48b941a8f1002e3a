import { describe } from 'vitest'
import type { Framework } from '../support/server.ts'
import { bindingSuite } from './binding.ts'
import { failuresSuite } from './failures.ts'
import { threatsSuite } from './threats.ts'
import { unreadBodiesSuite } from './unread-bodies.ts'
import { yourDataSuite } from './your-data.ts'

/** What every adapter promises, on a server of its framework. */
export function adapterSuites(framework: Framework): void {
  describe(framework.name, () => {
    bindingSuite(framework)
    threatsSuite(framework)
    failuresSuite(framework)
    yourDataSuite(framework)
    unreadBodiesSuite(framework)
  })
}
