import type { ApiResponse } from './responses.ts'
import { PING } from './account.ts'
import type { Store } from './store.ts'
import { searchRow, historyRow, listRow, memoryRow, type WireRow } from './wire-rows.ts'

/** Responds with this status and does no work. A 429 has `Retry-After: 1` unless `headers` has another value. */
export interface ErrorStatus {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** What goes wrong with a request. */
export type Fault =
  | ErrorStatus
  /** Never responds; the connection stays open until the platform closes. */
  | { readonly hang: true }
  /** Drops the connection without a response. */
  | { readonly closeSocket: true }
  /** Does the work, then adds this user's rows to the response; a single memory is replaced by one of theirs. */
  | { readonly foreignRowsOf: string }
  /** Does the work, then responds with status 200 and this text in place of JSON. */
  | { readonly rubbish: string }
  /** Does the work and responds correctly, this many milliseconds later. */
  | { readonly delayMillis: number }
  /** Does the work, then removes `user_id` from every row. */
  | { readonly ownerless: true }

export interface Misbehaviour {
  /** Which requests. Default: all except the client's ping. A string matches the whole path. */
  readonly match?: { readonly method?: string; readonly path?: RegExp | string }
  /** How many matching requests. Default 1; `Infinity` lasts until the next `reset`. */
  readonly times?: number
  readonly with: Fault
}

/** The misbehaviours not used up yet, oldest first. */
export class Misbehaviours {
  #pending: { misbehaviour: Misbehaviour; left: number }[] = []

  add(misbehaviour: Misbehaviour): void {
    this.#pending.push({ misbehaviour, left: misbehaviour.times ?? 1 })
  }

  /** Takes the fault for this request, if there is one. */
  next(method: string, path: string): Fault | undefined {
    const due = this.#pending.find(({ misbehaviour }) => matches(misbehaviour, method, path))
    if (!due) return undefined
    due.left--
    if (due.left <= 0) this.#pending.splice(this.#pending.indexOf(due), 1)
    return due.misbehaviour.with
  }

  clear(): void {
    this.#pending = []
  }
}

function matches({ match }: Misbehaviour, method: string, path: string): boolean {
  if (match?.method !== undefined && match.method.toUpperCase() !== method) return false
  if (match?.path === undefined) return path !== PING
  return typeof match.path === 'string' ? match.path === path : path.search(match.path) >= 0
}

export function faultResponse(fault: ErrorStatus): ApiResponse {
  const { status, headers } = fault
  if (status === 429) {
    const body = fault.body ?? { detail: 'Request was throttled. Expected available in 1 second.' }
    return { status, body, headers: { 'retry-after': '1', ...headers } }
  }
  return { status, body: fault.body ?? { error: `HTTP ${status}` }, ...(headers && { headers }) }
}

/** The response with the rows of another user among its own. */
export function withForeignRows(
  response: ApiResponse,
  userId: string,
  store: Store,
  path: string,
): ApiResponse {
  const foreign = store.ofUser(userId)
  if (path.endsWith('/history/')) {
    return mapBody(response, (body) => [
      ...(body as WireRow[]),
      ...store.historyOfUser(userId).map(historyRow),
    ])
  }
  const render = path.endsWith('/search/')
    ? (memory: (typeof foreign)[number]) => searchRow({ memory, score: 0.99 })
    : listRow
  return mapBody(response, (body) => {
    if (Array.isArray(body)) return [...body, ...foreign.map(render)]
    const page = body as { results?: unknown; count?: number; memory?: unknown }
    if (Array.isArray(page.results)) return { ...page, results: [...page.results, ...foreign.map(render)] }
    return 'memory' in page && foreign[0] ? memoryRow(foreign[0]) : body
  })
}

export const withoutOwners = (response: ApiResponse): ApiResponse =>
  mapBody(response, (body) => {
    if (Array.isArray(body)) return body.map(ownerless)
    const page = body as { results?: unknown }
    return Array.isArray(page.results) ? { ...page, results: page.results.map(ownerless) } : ownerless(body)
  })

function ownerless(row: unknown): unknown {
  const { user_id: _owner, ...rest } = row as WireRow
  return rest
}

const mapBody = (response: ApiResponse, map: (body: unknown) => unknown): ApiResponse =>
  response.status < 400 && typeof response.body === 'object' && response.body !== null
    ? { ...response, body: map(response.body) }
    : response
