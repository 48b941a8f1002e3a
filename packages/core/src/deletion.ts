import { MemoryNotFoundError, ScopedMemoryError } from './errors.ts'
import { isMemoryId } from './ownership.ts'
import { eachLimited } from './pool.ts'
import { badResponse, isRow, type MemoryRecord } from './records.ts'
import { isNarrowed } from './scope.ts'
import type { Acknowledgement, EraseReceipt } from './types.ts'
import { fetchOwn, ownRecords, prove, type Call } from './verify.ts'

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
  if (settings.engine.deletesExactly && !isNarrowed(scope)) {
    return acknowledged(await call.send(() => settings.engine.deleteAll(scope)))
  }
  const ids = await idsOf(call)
  await eachLimited(ids, settings.engine.parallelDeletes, (id) => deleteProven(call, id))
  return { message: `Deleted ${ids.length} memories` }
}

/**
 * Deletes every memory of the scope and looks until none is left.
 *
 * @throws ScopedMemoryError `ERASE_UNVERIFIED` (status 504) when some are still shown after `timeoutMs`
 */
export async function eraseScope(call: Call, timeoutMs: number): Promise<EraseReceipt> {
  const deadline = Date.now() + timeoutMs
  const deleted = new Set<string>()
  for (let pause = FIRST_PAUSE_MILLIS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MILLIS)) {
    const left = await idsOf(call)
    if (left.length === 0) break
    if (Date.now() > deadline) {
      throw new ScopedMemoryError(
        `erase(): after ${timeoutMs} ms the back end still shows ${left.length} memories. Call erase() again, or pass a larger timeoutMs.`,
        { code: 'ERASE_UNVERIFIED', status: 504 },
      )
    }
    for (const id of left) deleted.add(id)
    await deleteScope(call)
    if ((await idsOf(call)).length > 0) {
      await call.send(() => new Promise<void>((resolve) => setTimeout(resolve, pause)))
    }
  }
  const { userId, settings } = call.binding
  return {
    userId,
    deleted: deleted.size,
    verifiedAt: new Date().toISOString(),
    retained: [...settings.engine.retained],
  }
}

/** What the back end says of a deletion. */
export function acknowledged(answer: unknown): Acknowledgement {
  return isRow(answer) && typeof answer['message'] === 'string'
    ? (answer as Acknowledgement)
    : { message: typeof answer === 'string' ? answer : 'Done' }
}

async function idsOf(call: Call): Promise<string[]> {
  const ids: string[] = []
  for await (const page of everyPage(call)) {
    for (const { id } of page) {
      if (!isMemoryId(id)) throw badResponse(call.operation)
      ids.push(id)
    }
  }
  return ids
}

async function deleteProven(call: Call, id: string): Promise<void> {
  const { engine, ownership } = call.binding.settings
  try {
    await prove(call, id)
    await call.send(() => engine.delete(id, {}))
  } catch (error) {
    // Somebody else may have deleted it meanwhile; then it is as it should be.
    if (error instanceof MemoryNotFoundError || (await isGone(call, id))) return
    throw error
  } finally {
    ownership.forget(id)
  }
}

async function isGone(call: Call, id: string): Promise<boolean> {
  return fetchOwn(call, id).then(
    () => false,
    (error: unknown) => error instanceof MemoryNotFoundError,
  )
}
