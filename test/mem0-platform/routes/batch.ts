import { memoryNotFound, ok, plainError, fieldError } from '../responses.ts'
import { isObject } from '../filters.ts'
import { requireUuid } from '../request-fields.ts'
import type { ApiRequest, Handler, Routes } from '../router.ts'
import type { Memory, Store } from '../store.ts'
import { patchIn } from './single-memory.ts'

/** Many memories by id, all of them or none. The service asks for no user here either. */

const MAX_ITEMS = 1000

interface Item {
  readonly memory: Memory
  readonly body: Record<string, unknown>
}

function itemsIn(body: ApiRequest['body'], store: Store, verb: 'updated' | 'deleted'): Item[] {
  const { memories } = body
  if (!Array.isArray(memories)) throw fieldError('memories', 'This field is required.')
  if (memories.length === 0) throw fieldError('memories', 'This list may not be empty.')
  if (memories.length > MAX_ITEMS) {
    throw plainError(400, `Maximum of ${MAX_ITEMS} memories can be ${verb} in a single request`)
  }
  return memories.map((item: unknown) => {
    if (!isObject(item)) throw fieldError('memories', 'Expected a dictionary of items.')
    const memory = store.get(requireUuid(item.memory_id))
    if (!memory) throw memoryNotFound()
    return { memory, body: item }
  })
}

const update: Handler = ({ body }, { store }) => {
  const patches = itemsIn(body, store, 'updated').map((item) => ({ ...item, patch: patchIn(item.body) }))
  for (const { memory, patch } of patches) store.update(memory, patch)
  return ok({ message: `Successfully updated ${patches.length} memories` })
}

const remove: Handler = ({ body }, { store }) => {
  const items = itemsIn(body, store, 'deleted')
  for (const { memory } of items) store.delete(memory)
  return ok({ message: `Successfully deleted ${items.length} memories` })
}

export const batchRoutes: Routes = { '/v1/batch/': { PUT: update, DELETE: remove } }
