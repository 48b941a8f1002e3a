import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openEmbeddedMemory } from '../../src/embedded/index.ts'
import { takeDataDir } from '../../src/embedded/data-dir.ts'
import { hashEmbedder } from './hash-embedder.ts'

const embedder = hashEmbedder(16)
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
  it("keeps memories and their history between two openings, and is nobody else's to read", async () => {
    const dataDir = join(root, 'kept')
    const first = await openEmbeddedMemory({ dataDir, embedder })
    const { results } = await first.add('I live in Rome', { userId: 'u_alice' })
    const id = results[0]!.id
    await first.update(id, 'I live in Turin')
    await expect(openEmbeddedMemory({ dataDir, embedder })).rejects.toMatchObject({
      code: 'DATA_DIR_IN_USE',
      status: 409,
      message: expect.stringContaining(`${dataDir} is open already`),
    })
    await first.close()
    expect(statSync(dataDir).mode & 0o777).toBe(0o700)
    expect(readdirSync(dataDir)).toEqual(['postgres'])

    await expect(openEmbeddedMemory({ dataDir, embedder: hashEmbedder(8) })).rejects.toThrow(
      /vectors of length 16, the embedder makes vectors of length 8/,
    )
    expect(readdirSync(dataDir)).toEqual(['postgres'])

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

  it('does not change the mode of a directory that was there', async () => {
    const dataDir = join(root, 'shared')
    mkdirSync(dataDir)
    chmodSync(dataDir, 0o755)
    ;(await takeDataDir(dataDir)).release()
    expect(statSync(dataDir).mode & 0o777).toBe(0o755)
    expect(statSync(join(dataDir, 'postgres')).mode & 0o777).toBe(0o700)
  })

  it('of a failed opening is free, and nothing else is left of it', async () => {
    const dataDir = join(root, 'failed')
    const before = readdirSync(temporary)
    const broken = { provider: 'no-such-embedder', config: { embeddingDims: 16 } }
    await expect(openEmbeddedMemory({ dataDir, embedder: broken })).rejects.toThrow(/no-such-embedder/)
    expect(readdirSync(dataDir)).toEqual(['postgres'])
    expect(readdirSync(temporary)).toEqual(before)
  })
})
