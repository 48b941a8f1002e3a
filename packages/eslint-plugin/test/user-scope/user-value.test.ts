import { expect, test } from 'vitest'
import { checkUserValue } from '../../src/user-scope/user-value.ts'
import { nodeOf, parse } from '../parse.ts'

/** What is said of the argument of `hand(…)` in a snippet: the ids, a problem, or `unknown`. */
function checked(code: string): readonly string[] | string {
  const sourceCode = parse(code)
  const call = nodeOf(sourceCode, /hand\(.*\)/.exec(code)![0], 'CallExpression')
  if (call.type !== 'CallExpression') throw new Error('no call')
  const result = checkUserValue(call.arguments[0]!, sourceCode)
  if (result.kind === 'oneUser') return result.ids.map((id) => sourceCode.getText(id))
  return result.kind === 'problem' ? result.problem : result.kind
}

test.each([
  ['hand(userId)', ['userId']],
  ['hand(req.user.id)', ['req.user.id']],
  ["hand('u_1')", ["'u_1'"]],
  ['hand(7)', ['7']],
  ["hand('*')", 'wildcardUser'],
  ["hand(' ')", 'undefinedUser'],
  ['hand(null)', 'undefinedUser'],
  ['hand(undefined)', 'undefinedUser'],
  ['hand(void 0)', 'undefinedUser'],
  ['hand([a])', ['a']],
  ['hand([])', 'undefinedUser'],
  ['hand([a, b])', 'severalUsers'],
  ['hand([...users])', 'severalUsers'],
  ['hand({ eq: a })', ['a']],
  ['hand({ in: [a] })', ['a']],
  ['hand({ in: [a, b] })', 'severalUsers'],
  ['hand({ ne: a })', 'widenedFilter'],
  ['hand({ [k]: a })', 'unknown'],
  ['hand(x ? a : b)', ['a', 'b']],
  ["hand(a || '*')", 'wildcardUser'],
  ['hand(x ? a : undefined)', 'unknown'],
  ['hand(x && a)', ['a']],
])('%s', (code, expected) => {
  expect(checked(code)).toEqual(expected)
})

test.each([
  ['holds an id', 'const u = a\nhand(u)', ['u']],
  ['holds every user', "const u = '*'\nhand(u)", 'wildcardUser'],
  ['is set to every user later', "let u = a\nu = '*'\nhand(u)", 'wildcardUser'],
  ['is never set', 'let u\nhand(u)', 'undefinedUser'],
  ['is declared elsewhere', 'declare const u: string\nhand(u)', ['u']],
  ['is an element of a list', 'for (const u of users) hand(u)', ['u']],
  ['is a parameter', 'function f(u) { hand(u) }', ['u']],
  ['is a parameter that stands for every user by default', "function f(u = '*') { hand(u) }", 'wildcardUser'],
  ['is set only on some paths', 'let u = undefined\nif (x) u = a\nhand(u)', 'unknown'],
])('a variable that %s', (_, code, expected) => {
  expect(checked(code)).toEqual(expected)
})
