import type { MemoryClient } from 'mem0ai'
import type { Memory } from 'mem0ai/oss'
import { afterAll, beforeAll, describe } from 'vitest'
import { createMemoryFactory, type MemoryFactory, type ScopedMemoryOptions } from '../../src/index.ts'
import { openHosted, openPglite, openSqlite, type BackEnd } from './backends.ts'

/** What a test gets of a back end. Users are the test's to choose; take new ones in each. */
export interface Opened {
  readonly client: MemoryClient | Memory
  readonly memoryFor: MemoryFactory
  factory(options?: ScopedMemoryOptions): MemoryFactory
}

const BACK_ENDS: Record<string, () => Promise<BackEnd>> = {
  hosted: openHosted,
  'self-hosted on SQLite': openSqlite,
  'self-hosted on Postgres': openPglite,
}

/** Runs a suite on the hosted stand-in, on SQLite and on Postgres, each with mem0's real client. */
export function onEveryBackEnd(suite: (opened: Opened, name: keyof typeof BACK_ENDS) => void): void {
  describe.each(Object.keys(BACK_ENDS))('%s', (name) => {
    let backEnd: BackEnd
    let memoryFor: MemoryFactory
    beforeAll(async () => {
      backEnd = await BACK_ENDS[name]!()
      memoryFor = createMemoryFactory({ client: backEnd.client })
    })
    afterAll(() => backEnd.close())
    suite(
      {
        get client() {
          return backEnd.client
        },
        memoryFor: (userId, scope) => memoryFor(userId, scope),
        factory: (options) => createMemoryFactory({ client: backEnd.client, ...options }),
      },
      name,
    )
  })
}
