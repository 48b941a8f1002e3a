import type { Binding } from './binding.ts'
import type { Send } from './engines/engine.ts'
import { ForeignRecordError, MemoryNotFoundError } from './errors.ts'
import { reportViolation } from './events.ts'
import { isMemoryId, proves } from './ownership.ts'
import {
  badResponse,
  belongsTo,
  identityOf,
  isRow,
  rowsOf,
  toRecord,
  type MemoryRecord,
  type Row,
} from './records.ts'

/** One operation of one handle: what it is called, whose it is, and how it sends. */
export interface Call {
  readonly operation: string
  readonly binding: Binding
  readonly send: Send
}

/**
 * The records of a list or search answer, each shown to be of the scope.
 *
 * @throws ForeignRecordError when one is not, unless the handle drops such records
 * @throws ScopedMemoryError `BAD_RESPONSE`
 */
export function ownRecords(call: Call, answer: unknown): MemoryRecord[] {
  const { settings, scope, userId } = call.binding
  const evidence = settings.engine.recordsNameOwner || settings.strictOwnership ? 'proof' : 'listed'
  const rows = own(call, answer, (row) => belongsTo(scope, identityOf(row), evidence))
  for (const row of rows) settings.ownership.learn(row)
  return rows.map((row) => toRecord(row, userId))
}

/**
 * The rows of an answer about records that are proven already, such as what was written, or a history. They may leave
 * the owner out, and must not name another.
 *
 * @throws ForeignRecordError, ScopedMemoryError as {@link ownRecords}
 */
export function ownDetails(call: Call, answer: unknown): MemoryRecord[] {
  const { scope, userId } = call.binding
  const rows = own(call, answer, (row) => {
    const owner = identityOf(row).userId
    return owner === undefined || owner === null || owner === scope.userId
  })
  return rows.map((row) => toRecord(row, userId))
}

/**
 * The record of an id, shown to be of the scope by the back end itself.
 *
 * @throws MemoryNotFoundError for an id that is another's, nobody's or no id
 */
export async function fetchOwn(call: Call, id: unknown): Promise<Row> {
  if (!isMemoryId(id)) throw new MemoryNotFoundError()
  const { engine, ownership } = call.binding.settings
  const row = await call.send(() => engine.get(id))
  if (row === null) {
    ownership.forget(id)
    throw new MemoryNotFoundError()
  }
  if (!isRow(row)) throw badResponse(call.operation)
  if (!proves(row, id, call.binding.scope)) {
    report(call, 'foreign-id', 1, 'throw')
    throw new MemoryNotFoundError()
  }
  ownership.learn({ ...row, id })
  return row
}

/**
 * Makes sure that an id is of the scope, asking the back end unless it has shown it before.
 *
 * @throws MemoryNotFoundError as {@link fetchOwn}
 */
export async function prove(call: Call, id: unknown): Promise<string> {
  if (!isMemoryId(id)) throw new MemoryNotFoundError()
  if (!call.binding.settings.ownership.isProven(id, call.binding.scope)) await fetchOwn(call, id)
  return id
}

function own(call: Call, answer: unknown, isOwn: (row: Row) => boolean): Row[] {
  const rows = rowsOf(answer, call.operation)
  const kept = rows.filter(isOwn)
  if (kept.length < rows.length) refuseForeign(call, rows.length - kept.length)
  return kept
}

function refuseForeign(call: Call, count: number): void {
  const drops = call.binding.settings.dropsForeignRecords
  report(call, 'foreign-record', count, drops ? 'drop' : 'throw')
  if (drops) return
  throw new ForeignRecordError(
    `${call.operation}(): the back end answered with ${count} record${count === 1 ? '' : 's'} not shown to be this user's, ` +
      'so nothing of the answer is handed out. Check the filter support of the vector store or host; ' +
      "onForeignRecord: 'drop' hands out the user's own records only.",
  )
}

function report(
  call: Call,
  reason: 'foreign-record' | 'foreign-id',
  count: number,
  action: 'throw' | 'drop',
): void {
  const { settings, userId } = call.binding
  reportViolation({ operation: call.operation, engine: settings.engine.name, userId, reason, count, action })
}
