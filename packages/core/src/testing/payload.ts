/** A stored memory: text, owner and metadata side by side, as mem0ai/oss stores them. */
export type Payload = Readonly<Record<string, unknown>>

const NOT_METADATA = new Set(['user_id', 'agent_id', 'run_id', 'hash', 'data', 'createdAt', 'updatedAt'])
const IDENTITY_KEYS = new Set(['user_id', 'agent_id', 'run_id', 'userId', 'agentId', 'runId', 'actor_id'])

/** A payload as a row of a result, with `extra` fields such as a score. */
export function rowOf(id: string, payload: Payload, extra: object = {}): Record<string, unknown> {
  const { user_id, agent_id, run_id, data, hash, createdAt, updatedAt } = payload
  return {
    id,
    memory: data,
    hash,
    createdAt,
    updatedAt,
    ...extra,
    metadata: Object.fromEntries(Object.entries(payload).filter(([key]) => !NOT_METADATA.has(key))),
    ...(user_id !== undefined && { user_id }),
    ...(agent_id !== undefined && { agent_id }),
    ...(run_id !== undefined && { run_id }),
  }
}

/** Metadata as it is stored: a copy through JSON, without keys that name an owner. */
export function storedMetadata(metadata: object | undefined): Record<string, unknown> {
  const copy = JSON.parse(JSON.stringify(metadata ?? {})) as object
  return Object.fromEntries(Object.entries(copy).filter(([key]) => !IDENTITY_KEYS.has(key)))
}

/** Whether the last day on which a memory is found has passed, in UTC. */
export function isExpired({ expiration_date: lastDay }: Payload): boolean {
  return typeof lastDay === 'string' && lastDay < new Date().toISOString().slice(0, 10)
}
