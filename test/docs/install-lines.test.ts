import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

// Without a version npm leaves an old mem0ai as it is where one is installed already.
const root = join(import.meta.dirname, '../..')
const files = [
  ...readdirSync(root),
  ...['docs', 'examples', 'packages', 'scripts'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  ),
].filter(
  (name) => /\.(?:md|ts|js|html)$/.test(name) && !/(?:^|\/)(?:node_modules|dist|test|\..*)\//.test(name),
)
const command = /\b(?:npm (?:install|i|add)|(?:pnpm|yarn|bun) add)\b.*/g
const lines = files.flatMap((file) =>
  [...readFileSync(join(root, file), 'utf8').matchAll(command)].map(([line]) => `${file}: ${line}`),
)

it.each(['mem0ai', '@modelcontextprotocol/sdk', 'better-sqlite3'])(
  'every line that installs %s says which version',
  (name) => {
    const naming = lines.filter((line) => new RegExp(`[ '"\`]${name}(?![\\w/-])`).test(line))
    expect(naming.length).toBeGreaterThan(0)
    expect(naming.filter((line) => !new RegExp(`[ '"\`]${name}@\\d`).test(line))).toEqual([])
  },
)
