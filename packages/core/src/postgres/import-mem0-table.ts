import { InvalidArgumentError, ScopedMemoryError } from '../errors.ts'
import { queryOf, type Query, type ResultRow, type Statement } from './database.ts'
import { Mem0TableStatements, mem0Tables, readMem0Tables, sortRows, type Mem0Tables } from './mem0-tables.ts'
import { loadPeerPackages } from './peer-packages.ts'
import { poolDatabase } from './pool-database.ts'
import { actAs } from './row-level-security.ts'
import { quoted, tableNames, type TableNames } from './table-names.ts'
import { requireTables } from './table-state.ts'

/** Options of {@link importMem0Table}. */
export interface ImportMem0TableOptions {
  /** The `collectionName` of mem0's `vectorStore` config, with its schema if it is not on the search path: `memories`. */
  readonly from: string
  /** Of the database that holds both, as a role that may read mem0's tables and write these, such as their owner. */
  readonly connectionString: string
  /** The table that `setUpPostgres` made. Default: `scoped_memories`. */
  readonly table?: string | undefined
  /** How many rows are brought in one transaction, 1 to 10,000. Default: 500. */
  readonly batchSize?: number | undefined
  /** Called after each batch with the counts so far. What it throws ends the import. */
  readonly onProgress?: ((progress: Mem0TableImport) => void) | undefined
  /** Ends the import. What was brought stays, and another run goes on from there. */
  readonly signal?: AbortSignal | undefined
}

/** What {@link importMem0Table} found and did. */
export interface Mem0TableImport {
  readonly memories: ImportedRows
  readonly entities: ImportedRows
  /** The ids of memories that stayed behind, for lack of a user or a vector; the first 100. */
  readonly leftBehind: readonly string[]
}

/** Counts of rows: `found` is the sum of all others. */
export interface ImportedRows {
  readonly found: number
  readonly imported: number
  /** Brought before, whatever has become of them since. */
  readonly alreadyThere: number
  /** They name no user, or one that no handle takes, such as an id with a space. */
  readonly withoutUser: number
  readonly withoutVector: number
  /** Entities of which no memory speaks that is there. 0 of memories. */
  readonly withoutMemory: number
}

const BATCH = 500
const MAX_BATCH = 10_000
const MAX_LEFT_BEHIND = 100

/**
 * Brings what mem0's own `pgvector` provider stored into the tables that `setUpPostgres` made in the same database.
 *
 * Memories and entities keep their ids, and each memory begins its history with the moment at which it was added. mem0's
 * own history is in a SQLite file elsewhere and stays there. The originals are only read: rows without a user stay where
 * they are, and are reported.
 *
 * It may run while the application does, be ended at any time and run again: what was brought before, and changed or
 * deleted since, stays as it is. What was erased since would come back as long as it is in mem0's tables, so drop those
 * when everything is here: `DROP TABLE memories, memories_entities`.
 *
 * @throws InvalidArgumentError for wrong options, and where the vectors of the two tables differ in length
 * @throws ScopedMemoryError `SCHEMA_MISMATCH` where one of the tables is missing or is not what it should be;
 *   `MISSING_PACKAGE` with the command that installs what is missing; `UNAVAILABLE` or `OUTCOME_UNKNOWN` (503) where the
 *   connection is lost: run it again. Other errors of the database, and the reason of the signal, as they are.
 */
export async function importMem0Table(options: ImportMem0TableOptions): Promise<Mem0TableImport> {
  const { connectionString, batchSize = BATCH, onProgress, signal } = options
  const from = mem0Tables(options.from)
  const to = tableNames(options.table)
  if (!Number.isSafeInteger(batchSize) || batchSize < 1 || batchSize > MAX_BATCH) {
    throw new InvalidArgumentError(`batchSize must be a whole number from 1 to ${MAX_BATCH}.`)
  }
  const { pg } = await loadPeerPackages('importMem0Table()', { pg: () => import('pg') })
  const pool = new pg.default.Pool({
    connectionString,
    max: 1,
    fallback_application_name: 'scoped-memory-import',
  })
  const database = poolDatabase(pool, { ownsPool: true, rowLevelSecurity: false, preparedStatements: false })
  try {
    signal?.throwIfAborted()
    const query = queryOf(database)
    const { tables, dimensions } = await requireTables(query, to)
    const { hasEntities } = await requireSource(query, from, dimensions)
    const importer = new Importer(
      (statements, writes) => database.run(statements, { userId: undefined, writes, signal }),
      new Mem0TableStatements(from, tables),
      tables,
      await isBoundToUser(query, tables),
    )
    const report = (): void => onProgress?.(importer.progress())
    await importer.import('memories', batchSize, report)
    // Links lead to memories, which are all there by now.
    if (hasEntities) await importer.import('entities', batchSize, report)
    return importer.progress()
  } finally {
    await database.close()
  }
}

type Run = (statements: readonly Statement[], writes: boolean) => Promise<ResultRow[][]>
type MutableCounts = { -readonly [Name in keyof ImportedRows]: number }

class Importer {
  readonly #run: Run
  readonly #statements: Mem0TableStatements
  readonly #to: TableNames
  readonly #isBound: boolean
  readonly #counts = { memories: noRows(), entities: noRows() }
  readonly #leftBehind: string[] = []

  /** @param isBound whether the policies let the role write for one user at a time */
  constructor(run: Run, statements: Mem0TableStatements, to: TableNames, isBound: boolean) {
    this.#run = run
    this.#statements = statements
    this.#to = to
    this.#isBound = isBound
  }

  progress(): Mem0TableImport {
    const { memories, entities } = this.#counts
    return { memories: { ...memories }, entities: { ...entities }, leftBehind: [...this.#leftBehind] }
  }

  async import(of: keyof Mem0Tables, batchSize: number, report: () => void): Promise<void> {
    for (let after: string | null = null; ; ) {
      const [rows]: ResultRow[][] = await this.#run([this.#statements.rows(of, after, batchSize)], false)
      if (rows!.length > 0) {
        await this.#importBatch(of, rows!)
        report()
      }
      if (rows!.length < batchSize) return
      after = rows!.at(-1)!['id'] as string
    }
  }

  async #importBatch(of: keyof Mem0Tables, rows: readonly ResultRow[]): Promise<void> {
    const { byUser, withoutUser, withoutVector } = sortRows(rows)
    const groups: [string | undefined, readonly string[]][] = this.#isBound
      ? [...byUser]
      : [[undefined, [...byUser.values()].flat()]]
    const results = await this.#run(
      [
        takeTurns(this.#to),
        ...groups.flatMap(([user, ids]) => [
          ...(user === undefined ? [] : [actAs(user)]),
          ...this.#bring(of, ids),
        ]),
      ],
      true,
    )
    const sum = (name: string): number =>
      results.flat().reduce((total, row) => total + Number(row[name] ?? 0), 0)

    const counts = this.#counts[of]
    const ready = rows.length - withoutUser.length - withoutVector.length
    const imported = sum('imported')
    const there = of === 'memories' ? ready : sum('there')
    counts.found += rows.length
    counts.imported += imported
    counts.alreadyThere += there - imported
    counts.withoutUser += withoutUser.length
    counts.withoutVector += withoutVector.length
    counts.withoutMemory += ready - there
    if (of === 'memories') {
      const room = MAX_LEFT_BEHIND - this.#leftBehind.length
      this.#leftBehind.push(...[...withoutUser, ...withoutVector].slice(0, room))
    }
  }

  #bring(of: keyof Mem0Tables, ids: readonly string[]): Statement[] {
    return of === 'memories'
      ? [this.#statements.bringMemories(ids), this.#statements.recordAdding(ids)]
      : [this.#statements.bringEntities(ids), this.#statements.countEntities(ids)]
  }
}

function noRows(): MutableCounts {
  return { found: 0, imported: 0, alreadyThere: 0, withoutUser: 0, withoutVector: 0, withoutMemory: 0 }
}

/** Lets one import at a time write, so that two of them do not wait for one another's rows. */
function takeTurns({ memories }: TableNames): Statement {
  return {
    text: `SELECT pg_advisory_xact_lock(hashtextextended('importMem0Table ' || $1, 0))::text`,
    values: [memories],
    prepared: false,
  }
}

async function requireSource(
  query: Query,
  from: Mem0Tables,
  dimensions: number,
): Promise<{ readonly hasEntities: boolean }> {
  const found = await readMem0Tables(query, from)
  if (found === undefined) {
    throw new ScopedMemoryError(
      `There is no table ${from.memories} in this database, or not on the search path of this role. Name the ` +
        "collectionName of mem0's vectorStore config, with its schema if need be: importMem0Table({ from: 'app.memories', … }).",
      { code: 'SCHEMA_MISMATCH' },
    )
  }
  if (!found.isReadable) {
    const tables = [from.memories, ...(found.hasEntities ? [from.entities] : [])]
    throw new ScopedMemoryError(
      `The role ${quoted(found.role)} may not read ${tables.join(' and ')}. As their owner, run: ` +
        `GRANT SELECT ON ${tables.join(', ')} TO ${quoted(found.role)};`,
      { code: 'SCHEMA_MISMATCH' },
    )
  }
  if (found.dimensions !== dimensions) {
    throw new InvalidArgumentError(
      `${from.memories} has vectors of length ${found.dimensions}, but the table to import into has vectors of length ` +
        `${dimensions}. Make one for it: setUpPostgres({ …, dimensions: ${found.dimensions}, table: 'imported_memories' }).`,
    )
  }
  return found
}

async function isBoundToUser(query: Query, { memories }: TableNames): Promise<boolean> {
  const [found] = await query('SELECT to_json(row_security_active(to_regclass($1))) AS "isBound"', [memories])
  return found!['isBound'] as boolean
}
