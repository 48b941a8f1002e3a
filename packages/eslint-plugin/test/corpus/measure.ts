import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { ESLint, type Linter } from 'eslint'
import * as parser from '@typescript-eslint/parser'
import { configs } from '../../src/index.ts'

/** What a comment at the end of a corpus line says must be reported there, and by which rules. */
const markers: Readonly<Record<string, readonly string[]>> = {
  leak: ['require-user-scope', 'require-user-scope-typed'],
  untrusted: ['no-untrusted-user-id', 'no-untrusted-user-id-typed'],
  fallback: ['no-fallback-user-id'],
  shared: ['no-shared-handle'],
}

/** A folder of fixtures: files on their own, or programs in which ids cross files. */
export type Corpus = 'corpus' | 'flows'
export type Tier = 'recommended' | 'recommendedTypeChecked'

/** Which presets are measured on which corpus. An id that crosses files cannot be seen without types. */
export const measured: readonly (readonly [Corpus, Tier])[] = [
  ['corpus', 'recommended'],
  ['corpus', 'recommendedTypeChecked'],
  ['flows', 'recommendedTypeChecked'],
]

interface Finding {
  /** `leaky/class-field.ts:22 leak` */
  readonly at: string
  readonly text: string
}

export interface Measure {
  readonly files: number
  readonly expected: number
  readonly found: number
  readonly missed: readonly Finding[]
  readonly falseReports: readonly Finding[]
  readonly precision: number
  readonly recall: number
}

/** Lints a corpus with one preset and compares what is reported with what its comments say. */
export async function measure(corpus: Corpus, tier: Tier): Promise<Measure> {
  const folder = join(import.meta.dirname, '../fixtures', corpus)
  const typed = tier === 'recommendedTypeChecked'
  const languageOptions: Linter.LanguageOptions = {
    parser: parser,
    parserOptions: {
      ecmaFeatures: { jsx: true },
      ...(typed ? { projectService: true, tsconfigRootDir: folder } : {}),
    },
  }
  const eslint = new ESLint({
    cwd: folder,
    overrideConfigFile: true,
    overrideConfig: [
      // Neither silence nor a report would be wrong there.
      { ignores: ['debatable/**'] },
      { files: ['**/*.{ts,tsx,js,cjs}'], languageOptions },
      configs[tier],
    ],
  })
  const expected = new Map<string, string>()
  const reported = new Map<string, string>()
  const results = await eslint.lintFiles(['**/*.{ts,tsx,js,cjs}'])
  for (const { filePath, messages } of results) {
    const lines = readFileSync(filePath, 'utf8').split('\n')
    const file = relative(folder, filePath)
    for (const [index, line] of lines.entries()) {
      const comment = /\/\/ ((?:leak|untrusted|fallback|shared)[a-z ]*)$/.exec(line)?.[1]
      const words = comment?.split(' ') ?? []
      if (words.includes('typed') && !typed) continue
      for (const word of words.filter((known) => known in markers))
        expected.set(`${file}:${index + 1} ${word}`, line.trim())
    }
    for (const { ruleId, line, message } of messages) {
      const rule = ruleId?.replace('scoped-memory/', '')
      const marker = Object.keys(markers).find((word) => rule && markers[word]?.includes(rule))
      reported.set(`${file}:${line} ${marker ?? message}`, lines[line - 1]?.trim() ?? '')
    }
  }
  const missed = [...expected].filter(([at]) => !reported.has(at))
  const falseReports = [...reported].filter(([at]) => !expected.has(at))
  const found = expected.size - missed.length
  return {
    files: results.length,
    expected: expected.size,
    found,
    missed: missed.map(([at, text]) => ({ at, text })),
    falseReports: falseReports.map(([at, text]) => ({ at, text })),
    precision: reported.size === 0 ? 1 : found / reported.size,
    recall: expected.size === 0 ? 1 : found / expected.size,
  }
}
