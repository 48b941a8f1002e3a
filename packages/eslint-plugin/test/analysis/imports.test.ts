import * as parser from '@typescript-eslint/parser'
import { expect, test } from 'vitest'
import { followImports } from '../../src/analysis/imports.ts'
import { described, evaluatorOf, nodeOf, parseTyped } from '../parse.ts'

/** What the name `it` may hold, with imports followed. */
function imported(code: string, { mentions = true, parses = true } = {}): readonly string[] {
  const { sourceCode, services } = parseTyped(`${code}\nit`)
  const follows = (module: string): boolean => module === 'mem0ai'
  const imports = followImports({
    services,
    parser: parses ? (parser as never) : undefined,
    follows,
    mentions: () => mentions,
  })
  return described(
    evaluatorOf(sourceCode, { follows, imports }).evaluate(nodeOf(sourceCode, 'it', 'Identifier')),
  )
}

test.each([
  ['a value of type any', "import { loose as it } from './clients.js'", ['new mem0ai.MemoryClient']],
  [
    'a value that is exported again',
    "import { memory as it } from './again.js'",
    ['new mem0ai.MemoryClient'],
  ],
  ['a function', "import { openLoose as it } from './clients.js'", ['imported function']],
  ['a class', "import { Container as it } from './clients.js'", ['imported class Container']],
  [
    'what a function of it returns',
    "import { openLoose } from './clients.js'\nconst it = openLoose()",
    ['new mem0ai.MemoryClient'],
  ],
  [
    'a field of an instance',
    "import { Container } from './clients.js'\nconst it = new Container().loose",
    ['new mem0ai.MemoryClient'],
  ],
  ['a name that is not there', "import { absent as it } from './clients.js'", []],
  ['a file that is not there', "import { absent as it } from './absent.js'", []],
])('follows %s', { timeout: 60_000 }, (_, code, expected) => {
  expect(imported(code)).toEqual(expected)
})

test('follows nothing into a file that has nothing to do with it, or without a parser', () => {
  const code = "import { loose as it } from './clients.js'"
  expect(imported(code, { mentions: false })).toEqual([])
  expect(imported(code, { parses: false })).toEqual([])
})
