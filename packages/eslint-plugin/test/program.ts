import { dirname, join } from 'node:path'
import { Linter } from 'eslint'
import * as typescriptParser from '@typescript-eslint/parser'
import ts from 'typescript'
import plugin from '../src/index.ts'
import { typedFolder } from './rule-tester.ts'

/** Code by the path of its file in the program. */
export type Files = Readonly<Record<string, string>>

export interface Linted {
  readonly settings?: Record<string, unknown>
  /** The rules that run, with their options. */
  readonly rules: Linter.RulesRecord
  readonly parser?: Linter.Parser
}

const options: ts.CompilerOptions = {
  strict: true,
  noEmit: true,
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  jsx: ts.JsxEmit.Preserve,
  lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'],
  experimentalDecorators: true,
  skipLibCheck: true,
  types: [],
}

const libraries = new Map<string, ts.SourceFile | undefined>()

/** Compiles files that are only in memory, where packages resolve as they do for the tests. */
export function programOf(files: Files): ts.Program {
  const texts = new Map(Object.entries(files).map(([name, text]) => [join(typedFolder, name), text]))
  const folders = new Set([...texts.keys()].map((name) => dirname(name)))
  const host = ts.createCompilerHost(options)
  return ts.createProgram({
    rootNames: [...texts.keys()],
    options,
    host: {
      ...host,
      fileExists: (name) => texts.has(name) || host.fileExists(name),
      directoryExists: (name) => folders.has(name) || (host.directoryExists?.(name) ?? false),
      readFile: (name) => texts.get(name) ?? host.readFile(name),
      getSourceFile(name, version) {
        const text = texts.get(name)
        if (text !== undefined) return ts.createSourceFile(name, text, version)
        if (!libraries.has(name)) libraries.set(name, host.getSourceFile(name, version))
        return libraries.get(name)
      },
    },
  })
}

/** What rules of the plugin report in one file of a program. */
export function lintFile(
  program: ts.Program,
  name: string,
  { rules, settings = {}, parser = typescriptParser }: Linted,
): Linter.LintMessage[] {
  const path = join(typedFolder, name)
  return new Linter({ cwd: typedFolder }).verify(
    program.getSourceFile(path)!.text,
    [
      {
        files: ['**/*.{ts,tsx}'],
        languageOptions: { parser, parserOptions: { programs: [program], ecmaFeatures: { jsx: true } } },
        plugins: { 'scoped-memory': plugin },
        settings,
        rules,
      },
    ],
    path,
  )
}
