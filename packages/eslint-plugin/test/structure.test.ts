import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'

const source = join(import.meta.dirname, '../src')

/** The folders from the bottom up: a file imports from its own folder and from those below it. */
const layers = ['analysis', 'clients', 'user-id', 'handles', 'rule-kit', 'user-scope', 'rules', '.', 'bin']

const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
)
/** What each file imports from the others, types included. */
const imports = new Map(
  files.map((file) => {
    const text = readFileSync(join(source, file), 'utf8')
    const specifiers = [...text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map(([, path]) => path!)
    return [file, specifiers.map((path) => relative(source, join(source, dirname(file), path)))] as const
  }),
)

test('imports run downhill', () => {
  const uphill = [...imports].flatMap(([file, targets]) =>
    targets
      .filter((target) => layers.indexOf(dirname(target)) > layers.indexOf(dirname(file)))
      .map((target) => `${file} imports ${target}`),
  )
  expect(uphill).toEqual([])
  expect(files.filter((file) => !layers.includes(dirname(file)))).toEqual([])
})

test('no file imports itself over others, types included', () => {
  const circles: string[] = []
  const done = new Set<string>()
  const follow = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' > '))
    if (done.has(file) || path.includes(file)) return
    for (const target of imports.get(file) ?? []) follow(target, [...path, file])
    done.add(file)
  }
  for (const file of files) follow(file, [])
  expect(circles).toEqual([])
  // Every import was found: a specifier that the pattern misses would hide a circle.
  expect([...imports.values()].flat().length).toBeGreaterThan(100)
  expect([...imports.values()].flat().filter((target) => !files.includes(target))).toEqual([])
})
