import { readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

// The names that users of a package may import. A change of the snapshot is a change of the public face: decide on it.
const root = join(import.meta.dirname, '../..')
const packages = ['core', 'middleware', 'eslint-plugin']

interface Manifest {
  readonly name: string
  readonly exports: Record<string, string | { readonly '@scoped-memory/source': string }>
}

const entries = packages.flatMap((folder) => {
  const manifest = join(root, 'packages', folder, 'package.json')
  const { name, exports } = JSON.parse(readFileSync(manifest, 'utf8')) as Manifest
  return Object.entries(exports).flatMap(([subpath, target]) =>
    typeof target === 'string'
      ? []
      : {
          specifier: name + subpath.slice(1),
          file: join(dirname(manifest), target['@scoped-memory/source']),
        },
  )
})

const { config } = ts.readConfigFile(join(root, 'tsconfig.base.json'), (file) => ts.sys.readFile(file)) as {
  config: { compilerOptions: object }
}
const { options } = ts.convertCompilerOptionsFromJson(
  { ...config.compilerOptions, noEmit: true, allowImportingTsExtensions: true },
  root,
)
const program = ts.createProgram(
  entries.map(({ file }) => file),
  options,
)
const checker = program.getTypeChecker()

const KINDS: readonly [ts.SymbolFlags, string][] = [
  [ts.SymbolFlags.Class, 'class'],
  [ts.SymbolFlags.Function, 'function'],
  [ts.SymbolFlags.Variable, 'const'],
  [ts.SymbolFlags.Interface, 'interface'],
  [ts.SymbolFlags.TypeAlias, 'type'],
]

/** `class ScopedMemory`, `type Scope`; `const, interface X` where one name is both; `type-only class X` by `export type`. */
function described(exported: ts.Symbol): string {
  const { flags } = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
  const kinds = KINDS.filter(([flag]) => flags & flag).map(([, kind]) => kind)
  if (kinds.length === 0) throw new Error(`${exported.name} is exported and is neither a value nor a type.`)
  const withoutValue = exported.declarations?.some(ts.isTypeOnlyExportDeclaration) === true
  const typeOnly = withoutValue && (flags & ts.SymbolFlags.Value) !== 0 ? 'type-only ' : ''
  return `${typeOnly}${kinds.join(', ')} ${exported.name}`
}

it('every entry point is there', () => {
  expect(entries.length).toBeGreaterThan(10)
})

describe.each(entries)('$specifier', ({ file }) => {
  it('exports what it did', () => {
    const source = program.getSourceFile(file)
    const module = source && checker.getSymbolAtLocation(source)
    if (!module) throw new Error(`${relative(root, file)} exports nothing.`)
    const names = checker.getExportsOfModule(module).map(described)
    expect(names.sort((a, b) => a.localeCompare(b, 'en')).join('\n')).toMatchSnapshot()
  })
})
