import { expect, test } from 'vitest'
import { evaluated, evaluatorOf, nodeOf, parse } from '../parse.ts'

const sdk = "import { Client, other } from 'sdk'\n"

test.each([
  ['a name', 'Client', ['sdk.Client']],
  ['a name that means nothing', 'unheardOf', []],
  ['a condition, whichever way it goes', 'x ? Client : other', ['sdk.Client', 'sdk.other']],
  ['a logical expression, either side', 'Client ?? other', ['sdk.Client', 'sdk.other']],
  ['an assignment', 'x = Client', ['sdk.Client']],
  ['a logical assignment, old and new', 'Client ||= other', ['sdk.Client', 'sdk.other']],
  ['the last of a sequence', '(other, Client)', ['sdk.Client']],
  ['a list', '[Client, other]', ['[sdk.Client, sdk.other]']],
  ['an object', '({ Client })', ['object']],
  ['a function', '(() => Client)', ['function']],
  ['a class', '(class Named {})', ['class Named']],
  ['a promise, as what it resolves to', 'await import("sdk")', ['sdk']],
  ['a module that is not followed', 'import("other")', []],
  ['a literal', '1', []],
] as const)('evaluates %s', (_, expression, expected) => {
  expect(evaluated(sdk + expression)).toEqual(expected)
})

test.each([
  ['as', 'x as Client'],
  ['an angle bracket', '<Client>x'],
  ['satisfies', 'x satisfies Client'],
  ['a cast behind !', '(x as Client)!'],
  ['a cast behind await', 'await (x as Promise<Client>)'],
])('believes a cast with %s', (_, expression) => {
  expect(evaluated(sdk + expression)).toEqual(['new sdk.Client'])
})

test.each([
  ['as', 'client as Own', ['interface', 'new sdk.Client']],
  ['as unknown as', 'client as unknown as Own', ['interface', 'new sdk.Client']],
  ['an angle bracket', '<Own>client', ['interface', 'new sdk.Client']],
  ['satisfies', 'client satisfies Own', ['interface', 'new sdk.Client']],
  ['a literal type', 'client as { get(): void }', ['interface', 'new sdk.Client']],
  ['a list', '[client] as Own[]', ['[interface]', '[new sdk.Client]']],
  ['a class of the file, which it believes', 'client as Fake', ['new class Fake']],
  ['one of several types, which it believes', 'either as Own', ['interface']],
  ['what is not a fake, as the cast says', 'faked as Own', ['interface']],
  ['a choice', '(x ? client : new Fake()) as Own', ['interface', 'new sdk.Client', 'new class Fake']],
])('sees behind a cast with %s', (_, expression, expected) => {
  const declared = `interface Own { get(): void }
class Fake {}
const client = new Client()
const either: Own | Client = open()
const faked = x ? client : new Fake();
`
  expect(evaluated(sdk + declared + expression)).toEqual(expected)
})

test('looks through a cast that says nothing', () => {
  expect(evaluated(`${sdk}Client as any`)).toEqual(['sdk.Client'])
})

test.each([
  ['an instance in a method', 'class A { m() { return this } }', 'new class A'],
  ['an instance in a field', 'class A { f = () => this }', 'new class A'],
  ['the class in a static method', 'class A { static m() { return this } }', 'class A'],
  ['the class in a static block', 'class A { static { this } }', 'class A'],
  ['the object in its method', '({ m() { return this } })', 'object'],
])('evaluates this as %s', (_, code, expected) => {
  const sourceCode = parse(code)
  const [value] = evaluatorOf(sourceCode).evaluate(nodeOf(sourceCode, 'this', 'ThisExpression'))
  const inner = value?.kind === 'instance' ? value.of : value
  const name = inner?.kind === 'class' ? `class ${inner.node.id?.name}` : inner?.kind
  expect(value?.kind === 'instance' ? `new ${name}` : name).toBe(expected)
})

test('gives nothing for what is defined by itself', () => {
  expect(evaluated('let a = b\nlet b = a\na')).toEqual([])
  expect(evaluated(`${sdk}let a = Client\na = a\na`)).toEqual(['sdk.Client'])
})

test('names the functions and objects of the file that an expression may be, and what a call returns', () => {
  const code = 'const f = x ? () => 1 : function () { return { a: 2 } }\nf()'
  const sourceCode = parse(code)
  const evaluator = evaluatorOf(sourceCode)
  const f = nodeOf(sourceCode, 'f')
  const text = (nodes: readonly { type: string }[]): readonly string[] =>
    nodes.map((node) => sourceCode.getText(node as never))
  expect(text(evaluator.functionsOf(f))).toEqual(['() => 1', 'function () { return { a: 2 } }'])
  expect(text(evaluator.returnedBy(f))).toEqual(['1', '{ a: 2 }'])
  expect(text(evaluator.objectsOf(nodeOf(sourceCode, 'f()', 'CallExpression')))).toEqual(['{ a: 2 }'])
})
