import { expect, test } from 'vitest'
import type { Node } from '../../src/analysis/syntax.ts'
import {
  allOf,
  anyId,
  anyOf,
  noUser,
  oneUser,
  problem,
  type ScopeResult,
  unknownScope,
} from '../../src/user-scope/scope-result.ts'
import { nodeOf, parse } from '../parse.ts'

const sourceCode = parse('alice\nbob\nalice')
const node = (name: string): Node => nodeOf(sourceCode, name, 'Identifier')
const [alice, bob] = [oneUser(node('alice')), oneUser(node('bob'))]
const missing = problem('undefinedUser', node('bob'))
const wildcard = problem('wildcardUser', node('bob'))
const ignored = problem('ignoredUser', node('bob'))
const unknown = unknownScope(node('bob'))
const otherKey: ScopeResult = { kind: 'noUser', given: 'run_id' }

const both = oneUser(node('alice'), node('bob'))
const severalUsers = problem('severalUsers', node('bob'))

test.each([
  ['nothing', [], noUser],
  ['one user', [alice], alice],
  ['one user twice', [alice, oneUser(node('alice'))], alice],
  ['two users', [alice, bob], severalUsers],
  ['a user and no user', [noUser, alice], alice],
  ['a user and something unknown', [unknown, alice], alice],
  ['a user and a problem that it mends', [ignored, alice], alice],
  ['a user and a problem that it does not mend', [alice, wildcard], wildcard],
  ['something unknown and a problem', [ignored, unknown], unknown],
  ['another key', [noUser, otherKey], otherKey],
] as const)('conditions that hold together: %s', (_, results, expected) => {
  expect(allOf(results, (id) => sourceCode.getText(id))).toEqual(expected)
})

test.each([
  ['nothing', [], noUser],
  ['one user', [alice], alice],
  ['a user on each path', [alice, bob], both],
  ['a user on one path', [alice, noUser], unknownScope(node('alice'))],
  ['a problem on one path', [alice, ignored], ignored],
  ['something unknown on one path', [alice, unknown], unknown],
  ['another key on one path', [alice, otherKey], otherKey],
] as const)('one of several shapes: %s', (_, results, expected) => {
  expect(anyOf(results)).toEqual(expected)
})

test.each([
  ['an id on each path', [alice, bob], both],
  ['no id on one path', [alice, missing], unknownScope(node('alice'))],
  ['no id on any path', [missing, missing], missing],
  ['every user on one path', [alice, wildcard], wildcard],
] as const)('one of several ids: %s', (_, results, expected) => {
  expect(anyId(results, node('alice'))).toEqual(expected)
})
