import { acknowledged } from './answers.ts'
import { ScopedMemoryError } from './errors.ts'
import { readMemoryId } from './ownership.ts'
import { eachLimited } from './pool.ts'
import { badResponse, type MemoryRecord } from './records.ts'
import { isNarrowed } from './scope.ts'
import type { Acknowledgement, EraseReceipt } from './types.ts'
import { lookUp, ownRecords, refuseForeign, type Call } from './verify.ts'

const FIRST_PAUSE_MILLIS = 25
const LONGEST_PAUSE_MILLIS = 1000

/** Every record of the scope, expired ones included, page by page. */
export async function* everyPage(call: Call): AsyncGenerator<MemoryRecord[], void, undefined> {
  const { settings, scope } = call.binding
  for await (const answer of settings.engine.pages(call.send, scope, { showExpired: true }, [])) {
    yield ownRecords(call, answer)
  }
}

/**
 * Deletes every memory of the scope. The back end is asked to delete by user only where it does exactly that, and never
 * with a second id beside the user; otherwise each record is proven and deleted by its own id.
 */
export async function deleteScope(call: Call): Promise<Acknowledgement> {
  const { settings, scope } = call.binding
  if (settings.engine.deletesExactly && !isNarrowed(scope)) return deleteUser(call)
  const ids = await idsOf(call)
  let deleted = 0
  await eachLimited(ids, settings.engine.parallelDeletes, async (id) => {
    if (await deleteOwn(call, id)) deleted++
  })
  return { message: `Deleted ${deleted} memories` }
}

/**
 * Deletes every memory of the scope and looks until none is left.
 *
 * @param deadline when to give up, in milliseconds since 1970; the call must send nothing after it
 * @throws ScopedMemoryError `ERASE_UNVERIFIED` (status 504) when some are still shown then, `UNSUPPORTED` (status 501)
 *   on a store whose lists show nothing
 */
export async function eraseScope(call: Call, deadline: number): Promise<EraseReceipt> {
  const { userId, settings } = call.binding
  if (!settings.engine.listsReliably) {
    throw new ScopedMemoryError(
      'erase() cannot be shown on this vector store: mem0 answers a list that failed with an empty one. Use deleteAll(), and look into the store itself.',
      { code: 'UNSUPPORTED', status: 501 },
    )
  }
  const deleted = new Set<string>()
  try {
    for (
      let pause = FIRST_PAUSE_MILLIS, left = await idsOf(call);
      left.length > 0;
      left = await idsOf(call)
    ) {
      if (Date.now() > deadline) throw unverified()
      for (const id of left) deleted.add(id)
      await deleteScope(call)
      if ((await idsOf(call)).length === 0) break
      await call.send(() => new Promise<void>((resolve) => setTimeout(resolve, pause)))
      pause = Math.min(pause * 2, LONGEST_PAUSE_MILLIS)
    }
  } catch (error) {
    throw error instanceof ScopedMemoryError && error.code === 'TIMEOUT' ? unverified() : error
  }
  return {
    userId,
    deleted: deleted.size,
    verifiedAt: new Date().toISOString(),
    retained: [...settings.engine.retained],
  }
}

async function deleteUser(call: Call): Promise<Acknowledgement> {
  const { engine } = call.binding.settings
  for (let left = Number.POSITIVE_INFINITY; ; ) {
    try {
      return acknowledged(await call.send(() => engine.deleteAll(call.binding.scope)))
    } catch (error) {
      // mem0ai/oss stops at a record that somebody else deletes at the same time. Go on while it becomes less.
      if (!engine.isNoSuchRecord(error)) throw error
      const remaining = (await idsOf(call)).length
      if (remaining === 0) return { message: 'Deleted all memories' }
      if (remaining >= left) throw error
      left = remaining
    }
  }
}

async function idsOf(call: Call): Promise<string[]> {
  const ids: string[] = []
  for await (const page of everyPage(call)) {
    for (const record of page) {
      const id = readMemoryId(record.id)
      if (id === undefined) throw badResponse(call.operation)
      ids.push(id)
    }
  }
  return ids
}

/** Whether there was something to delete; somebody else may have been quicker. */
async function deleteOwn(call: Call, id: string): Promise<boolean> {
  const { engine, ownership } = call.binding.settings
  if (!ownership.isProven(id, call.binding.scope)) {
    const { kind } = await lookUp(call, id)
    if (kind === 'gone') return false
    if (kind === 'unproven') {
      refuseForeign(call, 1)
      return false
    }
  }
  try {
    await call.send(() => engine.delete(id, {}))
    return true
  } catch (error) {
    if (engine.isNoSuchRecord(error)) return false
    throw error
  } finally {
    ownership.forget(id)
  }
}

function unverified(): ScopedMemoryError {
  return new ScopedMemoryError(
    'erase(): the back end was not seen to be empty in time. Call erase() again, or pass a larger timeoutMs.',
    { code: 'ERASE_UNVERIFIED', status: 504 },
  )
}
