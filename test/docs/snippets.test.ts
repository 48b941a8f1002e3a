import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import ts from 'typescript'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startMem0Platform, type Mem0Platform } from '@scoped-memory/mem0-platform'
import { openPostgres, type PostgresDatabase } from '../engines/postgres-server.ts'

// Every ```ts block of the documentation is compiled and run as it stands, each a program of its own, against the
// stand-in for hosted mem0. Behind "ts" may stand: "server", run until it listens; "postgres", run with a database and a
// stand-in for OpenAI's embedder; "compile", compiled only, because it needs a test runner or files of its own. The plugin's own pages
// are tested beside the plugin.
interface Snippet {
  readonly title: string
  readonly kind: 'run' | 'server' | 'postgres' | 'compile'
  readonly file: string
}

const root = join(import.meta.dirname, '../..')
// Inside the workspace, so that packages resolve as they do for the tests.
const directory = mkdtempSync(join(import.meta.dirname, '.snippets-'))
const data = mkdtempSync(join(tmpdir(), 'snippets-'))
const pages = [
  'README.md',
  'packages/core/README.md',
  'packages/middleware/README.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
]

const snippets = pages.flatMap((page): Snippet[] =>
  [
    ...readFileSync(join(root, page), 'utf8').matchAll(
      /^```ts(?: (server|postgres|compile))?\n(.*?)^```$/gms,
    ),
  ].map(([, kind, code], index) => {
    const file = join(directory, `${page.replaceAll(/\W/g, '-')}-${index + 1}.ts`)
    writeFileSync(file, `${code!}\nexport {}\n`)
    return { title: `${page}, block ${index + 1}`, kind: (kind ?? 'run') as Snippet['kind'], file }
  }),
)

// Every ```js lint block is an ESLint configuration of a project that installed what stands above it.
const configurations = [
  'README.md',
  'packages/eslint-plugin/README.md',
  ...['packages/eslint-plugin/docs', 'packages/eslint-plugin/docs/rules'].flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(folder, name)),
  ),
].flatMap((page) =>
  [...readFileSync(join(root, page), 'utf8').matchAll(/^```js lint\n(.*?)^```$/gms)].map(
    ([, code], index) => ({ title: `${page}, configuration ${index + 1}`, code: code! }),
  ),
)

/** A TypeScript project with JSX, as a framework sets it up. */
const hostProject = {
  compilerOptions: { strict: true, module: 'nodenext', jsx: 'preserve', noEmit: true, types: [] },
  include: ['**/*.ts', '**/*.mts', '**/*.cts', '**/*.tsx'],
}

const esModule = `import { MemoryClient } from 'mem0ai'
const client = new MemoryClient({ apiKey: 'm0-k' })
`
const script = `const { MemoryClient } = require('mem0ai')
const client = new MemoryClient({ apiKey: 'm0-k' })
`
const search = (query: string): string => `client.search(${query}, { filters: { user_id: '*' } }) // leak\n`
const typed = `interface Asked { readonly query: string }
export const recall = async ({ query }: Asked): Promise<unknown> =>
  ${search('query')}`
const markup = `<button onClick={() =>
  ${search("'tea'")}}>recall</button>\n`

/** The same leak in each kind of file that a project may hold, in the syntax of that kind. */
const leaks = {
  'a.js': `${esModule}export const recall = (query) =>\n  ${search('query')}`,
  'b.mjs': `${esModule}export const recall = (query) =>\n  ${search('query')}`,
  'c.cjs': `${script}module.exports = (query) =>\n  ${search('query')}`,
  'd.jsx': `${esModule}export const Recall = () => ${markup}`,
  'e.ts': `${esModule}${typed}`,
  'f.mts': `${esModule}${typed}`,
  'g.cts': `import mem0 = require('mem0ai')\nconst client = new mem0.MemoryClient({ apiKey: 'm0-k' })\n${typed}`,
  'h.tsx': `${esModule}interface Props { readonly label: string }
export const Recall = ({ label }: Props) => ${markup.replace('recall</', '{label}</')}`,
}

// Each block is a process of its own; an embedded memory takes its time where several start at once.
describe('the code of the documentation', { timeout: 180_000 }, () => {
  const platforms: Mem0Platform[] = []
  afterAll(async () => {
    rmSync(directory, { recursive: true, force: true })
    rmSync(data, { recursive: true, force: true })
    await Promise.all(platforms.map((platform) => platform.close()))
  })

  it('is there', () => {
    expect(snippets.length).toBeGreaterThan(10)
  })

  it('compiles', () => {
    const { config } = ts.readConfigFile(join(root, 'tsconfig.base.json'), (file) =>
      ts.sys.readFile(file),
    ) as { config: { compilerOptions: object } }
    const { options } = ts.convertCompilerOptionsFromJson(
      { ...config.compilerOptions, noEmit: true, allowImportingTsExtensions: true },
      root,
    )
    const program = ts.createProgram(
      snippets.map(({ file }) => file),
      options,
    )
    const problems = ts
      .getPreEmitDiagnostics(program)
      .map(
        ({ file, messageText }) =>
          `${relative(directory, file?.fileName ?? '')}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
      )
    expect(problems).toEqual([])
  })

  it.concurrent.each(snippets.filter(({ kind }) => kind === 'run'))('runs: $title', async ({ file }) => {
    const { child, output } = await start(file)
    const [code] = (await once(child, 'close')) as [number | null]
    expect(output(), output()).not.toMatch(/Error:.*\n\s+at /)
    expect(code, output()).toBe(0)
  })

  describe('on Postgres', () => {
    let database: PostgresDatabase | { readonly unavailable: string }
    const openai = createHttpServer(answerAsOpenai)
    beforeAll(async () => {
      database = await openPostgres()
      await new Promise<void>((resolve) => openai.listen(0, '127.0.0.1', resolve))
    }, 600_000)
    afterAll(async () => {
      if ('close' in database) await database.close()
      openai.close()
    })

    it.for(snippets.filter(({ kind }) => kind === 'postgres'))('runs: $title', async ({ file }, { skip }) => {
      if ('unavailable' in database) return skip(database.unavailable)
      const { child, output } = await start(file, {
        OWNER_DATABASE_URL: database.url,
        DATABASE_URL: await loginAs('app', database.url),
        OPENAI_API_KEY: 'unused',
        OPENAI_BASE_URL: `http://127.0.0.1:${(openai.address() as AddressInfo).port}`,
      })
      const [code] = (await once(child, 'close')) as [number | null]
      expect({ code, output: output() }).toEqual({ code: 0, output: '[]\n' })
    })
  })

  it.concurrent.each(snippets.filter(({ kind }) => kind === 'server'))(
    'listens: $title',
    async ({ file }) => {
      const { child, output, port } = await start(file)
      try {
        await expect.poll(async () => child.exitCode ?? (await answers(port)), { timeout: 60_000 }).toBe(true)
      } catch {
        expect.fail(output())
      } finally {
        child.kill()
      }
      expect(output()).not.toContain('Error')
    },
  )

  it('the ESLint configurations are there', () => {
    expect(configurations.filter(({ title }) => title.startsWith('README.md')).length).toBe(2)
    expect(configurations.length).toBeGreaterThan(5)
  })

  it.concurrent.each(configurations)('reports the leak in each kind of file: $title', async ({ code }) => {
    // A project that says nothing of modules, as `npm init` leaves it.
    const project = mkdtempSync(join(directory, 'project-'))
    writeFileSync(join(project, 'package.json'), '{}')
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(hostProject))
    writeFileSync(join(project, 'eslint.config.mjs'), code)
    for (const [name, text] of Object.entries(leaks)) writeFileSync(join(project, name), text)
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      [
        ...['--conditions=@scoped-memory/source', '--import', import.meta.resolve('tsx')],
        ...[join(root, 'node_modules/eslint/bin/eslint.js'), '--format', 'json', '.'],
      ],
      { cwd: project },
    ).catch((failed: { stdout: string; stderr: string }) => failed)
    expect(stderr).toBe('')
    const results = JSON.parse(stdout) as {
      filePath: string
      messages: { line: number; message: string; messageId?: string }[]
    }[]
    const reports = results.flatMap(({ filePath, messages }) =>
      messages.map(
        ({ line, message, messageId }) => `${relative(project, filePath)}:${line} ${messageId ?? message}`,
      ),
    )
    const expected = Object.entries(leaks).map(
      ([name, text]) =>
        `${name}:${text.split('\n').findIndex((line) => line.includes('leak')) + 1} wildcardUser`,
    )
    expect(reports.sort()).toEqual(expected.sort())
  })

  const answers = (port: number) =>
    fetch(`http://127.0.0.1:${port}/`).then(
      ({ status }) => status === 401 || status === 404,
      () => false,
    )

  async function start(file: string, env: Record<string, string> = {}) {
    const platform = await startMem0Platform()
    platforms.push(platform)
    const port = await freePort()
    const child = spawn(process.execPath, ['--conditions=@scoped-memory/source', '--import', 'tsx', file], {
      cwd: import.meta.dirname,
      env: {
        ...process.env,
        MEM0_API_KEY: 'm0-docs',
        MEM0_HOST: platform.url,
        PORT: String(port),
        DATA_DIR: join(data, 'memories'),
        ...env,
      },
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
    return { child, output: () => output, port }
  }
})

/** Embeds every text as the same vector. */
function answerAsOpenai(request: IncomingMessage, response: ServerResponse): void {
  const embedding = Array.from({ length: 1536 }, () => 0.1)
  request.resume().on('end', () => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ data: [{ index: 0, embedding }] }))
  })
}

/** The URL of a database for a role, which is made where it is not there. */
async function loginAs(role: string, url: string): Promise<string> {
  const client = new Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [role])
  await client.query(`${rows.length === 0 ? 'CREATE' : 'ALTER'} ROLE ${role} LOGIN PASSWORD '${role}'`)
  await client.end()
  return Object.assign(new URL(url), { username: role, password: role }).href
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
