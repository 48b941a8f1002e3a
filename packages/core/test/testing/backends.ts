import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Mem0Client } from '../../src/index.ts'
import { createInMemoryClient } from '../../src/testing/index.ts'
import { openHosted, openPglite, sqliteMemory, type Backend } from '../support/backends.ts'
import { startFactModel } from '../support/fact-model.ts'
import { NEWEST, OLDEST, type Mem0 } from '../support/mem0.ts'

/** Every back end that a handle can use, by name. */
export const BACKENDS: Readonly<Record<string, () => Promise<Backend<Mem0Client>>>> = {
  'the in-memory client': () =>
    Promise.resolve({ client: createInMemoryClient(), close: () => Promise.resolve() }),

  'the hosted API over HTTP': () => openHosted(NEWEST),
  'the hosted API over HTTP, oldest mem0ai': () => openHosted(OLDEST),
  'mem0ai/oss on SQLite': () => openInferringSqlite(NEWEST),
  'mem0ai/oss on SQLite, oldest mem0ai': () => openInferringSqlite(OLDEST),

  'mem0ai/oss on Postgres in the process': openPglite,
}

/** On SQLite with a model, for the checks that let the back end infer. */
async function openInferringSqlite(mem0: Mem0): Promise<Backend<Mem0Client>> {
  const directory = mkdtempSync(join(tmpdir(), 'isolation-'))
  const model = await startFactModel()
  return {
    client: sqliteMemory(directory, 'memories', mem0, `${model.url}/v1`),
    close: async () => {
      await model.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
