import { isList, type Plain } from '../input/snapshot.ts'
import { isRow, ownValue, rowsOf, type Row } from '../records/rows.ts'
import type { MemoryRecord, Acknowledgement, AddResult, MemoryPage } from '../types.ts'
import type { Call } from './call.ts'
import { writtenRecords, ownRecords } from './verify.ts'

/** The answer of an add in one shape: it comes as a list, an object with a list, or an event that is still to be done. */
export function toAddResult(call: Call, answer: unknown): AddResult {
  const envelope = envelopeOf(answer)
  const { results = [], status, message } = envelope
  const eventId = envelope['eventId'] ?? envelope['event_id']
  return {
    results: writtenRecords(call, results),
    ...(typeof status === 'string' && { status }),
    ...(typeof eventId === 'string' && { eventId }),
    ...(typeof message === 'string' && { message }),
  }
}

// One route of the API answers with a list that holds the pending event.
function envelopeOf(answer: unknown): Row {
  if (isRow(answer)) return answer
  const [only, ...others] = Array.isArray(answer) ? (answer as unknown[]) : []
  const isEvent = isRow(only) && ownValue(only, 'id') === undefined && others.length === 0
  return isEvent && ('eventId' in only || 'event_id' in only) ? only : { results: answer }
}

/** A page of records, with what the back end says about the other pages. */
export function toMemoryPage(call: Call, answer: unknown, fields: Plain | undefined): MemoryPage {
  const own = ownRecords(call, answer)
  const page: MemoryPage = { results: pickFields(own, fields) }
  if (!isRow(answer)) return page
  const { count, next, previous } = answer
  // A count over records that were dropped would count another user's.
  const countsOwn = typeof count === 'number' && own.length === rowsOf(answer, call.operation).length
  return {
    ...page,
    ...(countsOwn && { count }),
    ...(isLink(next) && { next }),
    ...(isLink(previous) && { previous }),
  }
}

/** The fields that the caller asked for: those that say which record it is, and whose, are always fetched. */
export function pickFields(records: MemoryRecord[], fields: Plain | undefined): MemoryRecord[] {
  if (!isList(fields)) return records
  const notAskedFor = ['id', 'userId', 'agentId', 'appId', 'runId', 'sessionId'].filter(
    (name) => !fields.includes(name.replace('Id', '_id')),
  )
  return records.map(
    (record) =>
      Object.fromEntries(
        Object.entries(record).filter(([name]) => !notAskedFor.includes(name)),
      ) as MemoryRecord,
  )
}

/** The answer of a write: its message, and the fields that are known to be about this record alone. */
export function toAcknowledgement(answer: unknown): Acknowledgement {
  const row: Row = isRow(answer) ? answer : { message: answer }
  const known = ['id', 'status', 'eventId', 'cascadeCount', 'feedback', 'feedbackReason'] as const
  return {
    message: typeof row['message'] === 'string' ? row['message'] : 'Done',
    ...Object.fromEntries(
      known.flatMap((key) => (['string', 'number'].includes(typeof row[key]) ? [[key, row[key]]] : [])),
    ),
  }
}

function isLink(value: unknown): value is string | null {
  return value === null || typeof value === 'string'
}
