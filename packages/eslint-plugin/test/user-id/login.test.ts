import { expect, test } from 'vitest'
import { loginOf } from '../../src/user-id/login.ts'
import { createOrigins } from '../../src/user-id/origin.ts'
import { evaluatorOf, nodeOf, parse } from '../parse.ts'

/** What `hand(…)` in a snippet is given, where that is who is signed in. */
function login(code: string): string | undefined {
  const sourceCode = parse(code)
  const call = nodeOf(sourceCode, /hand\(.*?\)(?= |$)/.exec(code)![0], 'CallExpression')
  if (call.type !== 'CallExpression') throw new Error('no call')
  return loginOf(call.arguments[0]!, sourceCode, createOrigins(sourceCode, evaluatorOf(sourceCode), []))
}

test.each([
  'req.user.id',
  'request.user.sub',
  'req.currentUser.userId',
  'req.session.user.id',
  'req.session.userId',
  'ctx.state.user.id',
  'context.auth.userId',
  'req.auth.payload.sub',
])('%s of a handler', (path) => {
  expect(login(`function f(${path.split('.')[0]}) { hand(${path}) }`)).toBe(path)
})

test.each([
  ['a session that a login library returns', 'const s = await auth()\nhand(s.user.id)', 'session.user.id'],
  ['what a variable holds', 'function f(req) { const me = req.user\nhand(me.id) }', 'req.user.id'],
  ['what is taken apart', 'function f({ req }) { const { user: { id } } = req\nhand(id) }', 'req.user.id'],
])('%s', (_, code, expected) => {
  expect(login(code)).toBe(expected)
})

test.each([
  ['another part of the request', 'function f(req) { hand(req.body.userId) }'],
  ['another property of the user', 'function f(req) { hand(req.user.email) }'],
  ['another object', 'function f(team) { hand(team.user.id) }'],
  ['a request that is not a parameter', 'hand(req.user.id)'],
  ['a variable that is set again', 'function f(req) { let me = req.user\nme = other\nhand(me.id) }'],
  ['a default', 'function f(req) { const { id = 1 } = req.user\nhand(id) }'],
  ['a session that the request names', 'function f(req) { const s = getAuth(req.body)\nhand(s.user.id) }'],
  ['a server action', "async function f(req) { 'use server'\nhand(req.user.id) }"],
])('not %s', (_, code) => {
  expect(login(code)).toBeUndefined()
})
