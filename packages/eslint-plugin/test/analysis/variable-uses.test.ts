import { expect, test } from 'vitest'
import type { Node } from '../../src/analysis/syntax.ts'
import {
  assignedTo,
  callOf,
  callsOf,
  isSetOnce,
  memberUses,
  pushedTo,
  writtenTo,
} from '../../src/analysis/variable-uses.ts'
import { parse, variableIn } from '../parse.ts'

const code =
  'let a = 1\na = 2;\n[a] = b\na.x\na.push(3, 4)\nhand(a.push)\nother.push(5)\na(6)\nnew a(7)\nhand(a)'
const sourceCode = parse(code)
const a = variableIn(sourceCode, 'a')
const text = (nodes: readonly Node[]): readonly string[] => nodes.map((node) => sourceCode.getText(node))

test('what is written to a variable, where it is declared and after', () => {
  expect(text(writtenTo(a))).toEqual(['1', '2', 'b'])
  expect(text(assignedTo(a))).toEqual(['2', 'b'])
})

test('a default of a parameter is written where it is declared', () => {
  const fn = parse('function f(p = 1) { p = 2 }')
  const [p] = fn.getDeclaredVariables(fn.ast.body[0]!).slice(1)
  expect(writtenTo(p!).map((node) => fn.getText(node))).toEqual(['1', '2'])
  expect(assignedTo(p!).map((node) => fn.getText(node))).toEqual(['2'])
})

test.each([
  ['const a = 1', true],
  ['let a', true],
  ['let a = 1\na = 2', false],
  ['let a = 1\na++', false],
  ['let a = 1;\n({ a } = b)', false],
  ['var a = 1\nvar a = 2', false],
])('%j sets its variable once: %s', (declared, once) => {
  expect(isSetOnce(variableIn(parse(`${declared}\n0`), 'a'))).toBe(once)
})

test('where a variable is called', () => {
  expect(text(callsOf(a))).toEqual(['a(6)', 'new a(7)'])
})

test('where a member of it is named, and called', () => {
  expect(text(memberUses(a))).toEqual(['a.x', 'a.push', 'a.push'])
  expect(memberUses(a).map((use) => callOf(use) !== undefined)).toEqual([false, true, false])
})

test('what is pushed to the list it holds', () => {
  expect(text(pushedTo(a, sourceCode))).toEqual(['3', '4'])
})
