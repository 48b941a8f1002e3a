import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const projects = join(import.meta.dirname, 'fixtures/projects')
const name = 'eslint-plugin-scoped-memory'

let folder: string
/** The packed plugin as pnpm lays it out: beside nothing but its own dependencies. */
let isolated: string

interface Run {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

async function run(
  cwd: string,
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Run> {
  const child = spawn(command, args, { cwd, env: { ...process.env, NODE_OPTIONS: '', ...env } })
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()))
  const [status] = (await once(child, 'close')) as [number]
  return { status, ...output }
}

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'scoped-memory-packed-')))
  const staged = join(folder, 'staged')
  await cp(root, staged, {
    recursive: true,
    filter: (source) => !/(?:^|\/)(?:node_modules|dist|test|src)$/.test(relative(root, source)),
  })
  const tsc = await run(root, process.execPath, [
    join(root, 'node_modules/typescript/bin/tsc'),
    ...['-p', join(root, 'tsconfig.json'), '--outDir', join(staged, 'dist')],
    ...['--tsBuildInfoFile', join(folder, '.tsbuildinfo')],
  ])
  expect(tsc).toMatchObject({ status: 0, stdout: '' })
  await publishedManifest(staged)
  const packed = await run(staged, 'npm', ['pack', '--pack-destination', folder, '--silent'])
  expect(packed.status).toBe(0)
  isolated = join(folder, 'isolated/node_modules', name)
  await mkdir(isolated, { recursive: true })
  const tarball = (await readdir(folder)).find((file) => file.endsWith('.tgz'))!
  await run(folder, 'tar', ['-xzf', tarball, '-C', isolated, '--strip-components=1'])
  await cp(await realpath(join(root, 'node_modules/picomatch')), join(dirname(isolated), 'picomatch'), {
    recursive: true,
  })
}, 120_000)

afterAll(async () => {
  await rm(folder, { recursive: true })
})

/** What packing makes of the manifest: the exports that are published, and versions in place of catalog names. */
async function publishedManifest(staged: string): Promise<void> {
  const path = join(staged, 'package.json')
  const manifest = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown> & {
    publishConfig: Record<string, unknown>
  }
  const { publishConfig, ...own } = manifest
  const picomatch = JSON.parse(await readFile(join(root, 'node_modules/picomatch/package.json'), 'utf8')) as {
    version: string
  }
  await writeFile(
    path,
    JSON.stringify({
      ...own,
      ...publishConfig,
      devDependencies: {},
      dependencies: { picomatch: picomatch.version },
    }),
  )
}

type Layout = 'npm' | 'pnpm'

/** A copy of a fixture project with the packed plugin installed in it. */
async function install(project: string, layout: Layout): Promise<string> {
  const target = await mkdtemp(join(folder, `${project}-${layout}-`))
  await cp(join(projects, project), target, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (source) => !source.endsWith('node_modules'),
  })
  for (const at of await modulesIn(join(projects, project), project)) {
    const copied = join(target, relative(join(projects, project), at))
    await mkdir(copied, { recursive: true })
    for (const entry of await entriesOf(at)) {
      await mkdir(dirname(join(copied, entry)), { recursive: true })
      const inside = relative(await realpath(join(projects, project)), await realpath(join(at, entry)))
      // Packages of the project itself stay links into the copy; others stay where they are installed.
      const source = inside.startsWith('..') ? await realpath(join(at, entry)) : join(target, inside)
      await symlink(source, join(copied, entry))
    }
  }
  const modules = join(target, 'node_modules')
  if (layout === 'pnpm') await symlink(isolated, join(modules, name))
  else
    for (const dependency of await readdir(dirname(isolated)))
      await cp(join(dirname(isolated), dependency), join(modules, dependency), { recursive: true })
  return target
}

async function modulesIn(at: string, project: string): Promise<string[]> {
  const own = join(at, 'node_modules')
  if (project !== 'monorepo') return [own]
  return [own, ...['memory', 'api'].map((one) => join(at, 'packages', one, 'node_modules'))]
}

async function entriesOf(modules: string): Promise<string[]> {
  const entries: string[] = []
  for (const entry of await readdir(modules)) {
    if (entry.startsWith('.')) continue
    if (!entry.startsWith('@')) entries.push(entry)
    else for (const scoped of await readdir(join(modules, entry))) entries.push(join(entry, scoped))
  }
  return entries
}

/** What ESLint reports in a project: `src/routes.ts:3 missingUser`. */
async function eslint(project: string, ...args: string[]): Promise<string[]> {
  const { stdout, stderr } = await run(
    project,
    process.execPath,
    [join(project, 'node_modules/eslint/bin/eslint.js'), '--format', 'json', ...args, '.'],
    { ESLINT_USE_FLAT_CONFIG: 'true' },
  )
  let results: { filePath: string; messages: { line: number; messageId?: string; message: string }[] }[]
  try {
    results = JSON.parse(stdout) as typeof results
  } catch {
    throw new Error(stdout + stderr)
  }
  return results.flatMap(({ filePath, messages }) =>
    messages.map(
      ({ line, messageId, message }) => `${relative(project, filePath)}:${line} ${messageId ?? message}`,
    ),
  )
}

const leaks = ['src/routes.ts:3 missingUser', 'src/routes.ts:4 bareMemoryId']

describe('the packed plugin', { timeout: 120_000 }, () => {
  test.for([
    ['eslint-8', '5.9', 'npm'],
    ['eslint-9', '5.9', 'pnpm'],
    ['eslint-10', '6.0', 'pnpm'],
  ] as const)(
    'follows a client across files in %s with TypeScript %s, installed by %s',
    async ([project, , layout]) => {
      expect(await eslint(await install(project, layout))).toEqual(leaks)
    },
  )

  test('works in plain JavaScript without TypeScript', async () => {
    expect(await eslint(await install('plain-javascript', 'npm'))).toEqual([
      'src/memory.js:1 direct',
      'src/memory.js:6 otherScope',
      'src/memory.js:7 unverifiable',
    ])
  })

  test('follows a client into another package of a monorepo', async () => {
    expect(await eslint(await install('monorepo', 'pnpm'))).toEqual([
      'packages/api/src/server.ts:3 projectWide',
      'packages/api/src/server.ts:4 bareMemoryId',
      'packages/api/src/server.ts:5 unverifiable',
    ])
  })

  test('runs in Oxlint', async () => {
    const project = await install('oxlint', 'npm')
    const { stdout, stderr } = await run(project, process.execPath, [
      join(project, 'node_modules/oxlint/bin/oxlint'),
      ...['--format', 'json', '.'],
    ])
    const { diagnostics } = JSON.parse(stdout || stderr) as {
      diagnostics: { code: string; labels: { span: { line: number } }[] }[]
    }
    expect(diagnostics.map(({ code, labels }) => `${labels[0]?.span.line} ${code}`).sort()).toEqual([
      '11 scoped-memory(no-fallback-user-id)',
      '15 scoped-memory(no-untrusted-user-id)',
      '7 scoped-memory(require-user-scope)',
    ])
  })

  test('works with only TypeScript 7 when no types are asked for, and says what to do when they are', async () => {
    const project = await install('typescript-7', 'npm')
    expect(await eslint(project)).toEqual(['src/routes.js:5 bareMemoryId'])
    await expect(eslint(project, '--config', 'typed.config.js')).rejects.toThrow(
      /no-untrusted-user-id-typed needs type information.*TypeScript 7 can be installed beside it.*"recommended"/s,
    )
  })

  test.for([
    ['eslint-9', '5.9'],
    ['eslint-10', '6.0'],
  ] as const)('type-checks in a configuration of %s with TypeScript %s', async ([project]) => {
    // Beside the ESLint of the project, whose types the plugin's refer to.
    const target = await install(project, 'npm')
    const tsc = await run(target, process.execPath, [
      join(target, 'node_modules/typescript/bin/tsc'),
      ...['-p', 'tsconfig.types.json'],
    ])
    expect(tsc).toMatchObject({ status: 0, stdout: '' })
  })

  test('applies suggestions with the ESLint of the project', async () => {
    const project = await install('eslint-9', 'npm')
    const bin = join(project, 'node_modules', name, 'dist/bin/apply-suggestions.js')
    const { status, stdout } = await run(project, process.execPath, [bin, '--dry-run'])
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: '0 suggestions would be applied in 0 of 3 files.\n',
    })
  })

  test('holds what is published and nothing else', async () => {
    const files = await readdir(isolated, { recursive: true, withFileTypes: true })
    const names = files
      .filter((file) => file.isFile())
      .map((file) => relative(isolated, join(file.parentPath, file.name)))
    expect(names.filter((file) => !/^(?:dist|docs)\//.test(file)).sort()).toEqual([
      'LICENSE',
      'README.md',
      'package.json',
    ])
    expect(names.filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.d.ts'))).toEqual([])
    const code = await Promise.all(
      names.filter((file) => file.endsWith('.js')).map((file) => readFile(join(isolated, file), 'utf8')),
    )
    expect(
      code.some((text) => /^(?:im|ex)port .*from '(?:typescript|@typescript-eslint\/)/m.test(text)),
    ).toBe(false)
  })
})
