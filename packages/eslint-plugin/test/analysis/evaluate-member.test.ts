import { expect, test } from 'vitest'
import { evaluated } from '../parse.ts'

const sdk = "import { Client, other } from 'sdk'\n"

test.each([
  ['a module', "import * as S from 'sdk'\nS.Client", ['sdk.Client']],
  ['an instance of a module', 'new Client().search', ['new sdk.Client.search']],
  ['a computed name that is known', "const k = 'search'\nnew Client()[k]", ['new sdk.Client.search']],
  ['an object', '({ a: Client }).a', ['sdk.Client']],
  ['a getter of an object', '({ get a() { return Client } }).a', ['sdk.Client']],
  ['what is spread into an object', '({ ...{ a: Client } }).a', ['sdk.Client']],
  ['an element under any index', '[Client][i]', ['sdk.Client']],
  ['a static field', 'class A { static a = Client }\nA.a', ['sdk.Client']],
  ['a static field of the base', 'class A { static a = Client }\nclass B extends A {}\nB.a', ['sdk.Client']],
  ['a field', 'class A { a = Client }\nnew A().a', ['sdk.Client']],
  ['a private field', 'class A { #a = Client; get b() { return this.#a } }\nnew A().b', ['sdk.Client']],
  ['a field of the base', 'class A { a = Client }\nclass B extends A {}\nnew B().a', ['sdk.Client']],
  [
    'a field of super',
    'class A { a() { return Client } }\nclass B extends A { b() { return super.a() } }\nnew B().b()',
    ['sdk.Client'],
  ],
  ['a typed field', 'class A { a: typeof Client }\nnew A().a', ['sdk.Client']],
  ['a getter', 'class A { get a() { return Client } }\nnew A().a', ['sdk.Client']],
  [
    'a field that the constructor sets',
    'class A { constructor() { this.a = Client } }\nnew A().a',
    ['sdk.Client'],
  ],
  [
    'a field that only the class sets',
    'class A {}\nclass B { constructor() { this.a = Client } }\nnew A().a',
    [],
  ],
  ['a static field that is set from outside', 'class A {}\nA.a = Client\nA.a', ['sdk.Client']],
  ['a parameter property', 'class A { constructor(private a: Client) {} }\nnew A(x).a', ['new sdk.Client']],
  ['what a decorator of the application puts there', "app.decorate('a', Client)\napp.a", ['sdk.Client']],
  [
    'what is assigned to the same name of the same thing',
    'app.locals.a = Client\nreq.app.locals.a',
    ['sdk.Client'],
  ],
  ['a property of a written type', 'let a: { b: Client }\na.b', ['new sdk.Client']],
  ['a method of a written type', 'let a: { b(): Client }\na.b()', ['new sdk.Client']],
  ['nothing that is known', 'a.b', []],
])('reads a member of %s', (_, code, expected) => {
  expect(evaluated(sdk + code)).toEqual(expected)
})

test('stops at what leads back to itself', () => {
  expect(evaluated('class A { get a() { return this.a } }\nnew A().a')).toEqual([])
  expect(evaluated('const a = { get b() { return a.b } }\na.b')).toEqual([])
})

test('asks about a receiver that nothing is known of, and no other', () => {
  const asked: string[] = []
  const lookUpReceiver = (_: unknown, member: string): [] => {
    asked.push(member)
    return []
  }
  evaluated(`${sdk}Client.known\nunheardOf.member`, { lookUpReceiver })
  evaluated(`${sdk}Client.known`, { lookUpReceiver })
  expect(asked).toEqual(['member'])
})
