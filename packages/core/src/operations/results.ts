import { isList, type Plain } from '../input/snapshot.ts'
import { isRow, ownValue, rowsOf, type Row } from '../records/rows.ts'
import type { MemoryRecord, Acknowledgement, AddResult, MemoryPage } from '../types.ts'
import type { Call } from './call.ts'
import { ownDetails, ownRecords } from './verify.ts'

/** One shape for the answers of an add: a list, an object with one, or a promise to work on it. */
export function addResult(call: Call, answer: unknown): AddResult {
  const envelope = envelopeOf(answer)
  const { results = [], status, message } = envelope
  const eventId = envelope['eventId'] ?? envelope['event_id']
  return {
    results: ownDetails(call, results),
    ...(typeof status === 'string' && { status }),
    ...(typeof eventId === 'string' && { eventId }),
    ...(typeof message === 'string' && { message }),
  }
}

// Of what is only promised, one of the API's routes answers with a list.
function envelopeOf(answer: unknown): Row {
  if (isRow(answer)) return answer
  const [only, ...others] = Array.isArray(answer) ? (answer as unknown[]) : []
  const isPromise = isRow(only) && ownValue(only, 'id') === undefined && others.length === 0
  return isPromise && ('eventId' in only || 'event_id' in only) ? only : { results: answer }
}

/** A page of records with what the back end says about the others. */
export function memoryPage(call: Call, answer: unknown, fields: Plain | undefined): MemoryPage {
  const own = ownRecords(call, answer)
  const page: MemoryPage = { results: onlyAsked(own, fields) }
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

/** The fields a caller asked for: those that say which record it is, and whose, are always fetched. */
export function onlyAsked(records: MemoryRecord[], fields: Plain | undefined): MemoryRecord[] {
  if (!isList(fields)) return records
  const unasked = ['id', 'userId', 'agentId', 'appId', 'runId', 'sessionId'].filter(
    (name) => !fields.includes(name.replace('Id', '_id')),
  )
  return records.map(
    (record) =>
      Object.fromEntries(Object.entries(record).filter(([name]) => !unasked.includes(name))) as MemoryRecord,
  )
}

/** What the back end says of a write: its message, and what else of it is known to be about this record alone. */
export function acknowledged(answer: unknown): Acknowledgement {
  const said: Row = isRow(answer) ? answer : { message: answer }
  const known = ['id', 'status', 'eventId', 'cascadeCount', 'feedback', 'feedbackReason'] as const
  return {
    message: typeof said['message'] === 'string' ? said['message'] : 'Done',
    ...Object.fromEntries(
      known.flatMap((key) => (['string', 'number'].includes(typeof said[key]) ? [[key, said[key]]] : [])),
    ),
  }
}

function isLink(value: unknown): value is string | null {
  return value === null || typeof value === 'string'
}
