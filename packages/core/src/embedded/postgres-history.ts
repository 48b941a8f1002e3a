import type { PGlite } from '@electric-sql/pglite'

/** One change of a memory, with the columns of mem0's own SQLite history. */
interface HistoryRow {
  id: number
  memory_id: string
  previous_value: string | null
  new_value: string | null
  action: string
  created_at: string | null
  updated_at: string | null
  is_deleted: number
}

/**
 * mem0's history store, in the same database as the memories.
 *
 * mem0 can also keep the last messages of a session in it, as context for its LLM. These are left out: nothing that
 * deletes a user's memories would delete them.
 */
export class PostgresHistory {
  readonly #db: PGlite

  private constructor(db: PGlite) {
    this.#db = db
  }

  static async create(db: PGlite): Promise<PostgresHistory> {
    const history = new PostgresHistory(db)
    await history.#createTable()
    return history
  }

  async addHistory(
    memoryId: string,
    previousValue: string | null,
    newValue: string | null,
    action: string,
    createdAt?: string,
    updatedAt?: string,
    isDeleted = 0,
  ): Promise<void> {
    await this.#db.query(
      `INSERT INTO memory_history (memory_id, previous_value, new_value, action, created_at, updated_at, is_deleted)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [memoryId, previousValue, newValue, action, createdAt ?? null, updatedAt ?? null, isDeleted],
    )
  }

  /** The changes of one memory, newest first. */
  async getHistory(memoryId: string): Promise<HistoryRow[]> {
    const { rows } = await this.#db.query<HistoryRow>(
      'SELECT * FROM memory_history WHERE memory_id = $1 ORDER BY id DESC',
      [memoryId],
    )
    return rows
  }

  async reset(): Promise<void> {
    await this.#db.exec('DROP TABLE IF EXISTS memory_history')
    await this.#createTable()
  }

  close(): void {}

  async #createTable(): Promise<void> {
    await this.#db.exec(`
      CREATE TABLE IF NOT EXISTS memory_history (
        id SERIAL PRIMARY KEY,
        memory_id TEXT NOT NULL,
        previous_value TEXT,
        new_value TEXT,
        action TEXT NOT NULL,
        created_at TEXT,
        updated_at TEXT,
        is_deleted INTEGER NOT NULL DEFAULT 0
      );
      CREATE INDEX IF NOT EXISTS memory_history_memory_id ON memory_history (memory_id);
    `)
  }
}
