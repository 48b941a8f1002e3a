import { expect, test } from 'vitest'
import {
  findVariable,
  initOf,
  isOfFile,
  isSetBefore,
  visibleVariables,
} from '../../src/analysis/variables.ts'
import { nodeOf, parse, variableIn } from '../parse.ts'

test('finds what a name means at a place', () => {
  const sourceCode = parse('const a = 1\nfunction f(a) { HERE }')
  const here = nodeOf(sourceCode, 'HERE')
  expect(findVariable(sourceCode, here, 'a')?.defs[0]?.type).toBe('Parameter')
  expect(findVariable(sourceCode, sourceCode.ast.body[0]!, 'a')?.defs[0]?.type).toBe('Variable')
  expect(findVariable(sourceCode, here, 'b')).toBeUndefined()
})

test('lists what code at a place can name, without what is hidden', () => {
  const sourceCode = parse('const a = 1, b = 2\nfunction f(a) { HERE }')
  const visible = visibleVariables(sourceCode, nodeOf(sourceCode, 'HERE'))
  expect(visible.filter(({ name }) => name === 'a').map(({ defs }) => defs[0]?.type)).toEqual(['Parameter'])
  expect(visible.map(({ name }) => name)).toEqual(expect.arrayContaining(['a', 'b', 'f']))
  expect(visible.filter(isOfFile).map(({ name }) => name)).toEqual(expect.arrayContaining(['b', 'f']))
  expect(visible.find(({ name }) => name === 'a' && isOfFile)?.scope.type).toBe('function')
})

test.each([
  ['const a = 1\n0', '1'],
  ['let a\n0', undefined],
  ['const { a } = b\n0', undefined],
  ['function a() {}\n0', undefined],
])('%j declares its variable with %s', (code, init) => {
  const sourceCode = parse(code)
  const found = initOf(variableIn(sourceCode, 'a'))
  expect(found && sourceCode.getText(found)).toBe(init)
})

test.each([
  ['after it', 'const a = 1\nHERE', true],
  ['before it', 'HERE\nconst a = 1', false],
  ['in a function, which runs later', 'function f() { HERE }\nconst a = 1', true],
  ['before it, where it is a function', 'HERE\nfunction a() {}', true],
])('a variable is set %s: %s', (_, code, isSet) => {
  const sourceCode = parse(code)
  expect(isSetBefore(variableIn(sourceCode, 'a'), nodeOf(sourceCode, 'HERE'))).toBe(isSet)
})
