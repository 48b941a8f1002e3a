import { readMemoryId } from '../input/memory-id.ts'
import { badResponse } from '../records/rows.ts'
import type { ExportedMemory, HistoryEntry, MemoryRecord } from '../types.ts'
import type { Call } from './call.ts'
import { everyPage } from './list.ts'
import { historyOf, historyRows, ownHistory, proveListed } from './verify.ts'

/** Every record of the scope with its history. One that is deleted after it was listed is left out. */
export async function* exportScope(call: Call): AsyncGenerator<ExportedMemory, void, undefined> {
  for await (const page of everyPage(call)) {
    if (call.binding.engine.historyOfMany !== undefined) {
      yield* await withHistory(call, page)
      continue
    }
    for (const memory of page) {
      const history = await historyOfListed(call, memory)
      if (history !== undefined) yield { memory, history }
    }
  }
}

async function withHistory(call: Call, page: readonly MemoryRecord[]): Promise<ExportedMemory[]> {
  const { engine, scope } = call.binding
  const histories = new Map<string, HistoryEntry[]>(page.map(({ id }) => [id, []]))
  const ids = [...histories.keys()]
  const answer = await call.send((signal) => engine.historyOfMany!(scope, ids, signal))
  for (const entry of historyRows(call, answer, ids)) histories.get(historyOf(entry) ?? '')?.push(entry)
  return page.map((memory) => ({ memory, history: histories.get(memory.id)! }))
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
