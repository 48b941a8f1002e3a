import { expect, test } from 'vitest'
import { listElements } from '../../src/analysis/list-elements.ts'
import { nodeOf, parse } from '../parse.ts'

test.each([
  ['[a, b]', ['a', 'b'], false],
  ['[a, , b]', ['a', 'b'], false],
  ['[...[a], b]', ['a', 'b'], false],
  ['[...x, b]', ['b'], true],
  ['[...(x ? [a] : []), b]', ['b'], true],
  ['[...(x ? [] : []), b]', ['b'], false],
  ['[a].filter(Boolean)', ['a'], false],
  ['[a].concat(b)', ['a'], true],
  ['[a].map(f)', undefined, true],
  ['known', ['a', 'b'], false],
  ['unknown', undefined, true],
])('%s holds %j, and may hold more: %s', (list, items, open) => {
  const sourceCode = parse(`const known = [a]\nknown.push(b)\nhand(${list})`)
  const call = nodeOf(sourceCode, `hand(${list})`, 'CallExpression')
  if (call.type !== 'CallExpression') throw new Error('no call')
  const found = listElements(call.arguments[0]!, sourceCode)
  expect(found.items?.map((node) => sourceCode.getText(node))).toEqual(items)
  expect(found.open).toBe(open)
})
