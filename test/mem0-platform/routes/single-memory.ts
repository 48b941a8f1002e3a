import { memoryNotFound, ok, plainError } from '../responses.ts'
import { optionalDay, optionalMoment, optionalObject, optionalText, requireUuid } from '../request-fields.ts'
import type { ApiRequest, Handler, Routes } from '../router.ts'
import type { Memory, MemoryPatch, Store } from '../store.ts'
import { historyRow, memoryRow } from '../wire-rows.ts'

/** Single memories by id. The service asks for no user here: a key of the project reaches every memory. */

function memoryOf({ params }: ApiRequest, store: Store): Memory {
  const memory = store.get(requireUuid(params.memoryId))
  if (!memory) throw memoryNotFound()
  return memory
}

const get: Handler = (request, { store }) => ok(memoryRow(memoryOf(request, store)))

const update: Handler = (request, { store }) => {
  const memory = memoryOf(request, store)
  const patch = patchIn(request.body)
  if (Object.keys(patch).length === 0) {
    throw plainError(400, 'Nothing to update: give text, metadata, timestamp or expiration_date.')
  }
  store.update(memory, patch)
  return ok(memoryRow(memory))
}

export function patchIn(body: ApiRequest['body']): MemoryPatch {
  const text = optionalText(body, 'text')
  const metadata = optionalObject(body, 'metadata')
  const createdAt = optionalMoment(body, 'timestamp')
  const expirationDate = optionalDay(body, 'expiration_date')
  return {
    ...(text !== undefined && { text }),
    ...(metadata !== undefined && { metadata }),
    ...(createdAt !== undefined && { createdAt }),
    ...(expirationDate !== undefined && { expirationDate }),
  }
}

const remove: Handler = (request, { store }) => {
  const memory = memoryOf(request, store)
  const linked = request.query.get('delete_linked') === 'true' ? store.supersededBy(memory) : undefined
  store.delete(memory)
  for (const older of linked ?? []) store.delete(older)
  return ok({ message: 'Memory deleted successfully!', ...(linked && { cascade_count: linked.length }) })
}

/** Also works for a deleted memory, whose history stays. */
const history: Handler = ({ params }, { store }) =>
  ok(store.history(requireUuid(params.memoryId)).map(historyRow))

export const singleMemoryRoutes: Routes = {
  '/v1/memories/:memoryId/': { GET: get, PUT: update, DELETE: remove },
  '/v1/memories/:memoryId/history/': { GET: history },
}
