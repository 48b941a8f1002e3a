import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

// Without a version npm keeps an old mem0ai that is installed already, or looks for one that suits everything else.
const root = join(import.meta.dirname, '../..')
const read = /\.(?:md|ts|js|html)$/
const skipped = /(?:^|\/)(?:node_modules|dist|test|\.git)\//
const files = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...['docs', 'examples', 'packages', 'scripts'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  ),
].filter((name) => read.test(name) && !skipped.test(name))

const installs = files.flatMap((file) =>
  readFileSync(join(root, file), 'utf8')
    .split('\n')
    .filter((line) => /\b(?:npm (?:install|i|add)|(?:pnpm|yarn|bun) add)\b/.test(line))
    .map((line) => `${file}: ${line.trim()}`),
)

it('every line that installs mem0ai says which', () => {
  expect(installs.filter((line) => /mem0ai@3\b/.test(line)).length).toBeGreaterThan(3)
  expect(installs.filter((line) => /\bmem0ai(?![\w/@-])/.test(line.replace(/^[^:]*: /, '')))).toEqual([])
})

it('every line that installs the MCP SDK or better-sqlite3 says which', () => {
  expect(
    installs.filter((line) => /(?:modelcontextprotocol\/sdk|better-sqlite3)(?![@\w/-])/.test(line)),
  ).toEqual([])
})
