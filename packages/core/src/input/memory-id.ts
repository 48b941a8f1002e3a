// No ".", "/" or "%": such ids become other routes of the hosted API.
const MEMORY_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/**
 * A memory's id as mem0 spells it; undefined for a value that cannot be one, which is never sent. A UUID is put in lower
 * case: Postgres finds the memory in any case, and its history in lower case only.
 */
export function readMemoryId(value: unknown): string | undefined {
  if (typeof value !== 'string' || !MEMORY_ID.test(value)) return undefined
  return isUuid(value) ? value.toLowerCase() : value
}

/** Whether an id is a UUID. mem0 makes no other. */
export function isUuid(id: string): boolean {
  return UUID.test(id)
}
