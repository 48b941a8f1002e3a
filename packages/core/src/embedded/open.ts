import type { PGlite } from '@electric-sql/pglite'
import type { MemoryConfig } from 'mem0ai/oss'
import { queryOf } from '../postgres/database.ts'
import { importMem0 } from '../postgres/import-mem0.ts'
import { readMem0Tables } from '../postgres/mem0-tables.ts'
import { loadPeerPackages } from '../postgres/peer-packages.ts'
import { pgliteDatabase } from '../postgres/pglite-database.ts'
import { applySchema } from '../postgres/set-up.ts'
import { Statements } from '../postgres/statements.ts'
import { createStoredMemory, type ClosableMemory } from '../postgres/stored-memory.ts'
import { tableList, tableNames } from '../postgres/table-names.ts'
import { readTableState } from '../postgres/table-state.ts'
import { requireVectorLength, vectorLength } from '../postgres/vector-length.ts'
import { takeDataDir } from './data-dir.ts'
import { bringEarlierTables, EARLIER_TABLES } from './earlier-tables.ts'
import { SENTENCE_ENCODER_PACKAGES, sentenceEmbedder } from './sentence-embedder.ts'

/** mem0's `Memory`, which can be closed: `await memory.close()` or `await using memory = …`. */
export type EmbeddedMemory = ClosableMemory

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
 * It is the engine of `openPostgresMemory` over PGlite (Postgres with pgvector in WebAssembly): the same tables, the same
 * statements. Nothing listens: no port, no socket of the database.
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
    'The embedded memory',
    options.embedder ? ENGINE_PACKAGES : { ...ENGINE_PACKAGES, ...SENTENCE_ENCODER_PACKAGES },
  )
  const embedder = options.embedder ?? (await sentenceEmbedder())
  const dimensions = await vectorLength(packages.mem0, embedder)

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
    const database = pgliteDatabase(db)
    const query = queryOf(database)
    const stored = (await readTableState(query, TABLES)) ?? (await readMem0Tables(query, EARLIER_TABLES))
    if (stored !== undefined)
      requireVectorLength(stored.dimensions, dimensions, 'The memories in this dataDir have')
    await applySchema(query, { dimensions })
    await bringEarlierTables(database, TABLES)

    return await createStoredMemory(packages.mem0.Memory, {
      embedder,
      llm,
      dimensions,
      database,
      statements: new Statements(TABLES),
      rowLevelSecurity: false,
      name: 'This embedded memory',
      opener: 'openEmbeddedMemory',
      clear: () => clear(db),
      shutDown,
    })
  } catch (error) {
    await shutDown()
    throw error
  }
}

const ENGINE_PACKAGES = {
  mem0: importMem0,
  pglite: () => import('@electric-sql/pglite'),
  pgvector: () => import('@electric-sql/pglite-pgvector'),
}

const TABLES = tableNames()

async function clear(db: PGlite): Promise<void> {
  await db.exec(`TRUNCATE ${tableList(TABLES).join(', ')}`)
}
