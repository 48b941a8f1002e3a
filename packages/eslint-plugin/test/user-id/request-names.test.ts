import { expect, test } from 'vitest'
import { isRequestName, requestNames } from '../../src/user-id/request-names.ts'

test.each([
  ['input', ['req', 'request', '_req', '_request', 'ctx', 'context', 'event', 'socket', 'handshake']],
  ['request', ['req', 'request', '_req', '_request']],
  ['present', ['req', 'request', 'ctx', 'context', 'c', 'event']],
  ['login', ['req', 'request', 'ctx', 'context']],
  ['memory', ['req', 'request', '_req', 'ctx', 'context', 'c', 'socket']],
  ['express', ['req', 'request']],
  ['koa', ['ctx', 'context']],
  ['hono', ['ctx', 'context', 'c']],
] as const)('the names in the role %s', (role, names) => {
  expect(requestNames(role)).toEqual(names)
  for (const name of names) expect(isRequestName(name, role)).toBe(true)
  expect(isRequestName('user', role)).toBe(false)
})
