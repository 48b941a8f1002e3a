import { expect, test } from 'vitest'
import { typeShapes } from '../../src/analysis/type-shapes.ts'
import { nodeOf, parseTyped, shapeText } from '../parse.ts'

test.each([
  ['{ a: string; b?: number }', ['{ a, b? }']],
  ['{ a: 1 } & { b: 2 }', ['{ a, b }']],
  ['{ a: 1 } | undefined', ['nothing', '{ a }']],
  ['string', ['primitive']],
  ["'a'", ['primitive']],
  ['null', ['nothing']],
  ['Record<string, unknown>', ['unknown']],
  ['{}', ['unknown']],
  ['object', ['unknown']],
  ['any', ['unknown']],
  ['unknown', ['unknown']],
  ['never', ['unknown']],
])('the shapes of %s', { timeout: 60_000 }, (type, expected) => {
  const { sourceCode, services } = parseTyped(`declare const it: ${type}\nit`)
  const shapes = typeShapes(services)(nodeOf(sourceCode, 'it', 'Identifier'))
  expect(shapes.map(shapeText).sort()).toEqual([...expected].sort())
})
