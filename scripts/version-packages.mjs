// Makes versions and changelogs of the changesets, and writes the plugin's version where ESLint reads it.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const run = (program, ...args) => execFileSync(process.execPath, [program, ...args], { stdio: 'inherit' })

run(require.resolve('@changesets/cli/bin.js'), 'version')

const { version } = JSON.parse(readFileSync('packages/eslint-plugin/package.json', 'utf8'))
const plugin = 'packages/eslint-plugin/src/index.ts'
const source = readFileSync(plugin, 'utf8')
const updated = source.replace(/^( +version: )'.*'/m, `$1'${version}'`)
if (!updated.includes(`version: '${version}'`)) throw new Error(`${plugin} does not name a version any more.`)
writeFileSync(plugin, updated)

run(require.resolve('prettier/bin/prettier.cjs'), '--write', 'packages/*/{package.json,CHANGELOG.md}')
