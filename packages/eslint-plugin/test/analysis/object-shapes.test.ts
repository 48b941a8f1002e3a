import { expect, test } from 'vitest'
import { createShapes } from '../../src/analysis/object-shapes.ts'
import { evaluatorOf, nodeOf, parse, shapeText } from '../parse.ts'

/** The shapes of the argument of `hand(…)` in a snippet. */
function shapes(code: string): readonly string[] {
  const sourceCode = parse(code)
  const call = nodeOf(sourceCode, /hand\(.*\)/.exec(code)![0], 'CallExpression')
  if (call.type !== 'CallExpression') throw new Error('no call')
  return createShapes(sourceCode, evaluatorOf(sourceCode)).of(call.arguments[0]!).map(shapeText)
}

test.each([
  ['an object', 'hand({ a: 1, "b": 2 })', ['{ a, b }']],
  ['a computed key', 'hand({ [k]: 1 })', ['{ ... }']],
  ['a spread object', 'hand({ ...{ a: 1 }, b: 2 })', ['{ a, b }']],
  ['a spread that is there or not', 'hand({ ...(x && { a: 1 }) })', ['{ a? }']],
  ['a spread of something unknown', 'hand({ a: 1, ...x })', ['{ a, ... }']],
  ['either of two', 'hand(x ? { a: 1 } : { b: 2 })', ['{ a }', '{ b }']],
  ['a fallback', 'hand(undefined ?? { a: 1 })', ['{ a }']],
  ['undefined', 'hand(undefined)', ['nothing']],
  ['void', 'hand(void 0)', ['nothing']],
  ['false', 'hand(false)', ['nothing']],
  ['a string', 'hand("a")', ['primitive']],
  ['a list', 'hand([a])', ['primitive']],
  ['a variable', 'const o = { a: 1 }\nhand(o)', ['{ a }']],
  ['a variable that is set again', 'let o = { a: 1 }\no = { b: 2 }\nhand(o)', ['{ a }', '{ b }']],
  ['a variable that is never set', 'let o\nhand(o)', ['nothing']],
  ['what is written to it', 'const o = {}\no.a = 1\no.b.c = 2\no[k] = 3\nhand(o)', ['{ a, b.c, ... }']],
  ['what is assigned to it', 'const o = {}\nObject.assign(o, { a: 1 })\nhand(o)', ['{ a }']],
  ['Object.assign', 'hand(Object.assign({ a: 1 }, { b: 2 }, ...x))', ['{ a, b, ... }']],
  ['Object.freeze', 'hand(Object.freeze({ a: 1 }))', ['{ a }']],
  ['what a function returns', 'const f = () => ({ a: 1 })\nhand(f())', ['{ a }']],
  ['a property of an object', 'const o = { p: { a: 1 } }\nhand(o.p)', ['{ a }']],
  ['what is left of an object', 'const { a, b, ...rest } = x\nhand(rest)', ['unknown']],
  ['what is left of it, spread', 'const { a, b, ...rest } = x\nhand({ ...rest })', ['{ ... but a,b }']],
  ['a parameter', 'function f(o) { hand(o) }', ['unknown']],
  ['a parameter with its keys written out', 'function f(o: { a: 1; b?: 2 }) { hand(o) }', ['{ a, b? }']],
  ['itself', 'let o = o\nhand(o)', []],
])('the shapes of %s', (_, code, expected) => {
  expect(shapes(code)).toEqual(expected)
})

test('asks about what nothing is known of', () => {
  const sourceCode = parse('hand(x)')
  const asked: string[] = []
  const found = createShapes(sourceCode, evaluatorOf(sourceCode), (node) => {
    asked.push(sourceCode.getText(node))
    return [{ kind: 'nothing', node }]
  }).of(nodeOf(sourceCode, 'x'))
  expect(asked).toEqual(['x'])
  expect(found.map(shapeText)).toEqual(['nothing'])
})
