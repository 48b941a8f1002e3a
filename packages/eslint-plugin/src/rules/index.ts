import type { ScopedMemoryRule } from './create-rule.ts'
import { requireUserScope } from './require-user-scope.ts'
import { requireUserScopeTyped } from './require-user-scope-typed.ts'

export const rules: Readonly<Record<string, ScopedMemoryRule>> = {
  'require-user-scope': requireUserScope,
  'require-user-scope-typed': requireUserScopeTyped,
}
