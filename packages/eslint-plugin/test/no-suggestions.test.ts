import { Linter } from 'eslint'
import * as parser from '@typescript-eslint/parser'
import { expect, test } from 'vitest'
import { configs } from '../src/index.ts'
import { withoutSuggestion } from './suggestions/without.ts'

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
