import type { ScopedMemoryRule } from '../rule-kit/create-rule.ts'
import { noDirectClient } from './no-direct-client.ts'
import { noFallbackUserId } from './no-fallback-user-id.ts'
import { noSharedHandle } from './no-shared-handle.ts'
import { noUntrustedUserIdTyped } from './no-untrusted-user-id-typed.ts'
import { noUntrustedUserId } from './no-untrusted-user-id.ts'
import { requireUserScopeTyped } from './require-user-scope-typed.ts'
import { requireUserScope } from './require-user-scope.ts'

export const rules: Readonly<Record<string, ScopedMemoryRule>> = {
  'no-direct-client': noDirectClient,
  'no-fallback-user-id': noFallbackUserId,
  'no-shared-handle': noSharedHandle,
  'no-untrusted-user-id': noUntrustedUserId,
  'no-untrusted-user-id-typed': noUntrustedUserIdTyped,
  'require-user-scope': requireUserScope,
  'require-user-scope-typed': requireUserScopeTyped,
}
