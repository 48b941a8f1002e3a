import { ok, plainError } from '../responses.ts'
import { paginate } from '../pagination.ts'
import type { PlatformEvent } from '../event-log.ts'
import type { Handler, Routes } from '../router.ts'
import { historyRow } from '../wire-rows.ts'

/** The progress of adds and deletions. */

const read: Handler = ({ params }, { events }) => {
  const event = events.get(params.eventId ?? '')
  if (!event) throw plainError(404, "Event not found or you don't have permission to access it.")
  return ok({ ...eventRow(event), graph_status: null, error: null })
}

const list: Handler = (request, { events }) => ok(paginate(request, events.newestFirst(), eventRow))

/** Despite its path, the history of all memories. */
const memoryEvents: Handler = (request, { store }) => ok(paginate(request, store.wholeHistory(), historyRow))

const eventRow = ({ id, type, payload, results, createdAt, completedAt }: PlatformEvent) => ({
  id,
  event_type: type,
  status: completedAt ? 'SUCCEEDED' : 'PENDING',
  payload,
  metadata: null,
  results,
  created_at: createdAt.toISOString(),
  updated_at: (completedAt ?? createdAt).toISOString(),
  started_at: createdAt.toISOString(),
  completed_at: completedAt?.toISOString() ?? null,
  latency: completedAt ? completedAt.getTime() - createdAt.getTime() : null,
})

export const eventRoutes: Routes = {
  '/v1/event/:eventId/': { GET: read },
  '/v1/events/': { GET: list },
  '/v1/memories/events/': { GET: memoryEvents },
}
