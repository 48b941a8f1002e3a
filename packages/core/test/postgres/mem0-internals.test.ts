import { readFileSync } from 'node:fs'
import { expect, it, vi } from 'vitest'
import type { Database } from '../../src/postgres/database.ts'
import {
  KNOWN_VERSIONS,
  REPORTING_METHODS,
  STORE_METHODS,
  type Mem0Class,
} from '../../src/postgres/mem0-internals.ts'
import { Statements } from '../../src/postgres/statements.ts'
import { createStoredMemory } from '../../src/postgres/stored-memory.ts'
import { tableNames } from '../../src/postgres/table-names.ts'
import { hashEmbedder } from '../embedded/hash-embedder.ts'
import { NEWEST, OLDEST } from '../support/mem0.ts'

const MEM0S = [
  ['oldest', OLDEST.Memory, 'mem0ai-oldest', KNOWN_VERSIONS[0]],
  ['newest', NEWEST.Memory, 'mem0ai', KNOWN_VERSIONS[1]],
] as const

const run = vi.fn<Database['run']>((statements) => Promise.resolve(statements.map(() => [])))

function open(Memory: Mem0Class) {
  run.mockClear()
  return createStoredMemory(Memory, {
    embedder: hashEmbedder(8),
    llm: undefined,
    dimensions: 8,
    database: { run },
    statements: new Statements(tableNames()),
    rowLevelSecurity: false,
    name: 'This memory',
    opener: 'open',
    shutDown: () => Promise.resolve(),
  })
}

/** mem0 as it would be with one of its methods under another name. */
function withRenamed(Memory: Mem0Class, method: string): Mem0Class {
  class Renamed extends Memory {}
  const methods = Memory.prototype as unknown as Record<string, unknown>
  Object.defineProperty(Renamed.prototype, `${method}Renamed`, { value: methods[method] })
  Object.defineProperty(Renamed.prototype, method, { value: undefined })
  return Renamed
}

/** mem0 as it would be with one of its properties under another name: what is given under this one is not there. */
function withRenamedProperty(Memory: Mem0Class, property: string): Mem0Class {
  class Renamed extends Memory {}
  for (const method of ['get', 'history', 'add'] as const) {
    const original = Memory.prototype[method] as (...args: unknown[]) => unknown
    Object.defineProperty(Renamed.prototype, method, {
      value(this: Record<string, unknown>, ...args: unknown[]) {
        const { [property]: _, ...others } = this
        return original.apply(Object.assign(Object.create(Renamed.prototype) as object, others), args)
      },
    })
  }
  return Renamed
}

it.each(MEM0S)(
  'the %s mem0ai has every method that is replaced, and is the version named',
  (_, Memory, name, version) => {
    const missing = [...Object.values(STORE_METHODS), ...REPORTING_METHODS].filter(
      (method) => typeof (Memory.prototype as unknown as Record<string, unknown>)[method] !== 'function',
    )
    expect(missing, 'mem0 moved these: see src/postgres/mem0-internals.ts').toEqual([])
    const manifest = new URL(`../../node_modules/${name}/package.json`, import.meta.url)
    const installed = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
    expect(installed.version).toBe(version)
  },
)

it.each(MEM0S)('the %s mem0ai opens, without asking the database', async (_, Memory) => {
  await open(Memory)
  expect(run).not.toHaveBeenCalled()
})

it.each(
  MEM0S.flatMap(([which, Memory]) =>
    Object.values(STORE_METHODS).map((method) => [method, which, Memory] as const),
  ),
)('is refused when %s moves, on the %s', async (method, _, Memory) => {
  await expect(open(withRenamed(Memory, method))).rejects.toMatchObject({
    code: 'UNSUPPORTED',
    message: expect.stringMatching(
      new RegExp(`no Memory\\.prototype\\.${method}\\b.*Versions 3\\.1\\.6 to .*npm install mem0ai@3`),
    ) as string,
  })
})

it.each(['vectorStore', 'db'])('is refused when the property %s moves', async (property) => {
  await expect(open(withRenamedProperty(NEWEST.Memory, property))).rejects.toMatchObject({
    code: 'UNSUPPORTED',
    message: expect.stringContaining(`no Memory.${property}, or does not use it`) as string,
  })
})

it('is refused when the property embedder moves', async () => {
  class Renamed extends NEWEST.Memory {
    constructor(config: object) {
      super(config)
      Reflect.deleteProperty(this, 'embedder')
    }
  }
  await expect(open(Renamed)).rejects.toThrow(/no Memory\.embedder/)
})

it('does not say that it added what it did not write', async () => {
  class Elsewhere extends NEWEST.Memory {
    override async add(): ReturnType<InstanceType<Mem0Class>['add']> {
      return { results: [{ id: 'a0000000-0000-4000-8000-000000000000', memory: 'tea' }] }
    }
  }
  const memory = await open(Elsewhere)
  await expect(memory.add('tea', { userId: 'u_alice' })).rejects.toThrow(/did not hand to its store/)
  expect(run).not.toHaveBeenCalled()
})
