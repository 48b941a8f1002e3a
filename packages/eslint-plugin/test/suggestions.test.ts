import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Linter } from 'eslint'
import * as parser from '@typescript-eslint/parser'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { configs } from '../src/index.ts'
import { byIdCases } from './suggestions/by-id.ts'
import { withoutSuggestion } from './suggestions/without.ts'

const unmarked = (code: string): string => code.replaceAll(/[«»]/g, '')

/** What the recommended rules report about a file. */
const lint = (code: string): readonly string[] =>
  new Linter()
    .verify(code, [{ files: ['**/*.ts'], languageOptions: { parser } }, configs.recommended], 'file.ts')
    .map(({ messageId, message }) => messageId ?? message)

test.each(byIdCases)('leave nothing to report: $name', ({ code, output }) => {
  expect(lint(unmarked(code))).toEqual(['bareMemoryId'])
  expect(lint(output)).toEqual([])
})

test('leave code that compiles where it did', { timeout: 120_000 }, () => {
  // Beside the packages that the code imports.
  const folder = mkdtempSync(join(import.meta.dirname, '../../../test/.suggestions-'))
  try {
    const typed = byIdCases.filter((one) => one.typed)
    const files = typed.flatMap(({ code, output }, index) =>
      [unmarked(code), output].map((text, after) => {
        const file = join(folder, `${index}-${after ? 'after' : 'before'}.ts`)
        writeFileSync(file, text)
        return file
      }),
    )
    const program = ts.createProgram(files, {
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.NodeNext,
      skipLibCheck: true,
      noEmit: true,
      types: ['node'],
      customConditions: ['@scoped-memory/source'],
      allowImportingTsExtensions: true,
    })
    const problems = files
      .flatMap((file) => ts.getPreEmitDiagnostics(program, program.getSourceFile(file)))
      .map(
        ({ file, messageText }) =>
          `${file?.text ?? ''}\n${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
      )
    expect(problems).toEqual([])
    expect(typed.length).toBeGreaterThan(25)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test.each(withoutSuggestion)('suggest nothing: $name', ({ code }) => {
  const before = code.slice(0, code.indexOf('«'))
  const reports = new Linter()
    .verify(
      code.replaceAll(/[«»]/g, ''),
      [{ files: ['**/*.ts'], languageOptions: { parser } }, configs.recommended],
      'file.ts',
    )
    .filter(({ ruleId }) => ruleId === 'scoped-memory/require-user-scope')
  expect(reports).toMatchObject([
    {
      messageId: 'bareMemoryId',
      line: before.split('\n').length,
      column: before.length - before.lastIndexOf('\n'),
    },
  ])
  expect(reports[0]?.suggestions).toBeUndefined()
})
