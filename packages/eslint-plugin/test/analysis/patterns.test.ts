import { expect, test } from 'vitest'
import { pathTo } from '../../src/analysis/patterns.ts'
import { parse, variableIn } from '../parse.ts'

test.each([
  ['x', []],
  ['x = 1', []],
  ['{ x }', ['x']],
  ['{ a: x }', ['a']],
  ['{ a: { b: x = 1 } = {} }', ['a', 'b']],
  ['{ ...x }', []],
  ['{ [k]: x }', undefined],
  ['[x]', [0]],
  ['[, { a: x }]', [1, 'a']],
  ['{ other }, x', undefined],
])('the path to x in %j is %j', (pattern, path) => {
  const sourceCode = parse(`(${pattern}) => { 0 }`)
  const arrow = sourceCode.ast.body[0]!
  if (arrow.type !== 'ExpressionStatement' || arrow.expression.type !== 'ArrowFunctionExpression')
    throw new Error('no arrow function')
  const x = sourceCode.getDeclaredVariables(arrow.expression).find(({ name }) => name === 'x')!
  expect(pathTo(arrow.expression.params[0]!, x.defs[0]!.name, sourceCode)).toEqual(path)
})

test('there is no path to a name of another pattern', () => {
  const sourceCode = parse('const { a } = x\nconst { b } = y\n0')
  const [declaration] = sourceCode.ast.body
  if (declaration?.type !== 'VariableDeclaration') throw new Error('no declaration')
  const { name } = variableIn(sourceCode, 'b').defs[0]!
  expect(pathTo(declaration.declarations[0].id, name, sourceCode)).toBeUndefined()
})
