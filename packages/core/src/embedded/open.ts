import type { PGlite } from '@electric-sql/pglite'
import type { MemoryConfig } from 'mem0ai/oss'
import { InvalidArgumentError } from '../errors.ts'
import { takeDataDir } from './data-dir.ts'
import { exposeDatabase } from './private-endpoint.ts'
import { PostgresHistory } from './postgres-history.ts'
import { createMemory, type EmbeddedMemory } from './embedded-memory.ts'
import { loadPackages } from './optional-packages.ts'
import { SENTENCE_ENCODER, sentenceEmbedder } from './sentence-embedder.ts'

export interface EmbeddedMemoryOptions {
  /**
   * Where memories and their history are kept between runs; made with mode 0700 if it is not there. One memory at a
   * time can have it open, over all threads, processes, containers and users of the machine; when its process ends,
   * however it ends, the directory is free. Default: nowhere, everything is gone after `close()`.
   *
   * Put it on a local disk. Where other machines may share it (NFS, SMB, 9p, FUSE), a directory that was not closed is
   * refused on Linux until the file that the error names is removed, since its owner may be running elsewhere.
   */
  dataDir?: string
  /**
   * mem0's `embedder` setting, such as `{ provider: 'openai', config: { model: 'text-embedding-3-small' } }`. The
   * length of its vectors is `config.embeddingDims`, or found by embedding one word. Default: an English sentence
   * encoder in the process, 512 dimensions.
   */
  embedder?: MemoryConfig['embedder']
  /**
   * mem0's `llm` setting, such as `{ provider: 'openai', config: { model: 'gpt-5-mini' } }`, for mem0 to infer facts
   * from messages. Default: none. Then every message but a system message is stored word for word, and an `add`
   * with `infer: true` or an image is refused.
   */
  llm?: MemoryConfig['llm']
}

/**
 * Opens a real `Memory` of `mem0ai/oss` inside this process: no key, no server, nothing sent anywhere.
 *
 * ```ts
 * await using memory = await openEmbeddedMemory()
 * const alice = new ScopedMemory('u_alice', { client: memory })
 * ```
 *
 * It is what a team later runs on a server, mem0's `pgvector` provider, here over PGlite (Postgres with pgvector
 * in WebAssembly) with an index on the user. `history()` is kept in the same database; the messages that mem0 can
 * keep as context for an LLM are not kept at all.
 *
 * mem0 reaches PGlite through a Unix socket in a directory of mode 0700, so no other user of the machine can. On
 * Windows it is a port on 127.0.0.1 without a password check (PGlite has none): any local process could connect.
 *
 * mem0's telemetry is off in this memory. `MEM0_TELEMETRY` is set to `false` for the moment in which `mem0ai/oss` is
 * first imported, which turns it off for every `Memory` of the process. If `mem0ai/oss` was imported before, other
 * memories keep what they had; this one still reports nothing and writes no `~/.mem0/config.json`.
 *
 * The packages it needs are optional peers of this one; they are loaded when it is first called. It takes about
 * two seconds to open and some 500 MB of memory. Embedding with the default encoder takes some 7 ms a text, in the
 * event loop.
 *
 * @throws {ScopedMemoryError} `MISSING_PACKAGE` with the line that installs what is missing; `DATA_DIR_IN_USE` when
 *   `dataDir` is open already; `UNSUPPORTED` when its file system cannot tell others that it is.
 * @throws {InvalidArgumentError} when `dataDir` was made with an embedder of another length.
 * A failed opening leaves nothing behind but `dataDir`.
 */
export async function openEmbeddedMemory(options: EmbeddedMemoryOptions = {}): Promise<EmbeddedMemory> {
  const { dataDir, llm } = options
  const packages = await loadPackages(options.embedder ? ENGINE : { ...ENGINE, ...SENTENCE_ENCODER })
  const embedder = options.embedder ?? (await sentenceEmbedder())
  const dimension = await vectorLength(packages.mem0, embedder)

  const opened: (() => unknown)[] = []
  const shutDown = async () => {
    for (const close of opened.splice(0).reverse()) await close()
  }
  try {
    let databaseDir: string | undefined
    if (dataDir !== undefined) {
      const taken = await takeDataDir(dataDir)
      opened.push(taken.release)
      databaseDir = taken.databaseDir
    }
    const db = await packages.pglite.PGlite.create({
      ...(databaseDir !== undefined && { dataDir: databaseDir }),
      extensions: { vector: packages.pgvector.vector },
    })
    opened.push(() => db.close())
    await refuseOtherLength(db, dimension)
    const history = await PostgresHistory.create(db)
    const { connection, close } = await exposeDatabase(db)
    opened.push(close)

    return await createMemory(packages.mem0.Memory, {
      config: {
        embedder,
        llm: llm ?? NO_LLM,
        vectorStore: {
          provider: 'pgvector',
          config: { ...connection, collectionName: COLLECTION, dimension, embeddingModelDims: dimension },
        },
        historyStore: { provider: 'memory', config: {} },
      },
      history,
      infer: llm !== undefined,
      shutDown,
    })
  } catch (error) {
    await shutDown()
    throw error
  }
}

const ENGINE = {
  mem0: importMem0,
  pg: () => import('pg'),
  pglite: () => import('@electric-sql/pglite'),
  pgvector: () => import('@electric-sql/pglite-pgvector'),
}

const COLLECTION = 'memories'

/** mem0 cannot be built without an LLM; this one cannot reach any. */
const NO_LLM: MemoryConfig['llm'] = {
  provider: 'langchain',
  config: {
    model: {
      invoke: () => {
        throw new InvalidArgumentError(
          'This embedded memory has no LLM: open it with openEmbeddedMemory({ llm }).',
        )
      },
    },
  },
}

type Mem0 = typeof import('mem0ai/oss')

let mem0: Promise<Mem0> | undefined

function importMem0(): Promise<Mem0> {
  mem0 ??= importWithoutTelemetry().catch((error: unknown) => {
    mem0 = undefined
    throw error
  })
  return mem0
}

/** mem0 reads its telemetry switch once, while it loads. */
async function importWithoutTelemetry(): Promise<Mem0> {
  const before = process.env.MEM0_TELEMETRY
  process.env.MEM0_TELEMETRY = 'false'
  try {
    return await import('mem0ai/oss')
  } finally {
    if (before === undefined) delete process.env.MEM0_TELEMETRY
    else process.env.MEM0_TELEMETRY = before
  }
}

async function vectorLength({ EmbedderFactory }: Mem0, embedder: MemoryConfig['embedder']): Promise<number> {
  const { embeddingDims } = embedder.config
  if (embeddingDims !== undefined) return embeddingDims
  return (await EmbedderFactory.create(embedder.provider, embedder.config).embed('length')).length
}

async function refuseOtherLength(db: PGlite, dimension: number): Promise<void> {
  const { rows } = await db.query<{ length: number }>(
    `SELECT atttypmod AS length FROM pg_attribute WHERE attrelid = to_regclass($1) AND attname = 'vector'`,
    [COLLECTION],
  )
  const stored = rows[0]?.length
  if (stored !== undefined && stored !== dimension) {
    throw new InvalidArgumentError(
      `The memories in this dataDir have vectors of length ${stored}, the embedder makes vectors of length ${dimension}. ` +
        'Open it with the embedder it was made with, or use a new dataDir.',
    )
  }
}
