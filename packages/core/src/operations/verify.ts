import { ForeignRecordError, MemoryNotFoundError } from '../errors.ts'
import { reportViolation } from '../events.ts'
import { readMemoryId } from '../input/memory-id.ts'
import { isRecordOf, identityOf, standingOf, type Identity, type Standing } from '../records/identity.ts'
import { toRecord } from '../records/record.ts'
import { badResponse, isRow, ownValue, rowsOf, type Row } from '../records/rows.ts'
import type { HistoryEntry, MemoryRecord } from '../types.ts'
import type { Call } from './call.ts'
import { eachLimited } from './each-limited.ts'

const PARALLEL_PROOFS = 8

/**
 * The records of a list or a search that are the scope's. A record of the same user outside the bound run, app or agent,
 * which comes from a store that ignores that filter, is left out.
 *
 * @throws ForeignRecordError when one is not shown to be this user's, unless the handle drops such records
 * @throws ScopedMemoryError `BAD_RESPONSE`
 */
export function ownRecords(call: Call, answer: unknown): MemoryRecord[] {
  const { settings, engine, ownership, scope } = call.binding
  const evidence = engine.recordsNameOwner || settings.strictOwnership ? 'proof' : 'listed'
  return filterRecords(call, answer, (identity, { id }) => {
    const standing = standingOf(scope, identity, evidence)
    if (standing === 'own') ownership.learn(id, identity)
    return standing
  })
}

/**
 * The records that a write answers with, which are the scope's already. They may leave the owner out, and must not name
 * another user.
 *
 * @throws ForeignRecordError, ScopedMemoryError as {@link ownRecords}
 */
export function writtenRecords(call: Call, answer: unknown): MemoryRecord[] {
  return filterRecords(call, answer, (identity) => (namesAnother(call, identity) ? 'foreign' : 'own'))
}

/**
 * Fetches the history of a proven record: rows of that record, which may leave the owner out.
 *
 * @throws ForeignRecordError, ScopedMemoryError as {@link ownRecords}
 */
export async function ownHistory(call: Call, id: string): Promise<HistoryEntry[]> {
  const { engine, scope } = call.binding
  return historyRows(call, await call.send((signal) => engine.history(scope, id, signal)), [id])
}

/** Rows of the history of these proven records, and of no other. */
export function historyRows(call: Call, answer: unknown, ids: readonly string[]): HistoryEntry[] {
  const known = new Set<unknown>(ids)
  return filterRecords(call, answer, (identity, row) => {
    const memoryId = historyOf(row)
    return namesAnother(call, identity) || (memoryId !== undefined && !known.has(memoryId))
      ? 'foreign'
      : 'own'
  })
}

/** The id of the memory that a row of a history is about; undefined where it does not say, null where it is no id. */
export function historyOf(row: Row): string | null | undefined {
  const memoryId = ownValue(row, 'memoryId') ?? ownValue(row, 'memory_id')
  return memoryId === undefined ? undefined : (readMemoryId(memoryId) ?? null)
}

/** What the back end answers about an id. */
type Lookup =
  | { readonly kind: 'own'; readonly id: string; readonly record: MemoryRecord }
  | { readonly kind: 'gone' | 'unproven' }

/** Asks the back end whose record an id names. */
async function lookUp(call: Call, candidate: unknown): Promise<Lookup> {
  const id = readMemoryId(candidate)
  if (id === undefined) return { kind: 'gone' }
  const { engine, ownership, scope, userId } = call.binding
  const row = await call.send((signal) => engine.get(scope, id, signal))
  if (row === null) {
    ownership.forget(id)
    return { kind: 'gone' }
  }
  if (!isRow(row)) throw badResponse(call.operation)
  const identity = identityOf(row)
  if (!isRecordOf(row, id) || standingOf(scope, identity, 'proof') !== 'own') {
    if (namesAnother(call, identity)) report(call, 'foreign-id', 1, 'throw')
    return { kind: 'unproven' }
  }
  ownership.learn(id, identity)
  return { kind: 'own', id, record: toRecord(row, identity, userId) }
}

/**
 * Fetches the record of an id, which the back end itself shows to be the scope's.
 *
 * @throws MemoryNotFoundError for an id that is another user's, nobody's or not an id
 */
export async function fetchOwn(
  call: Call,
  candidate: unknown,
): Promise<{ id: string; record: MemoryRecord }> {
  const found = await lookUp(call, candidate)
  if (found.kind !== 'own') throw new MemoryNotFoundError()
  return found
}

/**
 * Makes sure that an id is the scope's, asking the back end unless it has shown so before, or is asked by id and user
 * together. Resolves the id as mem0 spells it.
 *
 * @throws MemoryNotFoundError as {@link fetchOwn}
 */
export async function prove(call: Call, candidate: unknown): Promise<string> {
  const id = readMemoryId(candidate)
  if (id === undefined) throw new MemoryNotFoundError()
  const { engine, ownership, scope } = call.binding
  if (!engine.idsNameUser && !ownership.isProven(id, scope)) await fetchOwn(call, id)
  return id
}

/**
 * Whether a listed record is the scope's; false when it is gone meanwhile.
 *
 * @throws ForeignRecordError when it is not shown to be this user's, unless the handle drops such records
 */
export async function proveListed(call: Call, id: string): Promise<boolean> {
  const { ownership, scope } = call.binding
  if (ownership.isProven(id, scope)) return true
  const { kind } = await lookUp(call, id)
  if (kind === 'unproven') refuseForeign(call, 1)
  return kind === 'own'
}

/**
 * Proves the ids of a batch, some at a time. Resolves them in their order, as mem0 spells them.
 *
 * @throws MemoryNotFoundError as {@link fetchOwn}, when one id is not the scope's
 */
export async function proveAll(call: Call, ids: readonly unknown[]): Promise<string[]> {
  const proven = new Map<unknown, string>()
  await eachLimited([...new Set(ids)], PARALLEL_PROOFS, async (id) => {
    // A batch that is not written at once has to know that each record is there, not only whose it was.
    proven.set(id, call.binding.engine.batchesAtOnce ? await prove(call, id) : (await fetchOwn(call, id)).id)
  })
  return ids.map((id) => proven.get(id)!)
}

/**
 * Runs a request about proven ids. A proof outlives its record: where the back end says that the record is gone, the error
 * is the same as for any id that is not this user's.
 *
 * @throws MemoryNotFoundError, and what the back end throws
 */
export async function orNotFound<T>(
  call: Call,
  ids: readonly string[],
  request: () => Promise<T>,
): Promise<T> {
  const { engine, ownership } = call.binding
  try {
    return await request()
  } catch (error) {
    if (!engine.isNoSuchRecord(error)) throw error
    for (const id of ids) ownership.forget(id)
    throw new MemoryNotFoundError()
  }
}

function filterRecords(
  call: Call,
  answer: unknown,
  standingOfRow: (identity: Identity, row: Row) => Standing,
): MemoryRecord[] {
  const records: MemoryRecord[] = []
  let foreign = 0
  for (const row of rowsOf(answer, call.operation)) {
    const identity = identityOf(row)
    const standing = standingOfRow(identity, row)
    if (standing === 'own') records.push(toRecord(row, identity, call.binding.userId))
    else if (standing === 'foreign') foreign++
  }
  if (foreign > 0) refuseForeign(call, foreign)
  return records
}

function namesAnother(call: Call, { userId }: Identity): boolean {
  return userId !== undefined && userId !== null && userId !== call.binding.scope.userId
}

/** @throws ForeignRecordError unless the handle drops foreign records */
function refuseForeign(call: Call, count: number): void {
  const drops = call.binding.settings.dropsForeignRecords
  report(call, 'foreign-record', count, drops ? 'drop' : 'throw')
  if (drops) return
  throw new ForeignRecordError(
    `${call.operation}(): the back end answered with ${count} record${count === 1 ? '' : 's'} not shown to be this user's, ` +
      'so nothing of the response is handed out. Check the filter support of the vector store or host; ' +
      "onForeignRecord: 'drop' hands out the user's own records only.",
  )
}

function report(
  call: Call,
  reason: 'foreign-record' | 'foreign-id',
  count: number,
  action: 'throw' | 'drop',
): void {
  const { engine, userId } = call.binding
  reportViolation({ operation: call.operation, engine: engine.name, userId, reason, count, action })
}
