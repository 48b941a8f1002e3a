import { ok, ApiError, plainError, fieldError } from '../responses.ts'
import { isObject, matcher, select } from '../filters.ts'
import { paginate } from '../pagination.ts'
import {
  numberWithin,
  optionalDay,
  optionalMoment,
  optionalObject,
  optionalText,
  optionalTexts,
  ownersIn,
  refuseTopLevelEntities,
  requiredText,
} from '../request-fields.ts'
import { rank } from '../ranking.ts'
import type { ApiRequest, Handler, Routes } from '../router.ts'
import { DIMENSIONS, type Memory, type Message, type NewMemory, type Owners } from '../store.ts'
import { searchRow, listRow, pickFields } from '../wire-rows.ts'

/** Adds, searches, lists and deletes memories of an entity. */

const add: Handler = ({ body }, { store, events, jobs, delays }) => {
  const messages = messagesIn(body)
  const owners = ownersIn(body)
  if (Object.values(owners).every((owner) => owner === null)) {
    throw plainError(400, 'At least one of the filters: agent_id, user_id, app_id, run_id is required!')
  }
  const createdAt = optionalMoment(body, 'timestamp')
  const common = {
    metadata: optionalObject(body, 'metadata') ?? {},
    expirationDate: optionalDay(body, 'expiration_date') ?? null,
    immutable: body.immutable === true,
    input: messages,
    ...(createdAt && { createdAt }),
  }
  const infer = body.infer !== false
  const facts = infer ? extract(messages, owners) : messages.map((message) => verbatim(message, owners))
  const rows = facts.filter(({ text }) => text.trim() !== '').map((fact) => ({ ...fact, ...common }))
  const event = events.start('ADD', body)
  const write = () => {
    for (const type of DIMENSIONS) {
      const name = owners[`${type}Id`]
      if (name !== null) store.touchEntity(type, name)
    }
    const results = rows.map((row) => {
      const { id, text } = store.add(row)
      return { id, data: { memory: text }, event: 'ADD' }
    })
    events.complete(event, results)
    return results
  }
  if (!infer) {
    const results = write()
    return ok({ message: 'Memories stored', status: 'SUCCEEDED', event_id: event.id, results })
  }
  jobs.after(delays.add, write)
  return ok({
    message: 'Memory processing has been queued for background execution',
    status: 'PENDING',
    event_id: event.id,
  })
}

function messagesIn(body: ApiRequest['body']): Message[] {
  const { messages } = body
  if (messages === undefined || messages === null) throw fieldError('messages', 'This field is required.')
  if (typeof messages === 'string' && messages !== '') return [{ role: 'user', content: messages }]
  if (!Array.isArray(messages) || messages.length === 0) {
    throw fieldError('messages', 'Expected a list of messages.')
  }
  return messages.map((message: unknown) => {
    const { role, content } = (message ?? {}) as Record<string, unknown>
    if (typeof role !== 'string' || content === undefined) {
      throw fieldError('messages', 'Every message needs a role and content.')
    }
    return { role, content }
  })
}

/**
 * One fact for each message of the user and the assistant, verbatim. When both a user and an agent are named, the service
 * splits the facts by speaker: what the assistant said belongs to the agent alone.
 */
function extract(messages: readonly Message[], owners: Owners): NewMemory[] {
  const split = owners.userId !== null && owners.agentId !== null
  return messages
    .filter(({ role }) => role === 'user' || role === 'assistant')
    .map((message) => {
      if (!split) return verbatim(message, owners)
      return verbatim(message, { ...owners, [message.role === 'assistant' ? 'userId' : 'agentId']: null })
    })
}

const verbatim = (message: Message, owners: Owners): NewMemory => ({
  text: textOf(message.content),
  ...owners,
})

/** The text of a message; for an image its URL, as there is no model to describe it. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  if (Array.isArray(content)) return content.map(textOf).join('\n')
  if (!isObject(content)) return ''
  const part = content as { text?: unknown; image_url?: { url?: unknown } }
  return String(part.text ?? part.image_url?.url ?? JSON.stringify(content))
}

const search: Handler = ({ body }, { store }) => {
  refuseTopLevelEntities(body)
  const query = requiredText(body, 'query')
  const topK = numberWithin(body, 'top_k', 1, 1000, 10)
  const threshold = numberWithin(body, 'threshold', 0, 1, 0.1)
  const metadata = optionalObject(body, 'metadata')
  const now = optionalMoment(body, 'reference_date') ?? new Date()
  const fields = optionalTexts(body, 'fields')
  const selected = select(store, body.filters)
  const rows = visible(metadata ? selected.filter(matcher({ metadata })) : selected, body, now)
  const results = rank(query, rows, now.getTime())
    .filter(({ score }) => score >= threshold)
    .slice(0, topK)
  return ok({ results: results.map((found) => pickFields(searchRow(found), fields)) })
}

const list: Handler = (request, { store }) => {
  const { body } = request
  refuseTopLevelEntities(body)
  const from = optionalDay(body, 'start_date')
  const to = optionalDay(body, 'end_date')
  const keywords = optionalText(body, 'keywords')?.toLowerCase()
  const fields = optionalTexts(body, 'fields')
  const rows = visible(select(store, body.filters), body, new Date()).filter((memory) => {
    const day = dayOf(memory.createdAt)
    return (
      (!from || day >= from) &&
      (!to || day <= to) &&
      (!keywords || memory.text.toLowerCase().includes(keywords))
    )
  })
  return ok(paginate(request, newestFirst(rows), (memory) => pickFields(listRow(memory), fields)))
}

/** Leaves out expired rows and, on request, superseded ones and those of other categories. */
function visible(rows: readonly Memory[], body: ApiRequest['body'], now: Date): Memory[] {
  const today = dayOf(now)
  const categories = optionalTexts(body, 'categories')
  return rows.filter(
    (memory) =>
      (body.show_expired === true || memory.expirationDate === null || memory.expirationDate >= today) &&
      (body.latest_only !== true || memory.replacedBy === null) &&
      (!categories || categories.some((category) => memory.categories.includes(category))),
  )
}

const dayOf = (moment: Date): string => moment.toISOString().slice(0, 10)

const newestFirst = (rows: Memory[]): Memory[] =>
  rows.reverse().sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime())

/** Deprecated, but still where a call for one memory ends up when its id is `.` or the like. */
const listByQuery: Handler = (request, { store }) => {
  const { query } = request
  const limit = Number(query.get('limit') ?? 100)
  if (!(limit <= 200)) throw plainError(400, 'limit must be <= 200')
  const entities = Object.fromEntries(DIMENSIONS.map((type) => [`${type}_id`, query.get(`${type}_id`)]))
  const named = Object.entries(entities).filter(([, name]) => name)
  if (named.length === 0) throw entityRequired()
  const rows = newestFirst(visible(select(store, Object.fromEntries(named)), {}, new Date()))
  if (query.has('page') && query.has('page_size')) return ok(paginate(request, rows, listRow))
  return ok(rows.slice(0, limit).map(listRow))
}

/**
 * When several entities are named only one takes effect, and the service does not document which. Here it is the one most
 * likely to be shared between users, so that relying on the combination fails a test.
 */
const deleteByEntity: Handler = ({ query }, { store, events, jobs, delays }) => {
  const type = (['run', 'app', 'agent', 'user'] as const).find((one) => query.get(`${one}_id`))
  if (!type) throw entityRequired()
  const filters = { [`${type}_id`]: query.get(`${type}_id`) }
  const event = events.start('DELETE_ALL', Object.fromEntries(query))
  jobs.after(delays.delete, () => {
    for (const memory of select(store, filters)) store.delete(memory)
    events.complete(event, [])
  })
  return ok({ message: 'Delete in progress. This may take some time.', event_id: event.id })
}

const entityRequired = (): ApiError =>
  new ApiError(400, ['One of the filters: app_id, user_id, agent_id, run_id is required!'])

export const memoryRoutes: Routes = {
  '/v3/memories/add/': { POST: add },
  '/v3/memories/search/': { POST: search },
  '/v3/memories/': { POST: list },
  '/v1/memories/': { GET: listByQuery, DELETE: deleteByEntity },
}
