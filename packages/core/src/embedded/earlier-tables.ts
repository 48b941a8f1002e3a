import { queryOf, type Database, type Statement } from '../postgres/database.ts'
import { Mem0TableStatements, mem0Tables, readMem0Tables, sortRows } from '../postgres/mem0-tables.ts'
import type { TableNames } from '../postgres/table-names.ts'

/** Where mem0's own provider kept memories in a `dataDir` of an earlier version of this package. */
export const EARLIER_TABLES = mem0Tables('memories')

/**
 * Brings what an earlier version kept in this database over to the tables of this one, history included, and drops its
 * tables: all of it, or nothing where the process ends in the middle. Memories without a user, which no handle could ever
 * read, are kept in a table `memories_without_user`.
 */
export async function bringEarlierTables(database: Database, to: TableNames): Promise<void> {
  const found = await readMem0Tables(queryOf(database), EARLIER_TABLES)
  if (found === undefined) return
  const run = (statements: readonly Statement[]) =>
    database.run(statements, { userId: undefined, writes: true, signal: undefined })
  const earlier = new Mem0TableStatements(EARLIER_TABLES, to)

  const [memories] = await run([earlier.rows('memories', null, null)])
  const { byUser, withoutUser, withoutVector } = sortRows(memories!)
  const ids = [...byUser.values()].flat()
  const entities: Statement[] = []
  if (found.hasEntities) {
    const [rows] = await run([earlier.rows('entities', null, null)])
    entities.push(earlier.bringEntities([...sortRows(rows!).byUser.values()].flat()))
  }
  const isLeft = withoutUser.length + withoutVector.length > 0
  await run([
    sql(HISTORY),
    earlier.bringMemories(ids),
    bringHistory(to),
    earlier.recordAdding(ids),
    ...entities,
    ...(isLeft
      ? [
          sql('DELETE FROM memories WHERE id = ANY($1::uuid[])', ids),
          sql(`ALTER TABLE memories RENAME TO memories_without_user`),
        ]
      : [sql('DROP TABLE memories')]),
    sql('DROP TABLE IF EXISTS memories_entities, memory_history, memory_migrations'),
  ])
}

// Made by the same version, but after mem0's tables.
const HISTORY = `CREATE TABLE IF NOT EXISTS memory_history (
  id serial, memory_id text, previous_value text, new_value text, action text, created_at text, updated_at text, is_deleted int)`

/** History named no user: that of memories which are gone is nobody's any more. */
function bringHistory({ memories, history }: TableNames): Statement {
  return sql(`
    INSERT INTO ${history} (user_id, memory_id, previous_value, new_value, action, created_at, updated_at, is_deleted)
    SELECT memory.user_id, memory.id, previous_value, new_value, action, created_at, updated_at, is_deleted
    FROM memory_history earlier JOIN ${memories} memory ON memory.id::text = earlier.memory_id
    ORDER BY earlier.id`)
}

function sql(text: string, ...values: readonly unknown[]): Statement {
  return { text, values, prepared: false }
}
