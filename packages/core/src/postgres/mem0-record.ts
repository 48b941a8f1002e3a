import type { ResultRow } from './database.ts'

/** A row of memories in the form in which mem0's `getAll` and `get` hand it out. */
export function toMem0Record({ id, user_id, payload }: ResultRow): Record<string, unknown> {
  const { data, hash, createdAt, updatedAt, agent_id, run_id, attributedTo, ...metadata } = payload as Record<
    string,
    unknown
  >
  return {
    id,
    memory: data,
    hash,
    createdAt,
    updatedAt,
    metadata,
    user_id,
    ...(agent_id !== undefined && { agent_id }),
    ...(run_id !== undefined && { run_id }),
    ...(attributedTo !== undefined && { attributedTo }),
  }
}
