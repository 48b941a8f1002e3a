import type { ScopedMemoryRule } from './create-rule.ts'
import { requireUserScope } from './require-user-scope.ts'

export const rules: Readonly<Record<string, ScopedMemoryRule>> = {
  'require-user-scope': requireUserScope,
}
