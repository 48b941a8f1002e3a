import { expect, test } from 'vitest'
import { evaluated } from '../parse.ts'

const sdk = "import { Client, open } from 'sdk'\n"

test.each([
  ['new', 'new Client()', ['new sdk.Client']],
  ['new of a class of the file', 'class A {}\nnew A()', ['new class A']],
  ['new Proxy', 'new Proxy(new Client(), {})', ['new sdk.Client']],
  ['new Map with types', 'new Map<string, Client>()', ['[new sdk.Client]']],
  ['a function of a module', 'open()', ['sdk.open()']],
  ['a member of an instance', 'new Client().search()', ['new sdk.Client.search()']],
  ['a function of the file', '(() => new Client())()', ['new sdk.Client']],
  ['a function with a return type', 'function f(): Client { return x }\nf()', ['new sdk.Client']],
  ['require', "require('sdk')", ['sdk']],
  ['require of another module', "require('other')", []],
  ['then', 'open().then(() => Client)', ['sdk.Client']],
  ['catch', 'open().catch(() => Client)', ['sdk.open()', 'sdk.Client']],
  ['bind', 'open.bind(x)', ['sdk.open']],
  ['Object.freeze', 'Object.freeze(new Client())', ['new sdk.Client']],
  ['Promise.all', 'Promise.all([new Client()])', ['[new sdk.Client]']],
  ['Reflect.get', "Reflect.get(new Client(), 'search')", ['new sdk.Client.search']],
  ['Reflect.construct', 'Reflect.construct(Client, [])', ['new sdk.Client']],
  ['a mock', 'vi.mocked(new Client())', []],
  ['get of a map', "const m = new Map()\nm.set('a', Client)\nm.get('a')", ['sdk.Client']],
  ['get of what is put under the name', "c.set('a', Client)\nc.get('a')", ['sdk.Client']],
  ['a container that is asked by the class', 'container.get(Client)', ['new sdk.Client']],
  ['something unknown that is said to return it', 'inject<Client>()', ['new sdk.Client']],
  ['useState with a type', 'useState<Client>()', ['[new sdk.Client]']],
  ['a wrapper around what builds it', 'cache(() => new Client())', ['function', 'new sdk.Client']],
  ['a wrapper around something else', 'cache(() => 1)', ['function']],
  ['something unknown', 'unheardOf(new Client())', []],
])('evaluates a call of %s', (_, code, expected) => {
  expect(evaluated(sdk + code)).toEqual(expected)
})
