import { expect, test } from 'vitest'
import { type FunctionNode, isFunction, walk } from '../../src/analysis/syntax.ts'
import { evaluatorOf, parse } from '../parse.ts'

/** The arguments for the parameter `p` of the function that has it. */
function passed(code: string): readonly string[] {
  const sourceCode = parse(code)
  const found: { fn: FunctionNode; index: number }[] = []
  walk(sourceCode, sourceCode.ast, (node) => {
    if (!isFunction(node)) return
    const index = node.params.findIndex((param) => param.type === 'Identifier' && param.name === 'p')
    if (index >= 0) found.push({ fn: node, index })
  })
  const [{ fn, index }] = found as [(typeof found)[0]]
  return evaluatorOf(sourceCode)
    .argumentsFor(fn, index)
    .map((node) => sourceCode.getText(node))
}

test.each([
  ['a declared function', 'function f(a, p) {}\nf(1, 2)\nf(3)\nf(4, 5)', ['2', '5']],
  ['a function that a variable holds', 'const f = (p) => {}\nf(1)', ['1']],
  ['a function that is called where it is written', '((p) => {})(1)', ['1']],
  ['a constructor', 'const A = class { constructor(p) {} }\nnew A(1)', ['1']],
  ['a declared class', 'class A { constructor(p) {} }\nnew A(1)', ['1']],
  ['a class with a name of its own', 'const A = class B { constructor(p) {} }\nnew A(1)', ['1']],
  ['a class that builds itself', 'class A { constructor(p) {} static open() { return new A(1) } }', ['1']],
  ['new this()', 'class A { constructor(p) {} static open() { return new this(1) } }', ['1']],
  ['super()', 'class A { constructor(p) {} }\nclass B extends A { constructor() { super(1) } }', ['1']],
  [
    'a class that inherits its constructor',
    'class A { constructor(p) {} }\nclass B extends A {}\nnew B(1)',
    ['1'],
  ],
  ['nothing of another class', 'class A { constructor(p) {} }\nclass B {}\nnew B(1)', []],
  ['what a promise resolves to', 'open().then((p) => {})', ['open()']],
  ['nothing of a rejection', 'open().then(x, (p) => {})', []],
  ['a callback of a function of the file', 'function each(n, f) { f(0, 1) }\neach(2, (a, p) => {})', ['1']],
  ['a callback of something unknown', 'each((p) => {})', []],
  ['a function that is only named', 'function f(p) {}\nhand(f)', []],
  ['a method', 'class A { m(p) {} }\nnew A().m(1)', []],
])('finds the arguments of %s', (_, code, expected) => {
  expect(passed(code)).toEqual(expected)
})
