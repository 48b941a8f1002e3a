import type { Engine } from '../engines/engine.ts'
import { ScopedMemoryError } from '../errors.ts'
import { badResponse, isRow, ownValue } from '../records/rows.ts'
import type { AddResult } from '../types.ts'
import type { Call } from './call.ts'
import { toAddResult } from './results.ts'

const FIRST_PAUSE_MILLIS = 50
const LONGEST_PAUSE_MILLIS = 2000

/** @throws ScopedMemoryError `UNSUPPORTED` when an add may be pending on this back end and cannot be asked about */
export function requireEventReader(engine: Engine): void {
  if (engine.name !== 'hosted' || engine.readEvent !== undefined) return
  throw new ScopedMemoryError(
    'add() cannot wait with this client, which is wrapped around one of mem0: give the wrapper a method ' +
      'readEvent(eventId) that returns what GET /v1/event/:id/ does, or leave wait out.',
    { code: 'UNSUPPORTED', status: 501 },
  )
}

/**
 * Waits until the back end is done with an add, and resolves what it stored. An add that is not pending is resolved as it
 * is.
 *
 * @param deadline when to give up, in milliseconds since 1970; the call must send nothing after it
 * @throws ScopedMemoryError `ADD_FAILED` (status 502), or `TIMEOUT` (status 504) after the deadline
 */
export async function waitUntilStored(call: Call, added: AddResult, deadline: number): Promise<AddResult> {
  const { engine } = call.binding
  const { eventId, status } = added
  if (status === 'FAILED') throw failed(eventId)
  if (eventId === undefined || engine.readEvent === undefined || status === 'SUCCEEDED') return added
  for (let pause = FIRST_PAUSE_MILLIS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MILLIS)) {
    const left = deadline - Date.now()
    if (left <= pause) throw stillPending(eventId)
    await call.send(() => new Promise<void>((resolve) => setTimeout(resolve, pause)))
    const event = await call
      .send(() => engine.readEvent!(eventId))
      .catch((error: unknown) => {
        throw error instanceof ScopedMemoryError && error.code === 'TIMEOUT' ? stillPending(eventId) : error
      })
    if (!isRow(event)) throw badResponse('add')
    const current = ownValue(event, 'status')
    if (current === 'FAILED') throw failed(eventId)
    if (current === 'SUCCEEDED') {
      return toAddResult(call, { results: ownValue(event, 'results') ?? [], status: current, eventId })
    }
  }
}

function failed(eventId: string | undefined): ScopedMemoryError {
  return new ScopedMemoryError(
    `add(): the back end took the messages and then failed to remember them${eventId === undefined ? '' : ` (event ${eventId})`}. Add them again.`,
    { code: 'ADD_FAILED', status: 502 },
  )
}

function stillPending(eventId: string): ScopedMemoryError {
  return new ScopedMemoryError(
    `add(): the back end took the messages and was not done with them in time (event ${eventId}). It may be later: look ` +
      'before you repeat it. Pass a larger timeoutMs where this is normal.',
    { code: 'TIMEOUT', status: 504 },
  )
}
