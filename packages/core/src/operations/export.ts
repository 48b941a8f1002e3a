import { readMemoryId } from '../input/memory-id.ts'
import { badResponse } from '../records/rows.ts'
import type { ExportedMemory, HistoryEntry, MemoryRecord } from '../types.ts'
import type { Call } from './call.ts'
import { everyPage } from './list.ts'
import { ownHistory, proveListed } from './verify.ts'

/** Every record of the scope with its history. One that is deleted after it was listed is left out. */
export async function* exportScope(call: Call): AsyncGenerator<ExportedMemory, void, undefined> {
  for await (const page of everyPage(call)) {
    for (const memory of page) {
      const history = await historyOfListed(call, memory)
      if (history !== undefined) yield { memory, history }
    }
  }
}

/** Undefined for a record that is gone since it was listed. */
async function historyOfListed(call: Call, memory: MemoryRecord): Promise<HistoryEntry[] | undefined> {
  const { engine, ownership } = call.binding
  const id = readMemoryId(memory.id)
  if (id === undefined) throw badResponse(call.operation)
  if (!(await proveListed(call, id))) return undefined
  try {
    return await ownHistory(call, id)
  } catch (error) {
    if (!engine.isNoSuchRecord(error)) throw error
    ownership.forget(id)
    return undefined
  }
}
