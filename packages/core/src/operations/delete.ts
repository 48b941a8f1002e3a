import { ScopedMemoryError } from '../errors.ts'
import { readMemoryId } from '../input/memory-id.ts'
import { isNarrowed } from '../input/scope.ts'
import { badResponse } from '../records/rows.ts'
import type { Acknowledgement, EraseReceipt } from '../types.ts'
import type { Call } from './call.ts'
import { eachLimited } from './each-limited.ts'
import { everyPage } from './list.ts'
import { toAcknowledgement } from './results.ts'
import { proveListed } from './verify.ts'

const FIRST_PAUSE_MILLIS = 25
const LONGEST_PAUSE_MILLIS = 1000
/** The share of the time that the back end gets to delete what it was asked to delete. */
const PATIENCE = 0.25
const OVERDUE =
  'a deletion of the whole user that the back end was asked for and was not seen to carry out: what is added in the next minutes may be deleted with it'

/**
 * Deletes every memory of the scope. The back end is asked to delete by user only where it does exactly that, and never
 * with a second id beside the user; otherwise each record is proven and deleted by its own id.
 */
export async function deleteScope(call: Call): Promise<Acknowledgement> {
  if (isDeletedAtOnce(call)) return deleteAtOnce(call)
  return deleteEach(call, await idsOf(call))
}

/**
 * Deletes every memory of the scope, asking for the deletion of a whole user at most once, and looks until none is left.
 *
 * @param deadline when to give up, in milliseconds since 1970; the call must send nothing after it
 * @throws ScopedMemoryError `ERASE_UNVERIFIED` (status 504) when some are still shown then, `UNSUPPORTED` (status 501)
 *   on a store whose lists show nothing
 */
export async function eraseScope(call: Call, deadline: number): Promise<EraseReceipt> {
  const { userId, engine, scope } = call.binding
  if (engine.incompleteLists !== undefined) {
    throw new ScopedMemoryError(
      `erase() cannot be shown on this vector store: ${engine.incompleteLists}. Use deleteAll(), and look into the store itself.`,
      { code: 'UNSUPPORTED', status: 501 },
    )
  }
  try {
    const { deleted, overdue } =
      engine.erase === undefined ? await deleteAndLook(call, deadline) : await eraseAndLook(call, deadline)
    return {
      userId,
      deleted,
      verifiedAt: new Date().toISOString(),
      retained: [...engine.retained(scope), ...(overdue ? [OVERDUE] : [])],
    }
  } catch (error) {
    throw error instanceof ScopedMemoryError && error.code === 'TIMEOUT' ? unverified() : error
  }
}

interface Erased {
  /** How many records were deleted. */
  readonly deleted: number
  /** Whether a deletion that was asked for was not seen to be carried out. */
  readonly overdue: boolean
}

async function eraseAndLook(call: Call, deadline: number): Promise<Erased> {
  const { engine, scope } = call.binding
  let deleted = 0
  do {
    if (Date.now() > deadline) throw unverified()
    deleted += await call.send((signal) => engine.erase!(scope, signal))
  } while ((await idsOf(call)).length > 0)
  return { deleted, overdue: false }
}

async function deleteAndLook(call: Call, deadline: number): Promise<Erased> {
  const deleted = new Set<string>()
  const patientUntil = Date.now() + (deadline - Date.now()) * PATIENCE
  let overdue = false
  let left = await idsOf(call)
  for (const id of left) deleted.add(id)
  if (left.length > 0) {
    await deleteScope(call)
    left = await idsOf(call)
  }
  // The hosted API deletes a user some time after its answer. Asked again, it would do so after the receipt, and delete
  // what was added since. So the rest is listed, and what came meanwhile, or stays, is deleted by its own id.
  for (let pause = FIRST_PAUSE_MILLIS; left.length > 0; left = await idsOf(call)) {
    if (Date.now() > deadline) throw unverified()
    const isLate = Date.now() >= patientUntil
    overdue ||= isLate && isDeletedAtOnce(call) && left.some((id) => deleted.has(id))
    await deleteEach(call, isLate ? left : left.filter((id) => !deleted.has(id)))
    for (const id of left) deleted.add(id)
    await call.send(() => new Promise<void>((resolve) => setTimeout(resolve, pause)))
    pause = Math.min(pause * 2, LONGEST_PAUSE_MILLIS)
  }
  return { deleted: deleted.size, overdue }
}

function isDeletedAtOnce({ binding: { engine, scope } }: Call): boolean {
  return engine.deletesExactly === 'scope' || (engine.deletesExactly === 'user' && !isNarrowed(scope))
}

async function deleteAtOnce(call: Call): Promise<Acknowledgement> {
  const { engine, scope } = call.binding
  try {
    return toAcknowledgement(await call.send((signal) => engine.deleteAll(scope, signal)))
  } catch (error) {
    // mem0ai/oss stops at a record that somebody else deletes at the same time.
    if (!engine.isNoSuchRecord(error)) throw error
    return deleteEach(call, await idsOf(call))
  }
}

async function deleteEach(call: Call, ids: readonly string[]): Promise<Acknowledgement> {
  let deleted = 0
  await eachLimited(ids, call.binding.engine.parallelDeletes, async (id) => {
    if (await deleteOwn(call, id)) deleted++
  })
  return { message: `Deleted ${deleted} memories` }
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

/** Whether there was something to delete: somebody else may have been quicker. */
async function deleteOwn(call: Call, id: string): Promise<boolean> {
  const { engine, ownership, scope } = call.binding
  if (!(await proveListed(call, id))) return false
  try {
    await call.send((signal) => engine.delete(scope, id, {}, signal))
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
