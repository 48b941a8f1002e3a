import { expect, test } from 'vitest'
import { allowedIn } from '../../src/rule-kit/allow-in.ts'

const cwd = '/project'

test.each([
  ['/project/src/admin/purge.ts', ['src/admin/**'], true],
  ['src/admin/purge.ts', ['src/admin/**'], true],
  ['/project/src/admin/.hidden/purge.ts', ['src/admin/**'], true],
  ['/project/src/purge.ts', ['src/admin/**'], false],
  ['/other/src/admin/purge.ts', ['src/admin/**'], false],
  ['/project/scripts/a.ts', ['src/admin/**', 'scripts/*.ts'], true],
  ['/project/src/a.ts', [], false],
  ['/project/src/a.ts', undefined, false],
])('%s with %j: %s', (filename, globs, allowed) => {
  expect(allowedIn({ filename, cwd }, globs)).toBe(allowed)
})
