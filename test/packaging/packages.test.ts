import { execFile, execFileSync, spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
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
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

// The packages as they are published: packed, installed by npm into projects of their own, and loaded by plain Node.
const root = join(import.meta.dirname, '../..')
const modules = join(root, 'test/node_modules')
const fixtures = join(import.meta.dirname, 'fixtures')
const run = promisify(execFile)

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'packed-')))
/** CommonJS projects, as "npm init" makes them. */
const projects = {
  express: join(folder, 'express'),
  express4: join(folder, 'express4'),
  connect: join(folder, 'connect'),
}
const consumer = projects.express
const packages = {
  '@scoped-memory/core': 'core',
  '@scoped-memory/middleware': 'middleware',
  'eslint-plugin-scoped-memory': 'eslint-plugin',
}

interface Manifest {
  exports: Record<string, unknown>
  main?: string
  types?: string
  typesVersions?: { '*': Record<string, string[]> }
  dependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
  devDependencies?: Record<string, string>
}
const installed = (name: string) => join(consumer, 'node_modules', name)
const manifestOf = (name: string) =>
  JSON.parse(readFileSync(join(installed(name), 'package.json'), 'utf8')) as Manifest

beforeAll(async () => {
  execFileSync(process.execPath, [
    join(root, 'node_modules/typescript/bin/tsc'),
    '-b',
    join(root, 'tsconfig.build.json'),
  ])
  execFileSync(
    'npx',
    ['-y', 'pnpm@12', '-r', '--filter', './packages/*', 'pack', '--pack-destination', folder],
    { cwd: root, stdio: 'pipe' },
  )
  const [plugin, core, middleware] = [
    'eslint-plugin-',
    'scoped-memory-core-',
    'scoped-memory-middleware-',
  ].map((start) => join(folder, readdirSync(folder).find((file) => file.startsWith(start))!)) as [
    string,
    string,
    string,
  ]
  const ours = [core, middleware, dependency('@types/node')]
  await Promise.all([
    install(projects.express, [
      ...ours,
      plugin,
      ...['express', '@types/express', '@clerk/express', 'hono', 'eslint'].map((name) => dependency(name)),
    ]),
    install(projects.express4, [
      ...ours,
      dependency('express', 'express4'),
      dependency('@types/express', '@types/express4'),
    ]),
    install(projects.connect, [...ours, dependency('connect'), dependency('@types/connect')]),
  ])
}, 180_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What npm is asked for, in the version that this repository has. */
function dependency(name: string, installedAs = name): string {
  const manifest = [modules, join(root, 'node_modules')]
    .map((at) => join(at, installedAs, 'package.json'))
    .find((path) => existsSync(path))!
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
  return `${name}@${version}`
}

async function install(project: string, wanted: string[]) {
  mkdirSync(project)
  writeFileSync(join(project, 'package.json'), '{ "private": true }')
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', ...wanted], { cwd: project })
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

  it('has the same entries for resolvers that read no exports', () => {
    const { exports, main, types, typesVersions = { '*': {} } } = manifestOf(name)
    const { '.': first, './package.json': _, ...others } = exports as Record<string, { types: string }>
    expect({ types, default: main }).toEqual(first ?? { types: undefined, default: undefined })
    expect(typesVersions).toEqual({
      '*': Object.fromEntries(Object.entries(others).map(([path, entry]) => [path.slice(2), [entry.types]])),
    })
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

it('the handle costs a bundle less than 18 kB, gzipped', async () => {
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
  expect(gzipSync(outputFiles[0]!.contents).length).toBeLessThan(18 * 1024)
})

describe.each(['5.0', '5.9', '6'] as const)('TypeScript %s', { timeout: 120_000 }, (version) => {
  const tsc = join(modules, version === '6' ? 'typescript' : `typescript${version}`, 'bin/tsc')
  // The oldest has no way to say that CommonJS requires an ES module but the old one.
  const mode = version === '5.0' ? { module: 'commonjs', moduleResolution: 'node10' } : { module: 'nodenext' }

  /** What the compiler reports, but for the declarations of Clerk, which have errors of their own. */
  async function compile(project: string, files: string[]): Promise<string[]> {
    for (const file of files) cpSync(join(fixtures, file), join(project, file))
    const outDir = join(project, `out-${version}`)
    const config = join(project, `tsconfig.${version}.json`)
    writeFileSync(
      config,
      JSON.stringify({
        compilerOptions: {
          // Every declaration is checked but those of the language, which come with the compiler.
          ...{
            strict: true,
            exactOptionalPropertyTypes: true,
            skipLibCheck: false,
            skipDefaultLibCheck: true,
          },
          ...{ target: 'es2022', types: ['node'], esModuleInterop: true, outDir },
          ...mode,
        },
        files,
      }),
    )
    const { stdout } = await run(process.execPath, [tsc, '-p', config], { cwd: project }).catch(
      (failed: { stdout: string }) => failed,
    )
    return stdout.split('\n').filter((line) => /^\S/.test(line) && !line.startsWith('node_modules/@clerk/'))
  }

  it(`finds every entry in a CommonJS project of module ${mode.module}, with Express 5, and what it emits runs`, async () => {
    // The types of Clerk cannot be found by node10.
    const files = ['commonjs.ts', 'express.ts', ...(version === '5.0' ? [] : ['clerk.ts'])]
    expect(await compile(consumer, files)).toEqual([])
    const emitted = join(consumer, `out-${version}/commonjs.js`)
    const { stdout, stderr } = await run(process.execPath, [emitted], { cwd: consumer })
    expect({ stdout, stderr }).toEqual({ stdout: '1 4 [ undefined, undefined ] true\n', stderr: '' })
  })

  it('knows the request of Connect, without types of Express', async () => {
    expect(await compile(projects.connect, ['connect.ts'])).toEqual([])
  })

  it.runIf(version === '6')('knows the request of Express 4', async () => {
    expect(await compile(projects.express4, ['express.ts'])).toEqual([])
  })
})

describe('in CommonJS', { timeout: 60_000 }, () => {
  const block = (page: string, kind: string) =>
    new RegExp(`^\`\`\`js ${kind}\n(.*?)^\`\`\`$`, 'ms').exec(readFileSync(join(root, page), 'utf8'))![1]!

  it('what the documentation requires works', () => {
    const file = join(consumer, 'required.cjs')
    writeFileSync(file, block('docs/installing.md', 'require'))
    const { stdout, stderr } = spawnSync(process.execPath, [file], { cwd: consumer, encoding: 'utf8' })
    expect({ stdout, stderr }).toEqual({ stdout: '1\n', stderr: '' })
  })

  it('ESLint takes the required preset', () => {
    writeFileSync(
      join(consumer, 'eslint.config.js'),
      `module.exports = [{ files: ['leak.mjs'], ...require('eslint-plugin-scoped-memory').configs.recommended }]`,
    )
    writeFileSync(
      join(consumer, 'leak.mjs'),
      `import { MemoryClient } from 'mem0ai'\nexport const all = new MemoryClient({ apiKey: 'm0-k' }).search('food')`,
    )
    const { stdout } = spawnSync(process.execPath, ['node_modules/eslint/bin/eslint.js', 'leak.mjs'], {
      cwd: consumer,
      encoding: 'utf8',
    })
    expect(stdout).toMatch(/2:\d+ +error .*scoped-memory\/require-user-scope/)
  })

  describe('Jest', () => {
    const jest = (options: string, ...args: string[]) =>
      spawnSync(process.execPath, [join(modules, 'jest/bin/jest.js'), '--ci', ...args], {
        cwd: consumer,
        encoding: 'utf8',
        env: { ...process.env, NODE_OPTIONS: options },
      })
    beforeAll(() => {
      for (const file of ['memory.test.js', 'imported.test.js'])
        cpSync(join(fixtures, file), join(consumer, file))
      writeFileSync(join(consumer, 'jest.config.js'), block('docs/testing.md', 'jest'))
      const plugin = '@babel/plugin-transform-modules-commonjs'
      mkdirSync(join(consumer, 'node_modules/@babel'), { recursive: true })
      symlinkSync(realpathSync(join(modules, plugin)), join(consumer, 'node_modules', plugin))
    })

    it('requires the packages with the configuration of the documentation, and not without', () => {
      const { status, stderr } = jest('', 'memory.test.js')
      expect(status, stderr).toBe(0)
      expect(jest('', '--config', '{}', 'memory.test.js').stderr).toContain('Must use import')
    })

    it('imports them with --experimental-vm-modules', () => {
      const { status, stderr } = jest('--experimental-vm-modules', '--config', '{}', 'imported.test.js')
      expect(status, stderr).toBe(0)
    })
  })
})
