import { execFileSync, spawnSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

// The packages as they are published: packed, unpacked where a user would install them, and loaded by plain Node.
const root = join(import.meta.dirname, '../..')
const consumer = mkdtempSync(join(tmpdir(), 'consumer-'))
const packages = {
  '@scoped-memory/core': 'core',
  '@scoped-memory/middleware': 'middleware',
  'eslint-plugin-scoped-memory': 'eslint-plugin',
}

interface Manifest {
  exports: Record<string, unknown>
  dependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
  devDependencies?: Record<string, string>
}
const installed = (name: string) => join(consumer, 'node_modules', name)
const manifestOf = (name: string) =>
  JSON.parse(readFileSync(join(installed(name), 'package.json'), 'utf8')) as Manifest

beforeAll(() => {
  execFileSync(process.execPath, [
    join(root, 'node_modules/typescript/bin/tsc'),
    '-b',
    join(root, 'tsconfig.build.json'),
  ])
  for (const [name, directory] of Object.entries(packages)) {
    const source = join(root, 'packages', directory)
    const packed = join(consumer, directory)
    mkdirSync(packed)
    mkdirSync(installed(name), { recursive: true })
    execFileSync('npx', ['-y', 'pnpm@12', 'pack', '--pack-destination', packed], {
      cwd: source,
      stdio: 'pipe',
    })
    const [tarball] = readdirSync(packed)
    execFileSync('tar', ['-xzf', join(packed, tarball!), '-C', installed(name), '--strip-components=1'])
    linkDependencies(name, source)
  }
}, 180_000)
afterAll(() => rmSync(consumer, { recursive: true, force: true }))

// What the user's package manager would install beside them: dependencies, and the peers.
function linkDependencies(name: string, source: string) {
  const { dependencies = {}, peerDependencies = {} } = manifestOf(name)
  for (const dependency of Object.keys({ ...dependencies, ...peerDependencies })) {
    if (dependency in packages) continue
    const from = join(source, 'node_modules', dependency)
    mkdirSync(join(installed(dependency), '..'), { recursive: true })
    try {
      symlinkSync(realpathSync(from), installed(dependency))
    } catch (error) {
      if (!['EEXIST', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    }
  }
}

describe.each(Object.keys(packages))('%s, packed', (name) => {
  it('holds what it says, and nothing else', () => {
    const files = execFileSync('find', ['.', '-type', 'f'], { cwd: installed(name), encoding: 'utf8' })
      .trim()
      .split('\n')
    expect(files).toEqual(expect.arrayContaining(['./package.json', './README.md', './LICENSE']))
    for (const file of files)
      expect(file).toMatch(
        /^\.\/(dist\/.*\.(js|d\.ts)|docs\/.*\.md|package\.json|README\.md|LICENSE|bin\/.*)$/,
      )
  })

  it('depends on published versions', () => {
    const { dependencies = {}, peerDependencies = {} } = manifestOf(name)
    for (const version of Object.values({ ...dependencies, ...peerDependencies }))
      expect(version).toMatch(/^[\^~<>=\d]/)
  })

  it('exports what it did', () => {
    expect(Object.keys(manifestOf(name).exports)).toMatchSnapshot()
    for (const [path, target] of Object.entries(manifestOf(name).exports)) {
      if (path !== './package.json')
        expect(target).toEqual({
          types: expect.stringMatching(/^\.\/dist\/.*\.d\.ts$/) as string,
          default: expect.stringMatching(/^\.\/dist\/.*\.js$/) as string,
        })
    }
  })

  it.each(['import', 'require'])('loads by %s', (way) => {
    const paths = Object.keys(manifestOf(name).exports)
      .filter((path) => path !== './package.json')
      .map((path) => name + path.slice(1))
    const script = paths
      .map((path) => (way === 'import' ? `await import('${path}')` : `require('${path}')`))
      .join('\n')
    const file = join(consumer, way === 'import' ? 'load.mjs' : 'load.cjs')
    writeFileSync(file, script)
    const { stderr, status } = spawnSync(process.execPath, [file], { cwd: consumer, encoding: 'utf8' })
    expect(stderr).toBe('')
    expect(status).toBe(0)
  })
})

it('a handle works from the packed files', () => {
  const file = join(consumer, 'use.mjs')
  writeFileSync(
    file,
    `
    import { ScopedMemory } from '@scoped-memory/core'
    import { createInMemoryClient } from '@scoped-memory/core/testing'
    const client = createInMemoryClient()
    await new ScopedMemory('u_alice', { client }).add('I am vegetarian')
    console.log((await new ScopedMemory('u_bob', { client }).getAll()).results.length, (await new ScopedMemory('u_alice', { client }).getAll()).results.length)`,
  )
  expect(execFileSync(process.execPath, [file], { cwd: consumer, encoding: 'utf8' }).trim()).toBe('0 1')
})

it('core imports nothing of Node statically, so that it loads where Node is not', async () => {
  const { metafile } = await build({
    stdin: { contents: `export * from '@scoped-memory/core'`, resolveDir: consumer },
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'node',
    external: ['mem0ai', 'lru-cache', 'p-*'],
  })
  const imported = Object.values(metafile.inputs).flatMap(({ imports }) =>
    imports.filter(({ external }) => external).map(({ path }) => path),
  )
  expect(imported.filter((path) => path.startsWith('node:'))).toEqual([])
})

it('the handle costs a bundle less than 14 kB, gzipped', async () => {
  const { outputFiles } = await build({
    stdin: {
      contents: `export { ScopedMemory, createMemoryFactory } from '@scoped-memory/core'`,
      resolveDir: consumer,
    },
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    platform: 'node',
    external: ['mem0ai', 'lru-cache'],
  })
  expect(gzipSync(outputFiles[0]!.contents).length).toBeLessThan(14 * 1024)
})
