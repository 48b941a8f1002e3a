import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const core = join(import.meta.dirname, '..')
const sources = join(import.meta.dirname, 'types')
/** What users may write, and may not. */
const ofUsers = ['surface', 'filters', 'history', 'errors', 'for-each-user', 'postgres'].map((name) =>
  join(sources, `${name}.ts`),
)
const base: ts.CompilerOptions = {
  noEmit: true,
  strict: true,
  skipLibCheck: true,
  types: ['node'],
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
}
const nodenext = { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext }
const bundler = { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler }

function errors(files: string[], options: ts.CompilerOptions): string[] {
  const program = ts.createProgram(files, { ...base, ...options })
  return ts
    .getPreEmitDiagnostics(program)
    .map(
      (diagnostic) =>
        `${diagnostic.file?.fileName.split('/').slice(-2).join('/') ?? ''}: ${ts.flattenDiagnosticMessageText(diagnostic.messageText, ' ')}`,
    )
}

describe('types', () => {
  let declarations: string
  beforeAll(() => {
    declarations = mkdtempSync(join(tmpdir(), 'declarations-'))
    const config = ts.getParsedCommandLineOfConfigFile(
      join(core, 'tsconfig.json'),
      {
        outDir: declarations,
        tsBuildInfoFile: join(declarations, '.tsbuildinfo'),
        emitDeclarationOnly: true,
        declaration: true,
      },
      {
        ...ts.sys,
        onUnRecoverableConfigFileDiagnostic: (diagnostic) => {
          throw new Error(ts.flattenDiagnosticMessageText(diagnostic.messageText, ' '))
        },
      },
    )!
    const program = ts.createProgram(config.fileNames, config.options)
    program.emit()
    // The subpaths name types of mem0ai and pg.
    symlinkSync(join(core, 'node_modules'), join(declarations, 'node_modules'))
  })
  afterAll(() => rmSync(declarations, { recursive: true, force: true }))

  it('take every option of mem0ai, or refuse it on purpose', () => {
    expect(
      errors([join(sources, 'mem0-options.ts')], {
        ...nodenext,
        exactOptionalPropertyTypes: true,
        allowImportingTsExtensions: true,
        lib: ['lib.es2023.d.ts', 'lib.es2024.string.d.ts', 'lib.esnext.disposable.d.ts'],
      }),
    ).toEqual([])
  })

  it.each<[string, ts.CompilerOptions]>([
    ['nodenext', nodenext],
    ['bundler', bundler],
    [
      'exactOptionalPropertyTypes and its kin',
      {
        ...nodenext,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        noPropertyAccessFromIndexSignature: true,
        noImplicitOverride: true,
        verbatimModuleSyntax: true,
      },
    ],
    ['isolatedDeclarations', { ...bundler, isolatedDeclarations: true, declaration: true }],
  ])('compile where they are used, from their declarations alone: %s', (_, options) => {
    const paths = {
      '@scoped-memory/core': [join(declarations, 'index.d.ts')],
      '@scoped-memory/core/*': [join(declarations, '*/index.d.ts')],
    }
    expect(errors(ofUsers, { ...options, paths })).toEqual([])
  })
})
