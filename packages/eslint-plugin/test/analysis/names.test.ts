import { expect, test } from 'vitest'
import { keyName, lastName, memberName } from '../../src/analysis/names.ts'
import type { Node } from '../../src/analysis/syntax.ts'
import { nodeOf, parse } from '../parse.ts'

test.each([
  ['a.b', 'b'],
  ["a['b']", 'b'],
  ['a[`b`]', 'b'],
  ["const k = 'b'\na[k]", 'b'],
  ["let k = 'b'\na[k]", undefined],
  ['a[0]', undefined],
  ['class A { #b; m() { return a.#b } }', '#b'],
])('the name of the member in %j is %s', (code, name) => {
  const sourceCode = parse(code)
  const found = nodeOf(sourceCode, /a(?:\.|\[).*?(?=\s|$)/.exec(code)![0], 'MemberExpression')
  expect(memberName(sourceCode, found as Extract<Node, { type: 'MemberExpression' }>)).toBe(name)
  expect(lastName(sourceCode, found)).toBe(name)
})

test('the last name of a name is itself, and a call has none', () => {
  const sourceCode = parse('a()')
  expect(lastName(sourceCode, nodeOf(sourceCode, 'a'))).toBe('a')
  expect(lastName(sourceCode, nodeOf(sourceCode, 'a()', 'CallExpression'))).toBeUndefined()
})

test.each([
  ['b: 1', 'b'],
  ["'b': 1", 'b'],
  ['1: 1', '1'],
  ["['b']: 1", 'b'],
  ['[b]: 1', undefined],
])('the key of { %s } is %s', (property, name) => {
  const sourceCode = parse(`({ ${property} })`)
  const found = nodeOf(sourceCode, property, 'Property')
  expect(keyName(sourceCode, found as Extract<Node, { type: 'Property' }>)).toBe(name)
})
