import { randomUUID } from 'node:crypto'
import { ok, ApiError, plainError, type ApiResponse } from '../responses.ts'
import { isObject } from '../filters.ts'
import { numberWithin, requiredText } from '../request-fields.ts'
import type { PlatformState, ProfileJob } from '../platform-state.ts'
import type { ApiRequest, Handler, Routes } from '../router.ts'
import { fillSchema } from '../fill-schema.ts'

/** Profiles of users, generated on request from their memories. */

const JOBS = '/v2/profiles/jobs/'
const DEFAULT_SCHEMA = { properties: { facts: { type: 'array' } } }

const read: Handler = ({ params }, { store, profiles, profileSettings }) => {
  const name = params.name ?? ''
  if (!store.entity('user', name)) throw plainError(404, 'Entity not found')
  const found = profiles.get(name)
  const waiting = profileSettings.enabled ? 'insufficient_data' : 'not_enabled'
  return ok({
    profile: found?.profile ?? {},
    status: found ? 'succeeded' : waiting,
    entity_type: 'user',
    entity_id: name,
    updated_at: found?.updatedAt.toISOString() ?? null,
    generation_count: found?.generationCount ?? 0,
    error: null,
  })
}

/** A repeated idempotency key returns the job that it started first. */
const createJob: Handler = (request, state) => {
  const key = request.header('idempotency-key') ?? randomUUID()
  const known = state.profileJobs.get(key)
  if (known) return accepted(known, true)
  const job: ProfileJob = {
    id: randomUUID(),
    operation: requiredText(request.body, 'operation'),
    entityIds: usersFor(request, state),
  }
  state.profileJobs.set(key, job)
  for (const userId of job.entityIds) generate(userId, state)
  return accepted(job, false)
}

function usersFor({ body }: ApiRequest, { store }: PlatformState): string[] {
  if (body.entity_type !== 'user') throw plainError(400, 'entity_type must be user')
  if (body.operation === 'trigger') {
    const userId = requiredText(body, 'entity_id')
    if (!store.entity('user', userId)) throw plainError(404, 'Entity not found')
    return [userId]
  }
  if (body.operation !== 'sample') throw plainError(400, 'operation must be trigger or sample')
  const users = store
    .entities()
    .filter(({ type, name }) => type === 'user' && store.ofEntity(type, name).size > 0)
  return users.slice(0, numberWithin(body, 'limit', 1, 10, 3)).map(({ name }) => name)
}

function generate(userId: string, { store, profiles, profileSettings }: PlatformState): void {
  profiles.set(userId, {
    profile: fillSchema(profileSettings.schema ?? DEFAULT_SCHEMA, store.ofUser(userId)),
    updatedAt: new Date(),
    generationCount: (profiles.get(userId)?.generationCount ?? 0) + 1,
  })
}

const accepted = ({ id, operation, entityIds }: ProfileJob, replayed: boolean): ApiResponse => ({
  status: 202,
  body: {
    job_id: id,
    status: 'succeeded',
    status_url: `${JOBS}${id}/`,
    operation,
    entity_type: 'user',
    entity_count_reserved: entityIds.length,
    event_id: null,
    replayed,
    ...(operation === 'sample' && { sampled: entityIds.length, entity_ids: entityIds }),
  },
})

const readJob: Handler = ({ params }, { profileJobs }) => {
  const job = [...profileJobs.values()].find(({ id }) => id === params.jobId)
  if (!job) throw plainError(404, 'Job not found')
  const { id, operation, entityIds } = job
  return ok({
    job: {
      id,
      operation,
      entity_type: 'user',
      status: 'succeeded',
      total: entityIds.length,
      enumeration_complete: true,
      completed: entityIds.length,
      succeeded: entityIds.length,
      failed: 0,
      skipped: 0,
    },
  })
}

const readSettings: Handler = (_request, { profileSettings: { enabled, schema, customInstructions } }) =>
  ok({ enabled, entities: { user: { schema, custom_instructions: customInstructions } }, capabilities: {} })

const updateSettings: Handler = (request, state) => {
  const { enabled, entities, ...unsupported } = request.body
  if (Object.keys(unsupported).length > 0) {
    throw new ApiError(400, { error: `Unsupported settings: ${Object.keys(unsupported).join(', ')}` })
  }
  const settings = state.profileSettings
  if (typeof enabled === 'boolean') settings.enabled = enabled
  const user = isObject(entities) && isObject(entities.user) ? entities.user : {}
  if ('schema' in user) settings.schema = isObject(user.schema) ? user.schema : null
  if ('custom_instructions' in user) {
    settings.customInstructions =
      typeof user.custom_instructions === 'string' ? user.custom_instructions : null
  }
  return readSettings(request, state)
}

export const profileRoutes: Routes = {
  '/v2/entities/user/*name/profile/': { GET: read },
  [JOBS]: { POST: createJob },
  [`${JOBS}:jobId/`]: { GET: readJob },
  '/v2/profiles/settings/': { GET: readSettings, POST: updateSettings },
}
