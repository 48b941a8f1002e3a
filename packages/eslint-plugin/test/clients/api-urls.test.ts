import { expect, test } from 'vitest'
import { literalString, type Node, walk } from '../../src/analysis/syntax.ts'
import { isRequestTo } from '../../src/clients/api-urls.ts'
import { parse } from '../parse.ts'

/** Whether the string with the host in a snippet is, or goes into, the address of a request. */
function isRequest(code: string): boolean {
  const sourceCode = parse(code)
  const found: { node: Node; text: string }[] = []
  walk(sourceCode, sourceCode.ast, (node) => {
    const text =
      node.type === 'TemplateLiteral'
        ? node.quasis.map(({ value }) => value.raw).join('')
        : literalString(node)
    if (text?.includes('api.acme.dev')) found.push({ node, text })
  })
  const [{ node, text }] = found as [(typeof found)[0]]
  return isRequestTo('api.acme.dev', node, text, sourceCode)
}

test.each([
  ["fetch('https://api.acme.dev/v1/things')", true],
  ["const url = 'https://api.acme.dev/v2/things'", true],
  ["fetch('https://api.acme.dev/v1/ping/')", false],
  ["new Client({ host: 'https://api.acme.dev' })", false],
  ["fetch('https://api.acme.dev' + path)", true],
  ['fetch(`https://api.acme.dev/${path}`)', true],
  ["const base = 'https://api.acme.dev'\nfetch(`${base}/v1/things`)", true],
  ["const base = env.BASE ?? 'https://api.acme.dev'\nfetch(base + '/v1/things')", true],
  ["const base = 'https://api.acme.dev'\nnew Client({ host: base })", false],
  ["class A { base = 'https://api.acme.dev'; get() { return fetch(`${this.base}/v1`) } }", true],
  ["class A { base = 'https://api.acme.dev'; open() { return new Client(this.base) } }", false],
])('%s: %s', (code, expected) => {
  expect(isRequest(code)).toBe(expected)
})
