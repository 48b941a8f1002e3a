import { Linter, type Rule } from 'eslint'
import { expect, test } from 'vitest'
import { importedName } from '../../src/analysis/imported-name.ts'
import type { SourceCode } from '../../src/analysis/syntax.ts'
import { evaluatorOf } from '../parse.ts'

/** How HERE names the export `Client` of "sdk", and the code with the import it needs. */
function imported(code: string): { name: string; output: string } | undefined {
  let name: string | undefined
  const rule: Rule.RuleModule = {
    meta: { fixable: 'code' },
    create: (context) => ({
      Identifier(node) {
        if (node.name !== 'HERE') return
        const sourceCode = context.sourceCode as unknown as SourceCode
        const found = importedName('Client', 'sdk', node as never, {
          sourceCode,
          evaluator: evaluatorOf(sourceCode),
        })
        name = found?.name
        const add = found?.add as unknown as Rule.ReportFixer | undefined
        if (add) context.report({ node, message: 'import it', fix: add })
      },
    }),
  }
  const config: Linter.Config = { plugins: { test: { rules: { rule } } }, rules: { 'test/rule': 'error' } }
  const [message] = new Linter().verify(code, config)
  if (name === undefined) return undefined
  const { fix } = message ?? {}
  return { name, output: fix ? code.slice(0, fix.range[0]) + fix.text + code.slice(fix.range[1]) : code }
}

test.each([
  ["import { Client } from 'sdk'\nHERE", 'Client'],
  ["import { Client as C } from 'sdk'\nHERE", 'C'],
  ["import C, { Client } from 'sdk'\nHERE", 'Client'],
  ["const { Client } = require('sdk')\nHERE", 'Client'],
])('%j has it', (code, name) => {
  expect(imported(code)).toEqual({ name, output: code })
})

test.each([
  ['beside another of the module', "import { a } from 'sdk'\nHERE", "import { a, Client } from 'sdk'\nHERE"],
  [
    'after the last import, in its style',
    'import a from "a";\r\nHERE',
    'import a from "a";\r\nimport { Client } from "sdk";\r\nHERE',
  ],
  [
    'after a require',
    "const a = require('a')\nHERE",
    "const a = require('a')\nconst { Client } = require('sdk')\nHERE",
  ],
])('writes an import %s', (_, code, output) => {
  expect(imported(code)).toEqual({ name: 'Client', output })
})

test.each([
  ['the name means something else', "import { Client } from 'other'\nHERE"],
  ['there is nothing to tell how the file imports', 'HERE'],
  ['the only require comes later', "HERE\nconst a = require('a')"],
])('gives nothing where %s', (_, code) => {
  expect(imported(code)).toBeUndefined()
})
