import { expect, test } from 'vitest'
import { evaluated } from '../parse.ts'

test.each([
  ['a class', 'Client', ['new sdk.Client']],
  ['a member of a namespace', 'S.Client', ['new sdk.Client']],
  ['an import type', "import('sdk').Client", ['new sdk.Client']],
  ['typeof', 'typeof Client', ['sdk.Client']],
  ['a union', 'Client | null', ['new sdk.Client']],
  ['an intersection', 'Client & { a: 1 }', ['new sdk.Client', 'interface']],
  ['a wrapper', 'Promise<Readonly<Client>>', ['new sdk.Client']],
  ['a list', 'readonly Client[]', ['[new sdk.Client]']],
  ['a generic list', 'Array<Client>', ['[new sdk.Client]']],
  ['a map, by its values', 'Map<string, Client>', ['[new sdk.Client]']],
  ['an alias', 'Alias', ['new sdk.Client']],
  ['an interface', 'Interface', ['interface']],
  ['an interface with a base', 'Extended', ['interface', 'interface', 'new sdk.Client']],
  ['ReturnType', 'ReturnType<typeof make>', ['new sdk.Client']],
  ['InstanceType', 'InstanceType<typeof Client>', ['new sdk.Client']],
  ['a function', '() => Client', ['signature']],
  ['a keyword', 'string', []],
  ['a name of nothing', 'UnheardOf', []],
])('evaluates %s', (_, type, expected) => {
  const code = `import { Client } from 'sdk'
import * as S from 'sdk'
type Alias = Client
interface Interface { a: string }
interface Extended extends Interface, Client {}
function make() { return new Client() }
x as ${type}`
  expect(evaluated(code)).toEqual(expected)
})

test('evaluates a type parameter by its constraint', () => {
  const code = `import { Client } from 'sdk'
function f<T extends Client>(a: T) { return a }
f(x)`
  expect(evaluated(code)).toEqual(['new sdk.Client'])
})

test('stops at a type that is defined by itself', () => {
  expect(evaluated('type A = A | B\ntype B = A\nx as A')).toEqual([])
})
