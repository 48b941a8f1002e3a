import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { takeDataDir } from '../../src/embedded/data-dir.ts'
import { openEmbeddedMemory } from '../../src/embedded/index.ts'
import { hashEmbedder } from './hash-embedder.ts'
import { AS_PID_1, canUnshare } from './unshare.ts'

const embedder = hashEmbedder(16)
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
/** What a closed directory holds; a lock file stays. */
const CLOSED = ['darwin', 'freebsd', 'openbsd', 'win32'].includes(process.platform)
  ? ['owner.lock', 'postgres']
  : ['postgres']
const root = mkdtempSync(join(tmpdir(), 'embedded-test-'))
const temporary = join(root, 'tmp')
const outerTmp = process.env.TMPDIR

beforeAll(() => {
  mkdirSync(temporary)
  process.env.TMPDIR = temporary
})
afterAll(() => {
  if (outerTmp === undefined) delete process.env.TMPDIR
  else process.env.TMPDIR = outerTmp
  rmSync(root, { recursive: true, force: true })
})

describe('a data directory', () => {
  it('keeps memories and their history between runs, and only its user can read it', async () => {
    const dataDir = join(root, 'kept')
    const first = await openEmbeddedMemory({ dataDir, embedder })
    const { results } = await first.add('I live in Rome', { userId: 'u_alice' })
    const id = results[0]!.id
    await first.update(id, 'I live in Turin')
    await expect(openEmbeddedMemory({ dataDir, embedder })).rejects.toMatchObject({
      code: 'DATA_DIR_IN_USE',
      status: 409,
      message: expect.stringContaining(`${dataDir} is already open`),
    })
    await first.close()
    expect(statSync(dataDir).mode & 0o777).toBe(0o700)
    expect(readdirSync(dataDir)).toEqual(CLOSED)

    await expect(openEmbeddedMemory({ dataDir, embedder: hashEmbedder(8) })).rejects.toThrow(
      /vectors of length 16, but the embedder makes vectors of length 8/,
    )
    expect(readdirSync(dataDir)).toEqual(CLOSED)

    const second = await openEmbeddedMemory({ dataDir, embedder })
    const found = await second.search('live', { filters: { user_id: 'u_alice' } })
    expect(found.results.map((record) => record.memory)).toEqual(['I live in Turin'])
    expect((await second.history(id)).map((entry: { action: string }) => entry.action)).toEqual([
      'UPDATE',
      'ADD',
    ])
    await second.close()
    expect(readdirSync(temporary)).toEqual([])
  })

  it.each([
    { owner: 'a process', as: [] },
    ...(canUnshare ? [{ owner: 'pid 1 of a container', as: AS_PID_1 }] : []),
  ])(
    'has every memory that was acknowledged when its owner, $owner, is killed',
    async ({ owner, as }) => {
      const dataDir = join(root, owner)
      const script = join(root, 'remember.mts')
      const source = (path: string) => JSON.stringify(new URL(path, import.meta.url).href)
      writeFileSync(
        script,
        `import { openEmbeddedMemory } from ${source('../../src/embedded/index.ts')}
       import { hashEmbedder } from ${source('./hash-embedder.ts')}
       const memory = await openEmbeddedMemory({ dataDir: process.argv[2], embedder: hashEmbedder(16) })
       console.log('open')
       const remember = async (writer) => {
         for (let n = 0; ; n++) {
           await memory.add(writer + ' ' + n, { userId: 'u_alice' })
           console.log(writer + ' ' + n)
         }
       }
       for (const writer of ['a', 'b', 'c', 'd']) void remember(writer)`,
      )
      const [program, ...args] = [...as, process.execPath, '--import', tsx, script, dataDir]
      const holder = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
      const closed = new Promise((resolve) => holder.once('close', resolve))
      let printed = ''
      const wrote = new Promise<void>((resolve) =>
        holder.stdout.on('data', (chunk: Buffer) => {
          printed += String(chunk)
          if (printed.split('\n').length > 20) resolve()
        }),
      )
      await new Promise((resolve) => holder.stdout.once('data', resolve))
      await expect(openEmbeddedMemory({ dataDir, embedder })).rejects.toMatchObject({
        code: 'DATA_DIR_IN_USE',
      })
      await wrote
      holder.kill('SIGKILL')
      await closed

      const memory = await openEmbeddedMemory({ dataDir, embedder })
      const acknowledged = printed.split('\n').slice(1, -1)
      const { results } = await memory.getAll({ filters: { user_id: 'u_alice' }, topK: 100_000 })
      const kept = new Set(results.map((record) => record.memory))
      expect(acknowledged.length).toBeGreaterThan(10)
      expect(acknowledged.filter((text) => !kept.has(text))).toEqual([])
      expect(results).toHaveLength(kept.size)
      for (const { id } of results.slice(-4)) expect(await memory.history(id)).toHaveLength(1)
      await memory.close()
      expect(readdirSync(dataDir).filter((name) => name.endsWith('.sock'))).toEqual([])
    },
    90_000,
  )

  it('keeps the mode of a directory that already exists', async () => {
    const dataDir = join(root, 'shared')
    mkdirSync(dataDir)
    chmodSync(dataDir, 0o755)
    ;(await takeDataDir(dataDir)).release()
    expect(statSync(dataDir).mode & 0o777).toBe(0o755)
    expect(statSync(join(dataDir, 'postgres')).mode & 0o777).toBe(0o700)
  })

  it('is free after a failed opening, which leaves nothing else behind', async () => {
    const dataDir = join(root, 'failed')
    const before = readdirSync(temporary)
    const broken = { provider: 'no-such-embedder', config: { embeddingDims: 16 } }
    await expect(openEmbeddedMemory({ dataDir, embedder: broken })).rejects.toThrow(/no-such-embedder/)
    expect(readdirSync(dataDir)).toEqual(CLOSED)
    expect(readdirSync(temporary)).toEqual(before)
  })
})
