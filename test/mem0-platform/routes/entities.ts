import { ok, ApiError, plainError, type ApiResponse } from '../responses.ts'
import { paginate } from '../pagination.ts'
import { isDimension } from '../request-fields.ts'
import type { PlatformState } from '../platform-state.ts'
import type { Handler, Routes } from '../router.ts'
import type { Dimension } from '../store.ts'
import { entityMemoryRow, entityRow } from '../wire-rows.ts'

/** Users, agents, apps and runs: lists them and their memories, and deletes them. */

const list: Handler = (request, { store }) =>
  ok({
    ...paginate(request, store.entities(), (entity) => entityRow(entity, store)),
    total_users: store.countEntities('user'),
    total_agents: store.countEntities('agent'),
    total_apps: store.countEntities('app'),
    total_runs: store.countEntities('run'),
  })

const read: Handler = ({ params }, { store }) => {
  const entity = store.entity(typeIn(params), params.name ?? '')
  return ok(entity ? [entityRow(entity, store)] : [])
}

const deleteByName: Handler = ({ params }, state) => queueDeletion(state, typeIn(params), params.name)

const deleteByNumber: Handler = ({ params }, state) => {
  const type = typeIn(params)
  if (!/^\d+$/.test(params.id ?? '')) throw plainError(400, 'Invalid entity ID. Must be an integer.')
  const entity = state.store.entities().find((one) => one.type === type && one.id === params.id)
  return queueDeletion(state, type, entity?.name)
}

function queueDeletion(
  { store, events, jobs, delays }: PlatformState,
  type: Dimension,
  name = '',
): ApiResponse {
  const event = events.start('DELETE_USER', { entity_type: type, entity_id: name })
  jobs.after(delays.delete, () => {
    store.deleteEntity(type, name)
    events.complete(event, [])
  })
  return ok({ message: 'Delete in progress. This may take some time.', event_id: event.id })
}

function typeIn(params: Readonly<Record<string, string>>): Dimension {
  if (!isDimension(params.type)) throw new ApiError(400, { message: 'Invalid entity type' })
  return params.type
}

const memories: Handler = (request, { store }) => {
  const { type, name = '' } = request.params
  if (!isDimension(type)) throw plainError(400, 'Invalid entity type')
  return ok(paginate(request, [...store.ofEntity(type, name)], entityMemoryRow, { default: 100, max: 100 }))
}

export const entityRoutes: Routes = {
  '/v1/entities/': { GET: list },
  '/v1/entities/:type/:id/': { DELETE: deleteByNumber },
  '/v2/entities/:type/*name/': { GET: read, DELETE: deleteByName },
  '/v1/memories/:type/*name/': { GET: memories },
}
