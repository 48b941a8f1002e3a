import { ApiError } from './responses.ts'
import type { ApiRequest } from './router.ts'

export interface Page<T> {
  readonly count: number
  readonly next: string | null
  readonly previous: string | null
  readonly results: T[]
}

export interface PageSize {
  readonly default: number
  readonly max: number
}

const DEFAULT_SIZE: PageSize = { default: 100, max: 200 }

/** One page of `all`; only its rows are rendered. Page and size come from the query string, or else from the body. */
export function paginate<T, R>(
  request: ApiRequest,
  all: readonly T[],
  render: (row: T) => R,
  size: PageSize = DEFAULT_SIZE,
): Page<R> {
  const read = (name: string): unknown => request.query.get(name) ?? request.body[name]
  const pageSize = Math.min(positiveInteger(read('page_size')) ?? size.default, size.max)
  const page = read('page') === undefined ? 1 : positiveInteger(read('page'))
  const pages = Math.max(1, Math.ceil(all.length / pageSize))
  if (page === undefined || page > pages) throw new ApiError(404, { detail: 'Invalid page.' })
  const link = (number: number): string => {
    const query = new URLSearchParams(request.query)
    if (number === 1) query.delete('page')
    else query.set('page', String(number))
    return `${request.location}${query.size > 0 ? `?${query}` : ''}`
  }
  return {
    count: all.length,
    next: page < pages ? link(page + 1) : null,
    previous: page > 1 ? link(page - 1) : null,
    results: all.slice((page - 1) * pageSize, page * pageSize).map(render),
  }
}

function positiveInteger(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number) && number > 0 ? number : undefined
}
