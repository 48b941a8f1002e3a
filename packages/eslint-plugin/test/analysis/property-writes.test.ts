import { expect, test } from 'vitest'
import { createPropertyWrites } from '../../src/analysis/property-writes.ts'
import { nodeOf, parse } from '../parse.ts'

test('finds assignments to a property, of whatever object', () => {
  const sourceCode = parse("a.x = 1\nb['x'] = 2\na.y = 3\nx = 4")
  const writes = createPropertyWrites(sourceCode)
  expect(writes.to('x').map((node) => sourceCode.getText(node))).toEqual(['a.x = 1', "b['x'] = 2"])
  expect(writes.to('z')).toEqual([])
})

test('finds what is put under a name', () => {
  const sourceCode = parse("c.set('x', 1)\napp.decorate('x', 2)\nc.get('x', 3)\nc.set('x')\nc.set(y, 4)")
  const writes = createPropertyWrites(sourceCode)
  const text = (method: 'set' | 'decorate', name: string): readonly string[] =>
    writes.registered(method, name).map((node) => sourceCode.getText(node))
  expect(text('set', 'x')).toEqual(['1'])
  expect(text('decorate', 'x')).toEqual(['2'])
  expect(text('set', 'y')).toEqual([])
})

test.each([
  ['this', 'this'],
  ['a.b', 'a.b'],
  ["a['b']", 'a.b'],
  ['a?.b', 'a.b'],
  ['a[i]', undefined],
  ['a().b', undefined],
  ['global.a', 'globalThis.a'],
  ['req.app.locals', 'app.locals'],
  ['(a as any).b', 'a.b'],
])('%s is spelled %s', (expression, spelled) => {
  const sourceCode = parse(expression)
  const statement = sourceCode.ast.body[0]!
  if (statement.type !== 'ExpressionStatement') throw new Error('no expression')
  expect(createPropertyWrites(sourceCode).spelled(statement.expression)).toBe(spelled)
})

test('another name of the global object is spelled like it', () => {
  const sourceCode = parse('const g = globalThis as unknown as { a: 1 }\ng.a')
  expect(createPropertyWrites(sourceCode).spelled(nodeOf(sourceCode, 'g.a', 'MemberExpression'))).toBe(
    'globalThis.a',
  )
})
