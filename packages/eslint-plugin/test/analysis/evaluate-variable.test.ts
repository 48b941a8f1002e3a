import { expect, test } from 'vitest'
import { evaluated } from '../parse.ts'

const sdk = "import { Client, other } from 'sdk'\n"

test.each([
  ['a named import', "import { Client as C } from 'sdk'\nC", ['sdk.Client']],
  ['an import by a string', "import { 'a b' as C } from 'sdk'\nC", ['sdk.a b']],
  ['a default import', "import C from 'sdk'\nC", ['sdk.default']],
  ['a namespace', "import * as C from 'sdk'\nC", ['sdk']],
  ['import =', "import C = require('sdk')\nC", ['sdk']],
  ['import = of a name', "import * as S from 'sdk'\nimport C = S\nC", ['sdk']],
  ['a module that is not followed', "import { Client } from 'elsewhere'\nClient", []],
])('evaluates %s', (_, code, expected) => {
  expect(evaluated(code)).toEqual(expected)
})

test.each([
  ['what declares it', 'const a = Client\na', ['sdk.Client']],
  ['what is assigned to it', 'let a\na = Client\na', ['sdk.Client']],
  ['both', 'let a = other\na = Client\na', ['sdk.other', 'sdk.Client']],
  ['its type', 'let a: Client\na', ['new sdk.Client']],
  ['an object that is taken apart', 'const { k: { a } } = { k: { a: Client } }\na', ['sdk.Client']],
  ['a list that is taken apart', 'const [a] = [Client]\na', ['sdk.Client']],
  ['an assignment that takes apart', 'let a;\n[a] = [Client]\na', ['sdk.Client']],
  ['an element of a loop', 'let found\nfor (const a of [Client]) found = a\nfound', ['sdk.Client']],
  ['a function', 'function a() {}\na', ['function']],
  ['a class', 'class a {}\na', ['class a']],
])('evaluates a variable by %s', (_, code, expected) => {
  expect(evaluated(sdk + code)).toEqual(expected)
})

test.each([
  ['by what calls pass', 'function f(a) { return a }\nf(Client)'],
  ['by its default', 'function f(a = Client) { return a }\nf()'],
  ['by its type', 'function f(a: typeof Client) { return a }\nf()'],
  ['inside a pattern', 'function f({ k: a }) { return a }\nf({ k: Client })'],
  ['of a callback of a list', 'let found;\n[Client].forEach((a) => { found = a })\nfound'],
  [
    'of a callback, by the types of what takes it',
    'let found\nfunction take(f: (a: typeof Client) => void) {}\ntake((a) => { found = a })\nfound',
  ],
])('evaluates a parameter %s', (_, code) => {
  expect(evaluated(sdk + code)).toContain('sdk.Client')
})

test.each([
  ['push', 'const list = []\nlist.push(Client)'],
  ['set', "const list = new Map()\nlist.set('k', Client)"],
  ['add', 'const list = new Set()\nlist.add(Client)'],
  ['brackets', 'const list = {}\nlist[key] = Client'],
])('sees what %s puts into a collection', (_, code) => {
  expect(evaluated(`${sdk}${code}\nlist`)).toContain('[sdk.Client]')
})

test('asks about the source of a pattern that nothing is known of', () => {
  const asked: string[] = []
  const values = evaluated('function f(request) { const { memory } = request\nreturn memory }\nf()', {
    lookUpReceiver: (_, member) => {
      asked.push(member)
      return [{ kind: 'export', module: 'sdk', path: ['looked', 'up'] }]
    },
  })
  expect(asked).toEqual(['memory'])
  expect(values).toEqual(['sdk.looked.up.memory'])
})

test('asks for what another file exports', () => {
  const values = evaluated("import { client } from './client.js'\nclient", {
    imports: () => [{ kind: 'export', module: 'sdk', path: ['Client'] }],
  })
  expect(values).toEqual(['sdk.Client'])
})
