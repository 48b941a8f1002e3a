import type { PGlite } from '@electric-sql/pglite'
import type { MemoryConfig } from 'mem0ai/oss'
import { InvalidArgumentError } from '../errors.ts'
import { takeDataDir } from './data-dir.ts'
import { createEmbeddedMemory, type EmbeddedMemory } from './embedded-memory.ts'
import { importMem0, type Mem0 } from './import-mem0.ts'
import { loadPeerPackages } from './peer-packages.ts'
import { PostgresHistory } from './postgres-history.ts'
import { openPrivateEndpoint } from './private-endpoint.ts'
import { SENTENCE_ENCODER_PACKAGES, sentenceEmbedder } from './sentence-embedder.ts'

/** Options of {@link openEmbeddedMemory}. */
export interface EmbeddedMemoryOptions {
  /**
   * The directory that keeps memories and their history between runs; created with mode 0700 when it does not exist.
   * Only one memory can have it open at a time, over all threads, processes, containers and users of the machine; when
   * its process ends, however it ends, the directory is free. Default: none, and everything is gone after `close()`.
   *
   * Put it on a local disk. On a file system that other machines may share (NFS, SMB, 9p, FUSE), a directory that was not
   * closed is refused on Linux until the file that the error names is removed, since its owner may run elsewhere.
   */
  dataDir?: string
  /**
   * mem0's `embedder` setting, such as `{ provider: 'openai', config: { model: 'text-embedding-3-small' } }`. The
   * length of its vectors is `config.embeddingDims`, or else found by embedding one word. Default: an English sentence
   * encoder in this process, with 512 dimensions.
   */
  embedder?: MemoryConfig['embedder']
  /**
   * mem0's `llm` setting, such as `{ provider: 'openai', config: { model: 'gpt-5-mini' } }`, for mem0 to infer facts
   * from messages. Default: none. Then every message except system messages is stored word for word, and an `add`
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
 * It uses what a team would run on a server, mem0's `pgvector` provider, but over PGlite (Postgres with pgvector in
 * WebAssembly), with an index on the user. `history()` is kept in the same database; the messages that mem0 can keep as
 * context for an LLM are not kept at all.
 *
 * mem0 reaches PGlite through a Unix socket in a directory of mode 0700, so no other user of the machine can. On
 * Windows it is a port on 127.0.0.1 without a password check (PGlite has none): any local process could connect.
 *
 * mem0's telemetry is off in this memory. `MEM0_TELEMETRY` is set to `false` while `mem0ai/oss` is first imported, which
 * turns it off for every `Memory` of the process. If `mem0ai/oss` was imported before, other memories keep their
 * telemetry; this one still reports nothing and writes no `~/.mem0/config.json`.
 *
 * The packages it needs are optional peers, loaded on the first call. Opening takes about two seconds and some 500 MB of
 * memory. Embedding with the default encoder takes some 7 ms a text, on the event loop.
 *
 * A failed call leaves nothing behind except `dataDir`.
 *
 * @throws {ScopedMemoryError} `MISSING_PACKAGE` with the command that installs what is missing; `DATA_DIR_IN_USE` when
 *   `dataDir` is already open; `UNSUPPORTED` when its file system cannot show others that it is open
 * @throws {InvalidArgumentError} when `dataDir` was created with an embedder whose vectors have another length
 */
export async function openEmbeddedMemory(options: EmbeddedMemoryOptions = {}): Promise<EmbeddedMemory> {
  const { dataDir, llm } = options
  const packages = await loadPeerPackages(
    options.embedder ? ENGINE_PACKAGES : { ...ENGINE_PACKAGES, ...SENTENCE_ENCODER_PACKAGES },
  )
  const embedder = options.embedder ?? (await sentenceEmbedder())
  const dimension = await vectorLength(packages.mem0, embedder)

  const closers: (() => unknown)[] = []
  const shutDown = async () => {
    for (const close of closers.splice(0).reverse()) await close()
  }
  try {
    let databaseDir: string | undefined
    if (dataDir !== undefined) {
      const taken = await takeDataDir(dataDir)
      closers.push(taken.release)
      databaseDir = taken.databaseDir
    }
    const db = await packages.pglite.PGlite.create({
      ...(databaseDir !== undefined && { dataDir: databaseDir }),
      extensions: { vector: packages.pgvector.vector },
    })
    closers.push(() => db.close())
    await requireVectorLength(db, dimension)
    const history = await PostgresHistory.create(db)
    const { connection, close } = await openPrivateEndpoint(db)
    closers.push(close)

    return await createEmbeddedMemory(packages.mem0.Memory, {
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

const ENGINE_PACKAGES = {
  mem0: importMem0,
  pg: () => import('pg'),
  pglite: () => import('@electric-sql/pglite'),
  pgvector: () => import('@electric-sql/pglite-pgvector'),
}

const COLLECTION = 'memories'

/** mem0 requires an LLM; this one throws. */
const NO_LLM: MemoryConfig['llm'] = {
  provider: 'langchain',
  config: {
    model: {
      invoke: () => {
        throw new InvalidArgumentError(
          'This embedded memory has no LLM. Open it with openEmbeddedMemory({ llm: { provider, config } }).',
        )
      },
    },
  },
}

async function vectorLength({ EmbedderFactory }: Mem0, embedder: MemoryConfig['embedder']): Promise<number> {
  const { embeddingDims } = embedder.config
  if (embeddingDims !== undefined) return embeddingDims
  return (await EmbedderFactory.create(embedder.provider, embedder.config).embed('length')).length
}

async function requireVectorLength(db: PGlite, dimension: number): Promise<void> {
  const { rows } = await db.query<{ length: number }>(
    `SELECT atttypmod AS length FROM pg_attribute WHERE attrelid = to_regclass($1) AND attname = 'vector'`,
    [COLLECTION],
  )
  const stored = rows[0]?.length
  if (stored !== undefined && stored !== dimension) {
    throw new InvalidArgumentError(
      `The memories in this dataDir have vectors of length ${stored}, but the embedder makes vectors of length ${dimension}. ` +
        'Open it with the embedder that it was created with, or use a new dataDir.',
    )
  }
}
