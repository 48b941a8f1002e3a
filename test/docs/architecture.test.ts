import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const page = readFileSync(`${root}/ARCHITECTURE.md`, 'utf8')
const trees = [...page.matchAll(/^```text\n(.*?)^```$/gms)].map(([, tree]) => tree!)

/** The paths of a tree that is drawn with two spaces a level, one entry a line, folders with a slash at their end. */
function drawn(tree: string): string[] {
  const folders: string[] = []
  return tree.split('\n').flatMap((line) => {
    const [, indent = '', name] = /^( *)(\S+)/.exec(line) ?? []
    if (name === undefined) return []
    folders.length = indent.length / 2
    if (!name.endsWith('/')) return [folders.join('') + name]
    folders.push(name)
    return []
  })
}

it.each(['core', 'middleware', 'eslint-plugin'])('names every source file of %s, where it is', (name) => {
  const sources = `packages/${name}/src/`
  const tree = trees.find((tree) => tree.startsWith(sources))
  const files = readdirSync(root + sources, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) =>
      `${parentPath}/${name}`.slice(root.length).replaceAll('\\', '/').replaceAll('//', '/'),
    )
  expect(drawn(tree!).sort()).toEqual(files.sort())
})

it.each(['examples', 'test'])('names every folder of %s', (top) => {
  const tree = trees.find((tree) => tree.startsWith(`${top}/`))!
  const folders = readdirSync(root + top, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'node_modules')
    .map(({ name }) => `${name}/`)
  expect([...tree.matchAll(/^ {2}(\S+\/)/gm)].map(([, name]) => name).sort()).toEqual(folders.sort())
})
