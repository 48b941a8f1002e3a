import { join } from 'node:path'
import { RuleTester as Tester } from '@typescript-eslint/rule-tester'
import * as vitest from 'vitest'
import { rules } from '../src/rules/index.ts'

Tester.afterAll = vitest.afterAll
Tester.describe = vitest.describe
Tester.it = vitest.it
Tester.itOnly = vitest.it.only

interface TestError {
  readonly messageId: string
  readonly data: Readonly<Record<string, string>>
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly endColumn: number
  readonly suggestions: readonly {
    messageId: string
    data?: Readonly<Record<string, string>>
    output: string
  }[]
}

interface ValidCase {
  readonly name?: string
  readonly code: string
  readonly options?: readonly unknown[]
  readonly filename?: string
}

export interface InvalidCase extends ValidCase {
  readonly errors: readonly TestError[]
}

interface Report {
  readonly messageId: string
  readonly data?: Readonly<Record<string, string>>
  /** What the one suggestion makes of the code, without the marks. */
  readonly suggests?: { messageId: string; data?: Readonly<Record<string, string>>; output: string }
}

function position(text: string): { line: number; column: number } {
  const lines = text.split('\n')
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 }
}

/** An invalid case in whose code each reported range stands between « and », in the order of the reports. */
export function invalid(marked: string, ...reports: readonly Report[]): InvalidCase {
  const ranges: { start: number; end: number }[] = []
  let code = ''
  for (const character of marked) {
    if (character === '«') ranges.push({ start: code.length, end: code.length })
    else if (character === '»') ranges.findLast((range) => range.end === range.start)!.end = code.length
    else code += character
  }
  if (ranges.length !== reports.length)
    throw new Error(`${ranges.length} marks, ${reports.length} reports: ${marked}`)
  const errors = reports.map(({ messageId, data = {}, suggests }, index): TestError => {
    const start = position(code.slice(0, ranges[index]!.start))
    const end = position(code.slice(0, ranges[index]!.end))
    return {
      messageId,
      data,
      ...start,
      endLine: end.line,
      endColumn: end.column,
      suggestions: suggests ? [suggests] : [],
    }
  })
  return { code, errors }
}

/** Folder of the files that typed cases may import from. */
export const typedFolder: string = join(import.meta.dirname, 'fixtures/typed')

export interface Cases {
  readonly valid: readonly (string | ValidCase)[]
  readonly invalid: readonly InvalidCase[]
}

/** Runs a rule of the plugin over cases, with type information when the rule or the caller asks for it. */
export function testRule(name: string, cases: Cases, options: { readonly typed?: boolean } = {}): void {
  const rule = rules[name]
  if (!rule) throw new Error(`no rule ${name}`)
  if (cases.valid.length < cases.invalid.length)
    throw new Error(`${name}: ${cases.valid.length} valid cases, ${cases.invalid.length} invalid`)
  const typed = options.typed ?? rule.meta.docs?.requiresTypeChecking
  const tester = new Tester({
    languageOptions: {
      parserOptions: typed ? { projectService: true, tsconfigRootDir: typedFolder } : {},
    },
  })
  tester.run(name, rule, cases)
}
