import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, it } from 'vitest'
import mutation from '../../vitest.stryker.config.ts'

const root = join(import.meta.dirname, '../..')
const read = (file: string): string => readFileSync(join(root, file), 'utf8')
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }

it('a check is all that has to hold: everything static, and the tests', () => {
  expect(scripts['check']).toBe('pnpm check:static && pnpm test')
  const [, together] = /^pnpm build && pnpm run "\/(.*)\/"$/.exec(scripts['check:static']!)!
  const checks = Object.keys(scripts).filter((name) => /^check:(?!static)/.test(name))
  for (const name of ['typecheck', 'lint', 'docs:api', ...checks]) expect(name).toMatch(new RegExp(together!))
})

it('the integration runs the test command of the README, then the rest of the check', () => {
  const test = /^npx -y pnpm@\d+ test/m.exec(read('README.md'))![0]
  const commands = read('.ci/run').trim().split('\n')
  expect(commands.slice(-2)).toEqual([test, test.replace(/test$/, 'check:static')])
  expect(commands).toContain('set -euo pipefail')
})

it('the mutation run leaves out test files that exist', () => {
  const [project] = mutation.test!.projects as { test: { exclude: string[] } }[]
  const leftOut = project!.test.exclude.filter((pattern) => pattern.endsWith('.test.ts'))
  const files = readdirSync(join(root, 'packages'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts') && !file.includes('node_modules'))
    .map((file) => basename(file))
  const matches = (pattern: string): boolean => {
    const name = pattern.replace('**/', '').replaceAll('.', '\\.').replace('*', '.+')
    return files.some((file) => new RegExp(`^${name}$`).test(file))
  }
  expect(leftOut.filter((pattern) => !matches(pattern))).toEqual([])
  expect(leftOut.length).toBeGreaterThan(5)
})
