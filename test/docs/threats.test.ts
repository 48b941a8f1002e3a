import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')

/** Tests, and suites of tests, that carry numbers of threats. The demo, which test/e2e runs, numbers its steps in the same way. */
const tests = [
  'packages/core/test',
  'packages/middleware/test',
  'packages/eslint-plugin/test',
  'test/engines',
]
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  )
  .filter((name) => name.endsWith('.ts') && !name.includes('node_modules'))

const numbersIn = (list: string): number[] => list.split(',').map(Number)

const carried = tests.flatMap((name) =>
  [...readFileSync(join(root, name), 'utf8').matchAll(/['"`](\d+(?:, \d+)*) · /g)].flatMap(([, list]) =>
    numbersIn(list!),
  ),
)
const listed = [
  ...readFileSync(join(root, 'docs/threats.md'), 'utf8').matchAll(/^\| (\d+(?:, \d+)*) +\|/gm),
].flatMap(([, list]) => numbersIn(list!))

const sorted = (numbers: readonly number[]): number[] => [...numbers].sort((a, b) => a - b)

it('every number in the name of a threat test has a row in docs/threats.md, and vice versa', () => {
  expect(carried.length).toBeGreaterThan(50)
  expect(sorted([...new Set(listed)])).toEqual(sorted([...new Set(carried)]))
})

it('no number stands in two rows', () => {
  expect(sorted(listed)).toEqual(sorted([...new Set(listed)]))
})
