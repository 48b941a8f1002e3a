import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const pages = [
  ...readdirSync(root),
  ...['docs', 'examples', 'packages'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  ),
].filter((name) => name.endsWith('.md') && !/(?:^|\/)(?:node_modules|dist|fixtures|docs\/api)\//.test(name))

const withoutCode = (page: string): string =>
  readFileSync(join(root, page), 'utf8').replaceAll(/^```.*?^```$/gms, '')

/** As GitHub makes it of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-')

const anchors = (page: string): string[] =>
  [...withoutCode(page).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading!))

function brokenLinks(page: string): string[] {
  return [...withoutCode(page).matchAll(/\]\(([^()\s]+)\)/g)]
    .map(([, link]) => link!)
    .filter((link) => !/^[a-z]+:/.test(link))
    .filter((link) => {
      const [path = '', anchor] = link.split('#')
      const target = path === '' ? page : relative(root, join(root, dirname(page), path))
      if (!existsSync(join(root, target))) return true
      return (
        anchor !== undefined && !(statSync(join(root, target)).isFile() && anchors(target).includes(anchor))
      )
    })
}

it.each(pages)('every link of %s leads to a file and a heading that exist', (page) => {
  expect(brokenLinks(page)).toEqual([])
})

it('the README leads to every page of docs', () => {
  const readme = withoutCode('README.md')
  const unlinked = pages.filter((page) => page.startsWith('docs/') && !readme.includes(`](${page})`))
  expect(unlinked).toEqual([])
})
