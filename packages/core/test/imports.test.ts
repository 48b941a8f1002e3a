import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import ts from 'typescript'
import { expect, it } from 'vitest'

const src = join(import.meta.dirname, '../src')

const sources = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.ts'))

/** Files and folders, lowest first: each imports only what is in its own step or below it. */
const STEPS = [
  ['errors.ts', 'types.ts', 'node-builtins.ts'],
  ['events.ts'],
  ['input'],
  ['records'],
  ['engines'],
  ['settings.ts'],
  ['user-binding.ts'],
  ['operations'],
  ['scoped-memory.ts'],
  ['batch'],
  ['index.ts', 'embedded', 'testing', 'tools'],
]
const stepOf = (file: string): number => STEPS.findIndex((step) => step.includes(file.split('/')[0]!))

/** What each file imports of this package, types included. */
const imports = new Map(
  sources.map((file) => {
    const { importedFiles } = ts.preProcessFile(readFileSync(join(src, file), 'utf8'))
    const own = importedFiles.map(({ fileName }) => fileName).filter((name) => name.startsWith('.'))
    return [file, own.map((name) => posix.join(posix.dirname(file), name))] as const
  }),
)

it('every file has its place', () => {
  expect([...imports.keys()].filter((file) => stepOf(file) < 0)).toEqual([])
  expect([...imports.values()].flat().filter((file) => !imports.has(file))).toEqual([])
})

it('imports run downhill', () => {
  const uphill = [...imports].flatMap(([file, imported]) =>
    imported.filter((other) => stepOf(other) > stepOf(file)).map((other) => `${file} -> ${other}`),
  )
  expect(uphill).toEqual([])
})

it('no file imports itself by way of others', () => {
  const circles: string[] = []
  const cleared = new Set<string>()
  const follow = (file: string, way: readonly string[]): void => {
    if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(' -> '))
    else if (!cleared.has(file)) for (const next of imports.get(file) ?? []) follow(next, [...way, file])
    cleared.add(file)
  }
  for (const file of imports.keys()) follow(file, [])
  expect(circles).toEqual([])
})

it('index.ts only exports', () => {
  const index = ts.createSourceFile(
    'index.ts',
    readFileSync(join(src, 'index.ts'), 'utf8'),
    ts.ScriptTarget.Latest,
  )
  expect(index.statements.length).toBeGreaterThan(0)
  expect(index.statements.every(ts.isExportDeclaration)).toBe(true)
})
