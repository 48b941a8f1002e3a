import type { Binding } from './binding.ts'
import type { Send } from './engines/engine.ts'
import { ForeignRecordError, MemoryNotFoundError } from './errors.ts'
import { reportViolation } from './events.ts'
import { isMemoryId, isRecordOf } from './ownership.ts'
import {
  badResponse,
  belongsTo,
  identityOf,
  isRow,
  rowsOf,
  toRecord,
  type Identity,
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
  const { settings, scope } = call.binding
  const evidence = settings.engine.recordsNameOwner || settings.strictOwnership ? 'proof' : 'listed'
  return own(call, answer, (identity, { id }) => {
    const isOwn = belongsTo(scope, identity, evidence)
    if (isOwn) settings.ownership.learn(id, identity)
    return isOwn
  })
}

/**
 * The rows of an answer about records that are proven already, such as what was written, or a history. They may leave
 * the owner out, and must not name another.
 *
 * @throws ForeignRecordError, ScopedMemoryError as {@link ownRecords}
 */
export function ownDetails(call: Call, answer: unknown): MemoryRecord[] {
  const bound = call.binding.scope.userId
  return own(call, answer, ({ userId }) => userId === undefined || userId === null || userId === bound)
}

/**
 * The record of an id, shown to be of the scope by the back end itself.
 *
 * @throws MemoryNotFoundError for an id that is another's, nobody's or no id
 */
export async function fetchOwn(call: Call, id: unknown): Promise<MemoryRecord> {
  if (!isMemoryId(id)) throw new MemoryNotFoundError()
  const { settings, scope, userId } = call.binding
  const row = await call.send(() => settings.engine.get(id))
  if (row === null) {
    settings.ownership.forget(id)
    throw new MemoryNotFoundError()
  }
  if (!isRow(row)) throw badResponse(call.operation)
  const identity = identityOf(row)
  if (!isRecordOf(row, id) || !belongsTo(scope, identity, 'proof')) {
    report(call, 'foreign-id', 1, 'throw')
    throw new MemoryNotFoundError()
  }
  settings.ownership.learn(id, identity)
  return toRecord(row, identity, userId)
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

function own(call: Call, answer: unknown, isOwn: (identity: Identity, row: Row) => boolean): MemoryRecord[] {
  const rows = rowsOf(answer, call.operation)
  const records: MemoryRecord[] = []
  for (const row of rows) {
    const identity = identityOf(row)
    if (isOwn(identity, row)) records.push(toRecord(row, identity, call.binding.userId))
  }
  if (records.length < rows.length) refuseForeign(call, rows.length - records.length)
  return records
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
