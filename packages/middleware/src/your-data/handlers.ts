import { InvalidArgumentError, type MemoryRecord, type ScopedMemory } from '@scoped-memory/core'
import { readCount, readJson } from './read-request.ts'
import { json, jsonFile, noContent } from './responses.ts'

const DEFAULT_PAGE_SIZE = 20
const MAX_PAGE_SIZE = 100
const MAX_SEARCH_RESULTS = 50

/** Responds to one route; `id` is what follows the path of the routes. */
export type Handler = (call: {
  request: Request
  url: URL
  memory: ScopedMemory
  id: string
}) => Promise<Response>

export const listOrSearch: Handler = async ({ request, url, memory }) => {
  const { signal } = request
  const query = url.searchParams.get('q')
  if (query) {
    const { results } = await memory.search(query, { topK: MAX_SEARCH_RESULTS, signal })
    return json({ results: results.map(publicFields), page: 1, pageSize: MAX_SEARCH_RESULTS, next: null })
  }
  const page = readCount(url, 'page', 1)
  const pageSize = Math.min(readCount(url, 'pageSize', DEFAULT_PAGE_SIZE), MAX_PAGE_SIZE)
  const first = (page - 1) * pageSize
  const results: object[] = []
  let index = 0
  let next: number | null = null
  for await (const record of memory.list({ signal })) {
    if (results.length === pageSize) {
      next = page + 1
      break
    }
    if (index++ >= first) results.push(publicFields(record))
  }
  return json({ results, page, pageSize, next })
}

export const exportAll: Handler = async ({ request, memory }) => {
  const exportedAt = new Date().toISOString()
  const entries = memory.exportAll({ signal: request.signal })
  // The first one before the response begins: until then the status can still say that it failed.
  let entry = await entries.next()
  async function* texts(): AsyncGenerator<string> {
    yield `{"exportedAt":${JSON.stringify(exportedAt)},"memories":[`
    for (let separator = ''; !entry.done; separator = ',', entry = await entries.next()) {
      yield `${separator}\n${JSON.stringify(entry.value)}`
    }
    yield '\n]}\n'
  }
  return jsonFile(`memories-${exportedAt.slice(0, 10)}.json`, texts(), request)
}

export const correct: Handler = async ({ request, memory, id }) => {
  const { text } = await readJson(request)
  if (typeof text !== 'string' || text.trim() === '') throw new InvalidArgumentError('Send { "text": "…" }.')
  await memory.update(id, text, { signal: request.signal })
  return noContent()
}

export const deleteOne: Handler = async ({ request, memory, id }) => {
  await memory.delete(id, { signal: request.signal })
  return noContent()
}

export const eraseAll: Handler = async ({ request, memory }) => {
  const { confirm } = await readJson(request)
  if (confirm !== true) throw new InvalidArgumentError('To erase everything, send { "confirm": true }.')
  return json(await memory.erase())
}

function publicFields({ id, memory, createdAt, updatedAt, categories, score }: MemoryRecord): object {
  return { id, memory, createdAt, updatedAt, categories, score }
}
