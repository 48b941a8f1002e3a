import { randomUUID } from 'node:crypto'
import { created, ok, ApiError, plainError, fieldError } from '../responses.ts'
import { OWNER_EMAIL, PROJECT } from '../account.ts'
import { optionalText, optionalTexts } from '../request-fields.ts'
import type { PlatformState, Webhook } from '../platform-state.ts'
import type { ApiRequest, Handler, Routes } from '../router.ts'
import type { WireRow } from '../wire-rows.ts'

/** Webhooks are stored and listed but never called: the stand-in sends nothing. */

const EVENT_TYPES = new Set([
  'memory_add',
  'memory_update',
  'memory_delete',
  'memory_categorize',
  'ingest_job_completed',
  'ingest_job_partially_completed',
  'ingest_job_failed',
  'ingest_job_cancelled',
])

const list: Handler = (request, { webhooks }) => {
  requireOwnProject(request)
  return ok([...webhooks.values()].map(webhookRow))
}

const create: Handler = (request, { webhooks }) => {
  requireOwnProject(request)
  const { name, url, eventTypes } = settingsIn(request.body)
  const missing = Object.entries({ name, url, event_types: eventTypes }).filter(
    ([, value]) => value === undefined,
  )
  if (name === undefined || url === undefined || eventTypes === undefined) {
    throw new ApiError(
      400,
      Object.fromEntries(missing.map(([field]) => [field, ['This field is required.']])),
    )
  }
  const now = new Date()
  const webhook: Webhook = { id: randomUUID(), name, url, eventTypes, createdAt: now, updatedAt: now }
  webhooks.set(webhook.id, webhook)
  return created(webhookRow(webhook))
}

const update: Handler = (request, state) => {
  const webhook = webhookOf(request, state)
  const given = Object.entries(settingsIn(request.body)).filter(([, value]) => value !== undefined)
  Object.assign(webhook, Object.fromEntries(given), { updatedAt: new Date() })
  return ok({ message: 'Webhook updated successfully' })
}

const remove: Handler = (request, state) => {
  state.webhooks.delete(webhookOf(request, state).id)
  return ok({ message: 'Webhook deleted successfully' })
}

function settingsIn(body: ApiRequest['body']) {
  const url = optionalText(body, 'url')
  if (url !== undefined && !URL.canParse(url)) throw fieldError('url', 'Enter a valid URL.')
  const eventTypes = optionalTexts(body, 'event_types')
  for (const type of eventTypes ?? []) {
    if (!EVENT_TYPES.has(type)) throw fieldError('event_types', `"${type}" is not a valid choice.`)
  }
  return { name: optionalText(body, 'name'), url, eventTypes }
}

function requireOwnProject({ params }: ApiRequest): void {
  if (params.projectId !== PROJECT) throw plainError(403, "You don't have access to this project")
}

function webhookOf({ params }: ApiRequest, { webhooks }: PlatformState): Webhook {
  const webhook = webhooks.get(params.webhookId ?? '')
  if (!webhook) throw plainError(404, 'Webhook not found')
  return webhook
}

const webhookRow = ({ id, name, url, eventTypes, createdAt, updatedAt }: Webhook): WireRow => ({
  webhook_id: id,
  name,
  url,
  event_types: eventTypes,
  is_active: true,
  owner: OWNER_EMAIL,
  project: PROJECT,
  created_at: createdAt.toISOString(),
  updated_at: updatedAt.toISOString(),
})

export const webhookRoutes: Routes = {
  '/api/v1/webhooks/projects/:projectId/': { GET: list, POST: create },
  '/api/v1/webhooks/:webhookId/': { PUT: update, DELETE: remove },
}
