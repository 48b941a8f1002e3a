import { createMemoryFactory } from '@scoped-memory/core'
import { startMem0Platform } from '@scoped-memory/mem0-platform'
import { MemoryClient } from 'mem0ai'
import { afterAll } from 'vitest'

/** The stand-in for the hosted API, one for each test file, and mem0's own client for it. */
export const platform = await startMem0Platform()
export const client: MemoryClient = new MemoryClient({ apiKey: 'm0-test-key', host: platform.url })
// From here on the client stores users under their ids.
export const memoryFor = createMemoryFactory({ client })

afterAll(() => platform.close())
