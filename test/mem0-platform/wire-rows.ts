import { OWNER_EMAIL } from './account.ts'
import type { Ranked } from './ranking.ts'
import type { Entity, HistoryEntry, Memory, Store } from './store.ts'

/** Rows of memories, history and entities as they are sent. A run is `run_id` in a search and `session_id` elsewhere. */

export type WireRow = Record<string, unknown>

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']

const shared = (memory: Memory): WireRow => ({
  id: memory.id,
  memory: memory.text,
  user_id: memory.userId,
  agent_id: memory.agentId,
  app_id: memory.appId,
  metadata: memory.metadata,
  categories: memory.categories,
  immutable: memory.immutable,
  expiration_date: memory.expirationDate,
  created_at: memory.createdAt.toISOString(),
  updated_at: memory.updatedAt.toISOString(),
})

export const listRow = (memory: Memory): WireRow => ({
  ...shared(memory),
  session_id: memory.runId,
  structured_attributes: {
    year: memory.createdAt.getUTCFullYear(),
    month: memory.createdAt.getUTCMonth() + 1,
    day: memory.createdAt.getUTCDate(),
    hour: memory.createdAt.getUTCHours(),
    day_of_week: WEEKDAYS[memory.createdAt.getUTCDay()],
  },
  replaced_by: memory.replacedBy,
  synthesized: false,
})

export const memoryRow = (memory: Memory): WireRow => ({
  ...listRow(memory),
  lifecycle_state: memory.replacedBy === null ? 'active' : 'superseded',
})

export const searchRow = ({ memory, score }: Ranked): WireRow => ({
  ...shared(memory),
  run_id: memory.runId,
  score: Math.round(score * 10_000) / 10_000,
})

/** A row of the list of an entity's memories, which names their owner only in its path. */
export const entityMemoryRow = (memory: Memory): WireRow => ({
  id: memory.id,
  memory: memory.text,
  metadata: memory.metadata,
  categories: memory.categories,
  input: memory.input,
  is_updated: memory.updatedAt > memory.createdAt,
  created_at: memory.createdAt.toISOString(),
  updated_at: memory.updatedAt.toISOString(),
})

export const historyRow = (entry: HistoryEntry): WireRow => ({
  id: entry.id,
  memory_id: entry.memoryId,
  input: entry.input,
  old_memory: entry.oldText,
  new_memory: entry.newText,
  user_id: entry.owners.userId,
  agent_id: entry.owners.agentId,
  app_id: entry.owners.appId,
  session_id: entry.owners.runId,
  categories: entry.categories,
  event: entry.event,
  metadata: entry.metadata,
  created_at: entry.at.toISOString(),
  updated_at: entry.at.toISOString(),
})

export const entityRow = (entity: Entity, store: Store): WireRow => ({
  id: entity.id,
  name: entity.name,
  type: entity.type,
  owner: OWNER_EMAIL,
  metadata: null,
  total_memories: store.ofEntity(entity.type, entity.name).size,
  created_at: entity.createdAt.toISOString(),
  updated_at: entity.updatedAt.toISOString(),
})

/** The row with only the named fields, if any are named. */
export function pickFields(row: WireRow, names: readonly string[] | undefined): WireRow {
  if (!names || names.length === 0) return row
  return Object.fromEntries(Object.entries(row).filter(([name]) => names.includes(name)))
}
