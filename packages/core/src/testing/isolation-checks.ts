import { filterAttacks } from './attacks/filters.ts'
import { optionAttacks } from './attacks/options.ts'
import { scopeAttacks } from './attacks/scopes.ts'
import { singleMemoryAttacks } from './attacks/single-memories.ts'
import { userAttacks } from './attacks/users.ts'
import type { IsolationCheck } from './isolation-check.ts'
import { legitimateUses } from './legitimate-uses.ts'

/** Every check, attacks first: what `isolationContract` and `checkIsolation` run. */
export const isolationChecks: readonly IsolationCheck[] = [
  ...optionAttacks,
  ...filterAttacks,
  ...singleMemoryAttacks,
  ...userAttacks,
  ...scopeAttacks,
  ...legitimateUses,
]
