// The server of the soak, in its own process: over the Postgres at DATABASE_URL, or else over the hosted API at MEM0_HOST.
// SOAK_MISTAKE names one of mistakes.ts.
import type { AddressInfo } from 'node:net'
import { openPostgresMemory } from '@scoped-memory/core/postgres'
import { MemoryClient } from 'mem0ai'
import { hashEmbedder } from '../../packages/core/test/embedded/hash-embedder.ts'
import { createApp } from './app.ts'
import { MISTAKES } from './mistakes.ts'
import { DIMENSIONS } from './postgres-backend.ts'

const { DATABASE_URL, MEM0_HOST, ROW_LEVEL_SECURITY, SOAK_MISTAKE: mistake } = process.env
const embedder = hashEmbedder(DIMENSIONS)
const client =
  DATABASE_URL === undefined
    ? new MemoryClient({ apiKey: 'm0-soak', host: MEM0_HOST! })
    : await openPostgresMemory({
        connectionString: DATABASE_URL,
        embedder: { ...embedder, config: { ...embedder.config, embeddingDims: DIMENSIONS } },
        rowLevelSecurity: ROW_LEVEL_SECURITY !== undefined,
      })
// A Postgres that is there always answers in the end; of the hosted API some requests hang for ever.
const timeoutMs = DATABASE_URL === undefined ? 1000 : 10_000
const app = createApp({ client, timeoutMs }, mistake === undefined ? undefined : MISTAKES[mistake]!)
const server = app.listen(0, '127.0.0.1', () => {
  process.send!(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
process.once('disconnect', () => process.exit())
