import { expect, test } from 'vitest'
import { clientCall } from '../../src/clients/client-calls.ts'
import type { ClientDescription } from '../../src/clients/client-description.ts'
import { evaluatorOf, parse } from '../parse.ts'

const client: ClientDescription = {
  modules: ['sdk'],
  classes: ['Client', 'default'],
  factories: ['connect'],
  userKeys: ['userId'],
  methods: { search: { kind: 'scoped', argument: 1, at: [''] }, get: { kind: 'byId' } },
}

/** The method that the last statement of a snippet calls, and its arguments. */
function called(code: string): readonly (string | undefined)[] | undefined {
  const sourceCode = parse(
    `import Default, { Client, connect, Error } from 'sdk'\nconst client = new Client()\n${code}`,
  )
  const last = sourceCode.ast.body.at(-1)
  if (last?.type !== 'ExpressionStatement' || last.expression.type !== 'CallExpression')
    throw new Error(`no call at the end of ${code}`)
  const call = clientCall(last.expression, [client], evaluatorOf(sourceCode), sourceCode)
  return call && [call.name, call.arguments?.map((node) => sourceCode.getText(node)).join()]
}

test.each([
  ['a method', 'client.search(a, b)', ['search', 'a,b']],
  ['a method in brackets', "client['get'](a)", ['get', 'a']],
  ['the default class', 'new Default().get(a)', ['get', 'a']],
  ['a client of a factory', 'connect().get(a)', ['get', 'a']],
  ['a client of a static factory', 'Client.connect().get(a)', ['get', 'a']],
  ['a subclass', 'class Own extends Client {}\nnew Own().get(a)', ['get', 'a']],
  ['a method that a variable holds', 'const { get } = client\nget(a)', ['get', 'a']],
  ['call', 'client.get.call(client, a)', ['get', 'a']],
  ['apply', 'client.get.apply(client, [a])', ['get', 'a']],
  ['apply with a list from elsewhere', 'client.get.apply(client, list)', ['get', undefined]],
  ['Reflect.apply', 'Reflect.apply(client.get, client, [a])', ['get', 'a']],
  ['Reflect.apply of nothing', 'Reflect.apply()', undefined],
  ['a method that the client does not have', 'client.toString()', undefined],
  ['another class of the module', 'new Error().get(a)', undefined],
  ['another object', 'other.get(a)', undefined],
])('%s', (_, code, expected) => {
  expect(called(code)).toEqual(expected)
})
