import { randomUUID } from 'node:crypto'
import { created, ok, ApiError, plainError } from '../responses.ts'
import { entitiesIn, isObject, select } from '../filters.ts'
import type { Handler, Routes } from '../router.ts'
import { fillSchema } from '../fill-schema.ts'

const create: Handler = ({ body }, { store, exports }) => {
  const { schema, filters } = body
  if (!isObject(schema)) throw new ApiError(400, { message: 'Schema is required and must be a valid object' })
  if (!isObject(filters) || Object.keys(filters).length === 0) {
    throw plainError(
      400,
      'One of the filters: app_id, user_id, agent_id, run_id, memory_export_id is required!',
    )
  }
  if (!('AND' in filters || 'OR' in filters))
    throw plainError(400, 'The filters must be an AND or an OR of filters.')
  const id = randomUUID()
  exports.push({ id, filters, data: fillSchema(schema, select(store, filters)) })
  return created({
    message: 'Memory export request received. The export will be ready in a few seconds.',
    id,
  })
}

/** The id alone decides; filters beside it are not compared with those of the export. */
const read: Handler = ({ body }, { exports }) => {
  const { memory_export_id: id, filters } = body
  if (!id && !(isObject(filters) && entitiesIn(filters).length > 0)) {
    throw new ApiError(400, {
      message: 'One of the filters: app_id, user_id, agent_id, run_id is required!',
    })
  }
  const wanted = isObject(filters) ? entitiesIn(filters).join() : ''
  const found = exports.findLast((one) => (id ? one.id === id : entitiesIn(one.filters).join() === wanted))
  if (!found) throw plainError(404, 'No memory export request found')
  return ok(found.data)
}

export const exportRoutes: Routes = {
  '/v1/exports/': { POST: create },
  '/v1/exports/get/': { POST: read },
}
