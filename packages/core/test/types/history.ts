// Compiled, never run: types.test.ts holds that this compiles under every configuration it names.
import type { HistoryEntry, ScopedMemory } from '@scoped-memory/core'

declare const memory: ScopedMemory

/** The text before and after each change, whichever back end kept it. */
export async function changes(id: string): Promise<{ before: string; after: string; on: Date }[]> {
  const told: { before: string; after: string; on: Date }[] = []
  for (const entry of await memory.history(id)) {
    const change: string | undefined = entry.event ?? entry.action
    if (change === 'DELETE' || entry.is_deleted === 1) continue
    told.push({
      before: entry.oldMemory ?? entry.previous_value ?? '',
      after: entry.newMemory ?? entry.new_value ?? '',
      on: new Date(entry.updatedAt ?? entry.updated_at ?? entry.createdAt ?? entry.created_at ?? 0),
    })
  }
  return told
}

export function refused(entry: HistoryEntry): void {
  // @ts-expect-error a string, where it is there
  const day: Date = entry.createdAt
  // @ts-expect-error a text, or null
  const text: string = entry.new_value
  void [day, text]
}
