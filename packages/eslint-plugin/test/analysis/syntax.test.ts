import { expect, test } from 'vitest'
import {
  enclosing,
  isFunction,
  literalString,
  type Node,
  returned,
  spelling,
  unwrap,
  walk,
} from '../../src/analysis/syntax.ts'
import { nodeOf, parse } from '../parse.ts'

function expressionOf(code: string): Node {
  const [statement] = parse(code).ast.body
  if (statement?.type !== 'ExpressionStatement') throw new Error(`no expression in ${code}`)
  return statement.expression
}

test.each(['a as B', 'a!', 'a satisfies B', '<B>a', 'a<B>', '(a)', 'await a', 'await (a as B)!'])(
  'there is a name inside %s',
  (code) => {
    expect(unwrap(expressionOf(code))).toMatchObject({ type: 'Identifier', name: 'a' })
  },
)

test('there is a member inside an optional chain', () => {
  expect(unwrap(expressionOf('a?.b')).type).toBe('MemberExpression')
})

test.each([
  ["'a'", 'a'],
  ['`a`', 'a'],
  ['`a${b}`', undefined],
  ['1', undefined],
])('the string %s is %s', (code, text) => {
  expect(literalString(expressionOf(code))).toBe(text)
})

test('an expression is spelled without what makes it optional', () => {
  const sourceCode = parse('a?.b!.c')
  const statement = sourceCode.ast.body[0]!
  expect(spelling(sourceCode, statement)).toBe('a.b.c')
})

test('a function returns its own returns, not those of functions in it', () => {
  const sourceCode = parse(
    'function f() { if (a) return 1; return b(() => { return 2 }); class C { m() { return 3 } } }',
  )
  const fn = sourceCode.ast.body[0]!
  if (!isFunction(fn)) throw new Error('no function')
  const text = returned(sourceCode, fn).map((node) => sourceCode.getText(node))
  expect(text).toEqual(['1', 'b(() => { return 2 })'])
  const arrow = expressionOf('() => 1')
  expect(isFunction(arrow) && returned(parse('() => 1'), arrow)).toMatchObject([{ value: 1 }])
})

test('a walk goes through the code as it is written, and not below what it is told to skip', () => {
  const sourceCode = parse('f(a, () => b, c)')
  const names: string[] = []
  walk(sourceCode, sourceCode.ast, (node) => {
    if (node.type === 'Identifier') names.push(node.name)
    return !isFunction(node)
  })
  expect(names).toEqual(['f', 'a', 'c'])
})

test('what encloses a place is the nearest of its kind', () => {
  const sourceCode = parse('function f() { return () => HERE }')
  expect(enclosing(nodeOf(sourceCode, 'HERE'), isFunction)?.type).toBe('ArrowFunctionExpression')
  expect(enclosing(sourceCode.ast, isFunction)).toBeUndefined()
})
