import type { MemoryClient } from 'mem0ai'
import type { Memory } from 'mem0ai/oss'
import { afterAll, beforeAll, describe } from 'vitest'
import { createMemoryFactory, type MemoryFactory, type ScopedMemoryOptions } from '../../src/index.ts'
import { openHosted, openPglite, openSqlite, type Backend } from './backends.ts'

/** What a test gets of a back end, which it shares with other tests: use new users in each. */
export interface Opened {
  readonly client: MemoryClient | Memory
  readonly memoryFor: MemoryFactory
  factory(options?: ScopedMemoryOptions): MemoryFactory
}

const BACKENDS: Record<string, () => Promise<Backend>> = {
  hosted: openHosted,
  'self-hosted on SQLite': openSqlite,
  'self-hosted on Postgres': openPglite,
}

/** Runs a suite on the hosted stand-in, on SQLite and on Postgres, each with mem0's real client. */
export function onEveryBackend(suite: (opened: Opened, name: keyof typeof BACKENDS) => void): void {
  describe.each(Object.keys(BACKENDS))('%s', (name) => {
    let backend: Backend
    let memoryFor: MemoryFactory
    beforeAll(async () => {
      backend = await BACKENDS[name]!()
      memoryFor = createMemoryFactory({ client: backend.client })
    })
    afterAll(() => backend.close())
    suite(
      {
        get client() {
          return backend.client
        },
        memoryFor: (userId, scope) => memoryFor(userId, scope),
        factory: (options) => createMemoryFactory({ client: backend.client, ...options }),
      },
      name,
    )
  })
}
