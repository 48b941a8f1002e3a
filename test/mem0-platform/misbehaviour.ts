import type { Answer } from './responses.ts'
import { PING } from './account.ts'
import type { Store } from './store.ts'
import { foundRow, historyRow, listedRow, singleRow, type WireRow } from './wire-rows.ts'

/** This answer in place of any work; a 429 says `Retry-After: 1` unless `headers` says otherwise. */
export interface ErrorStatus {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** What goes wrong with an answer. */
export type Fault =
  | ErrorStatus
  /** Never answers; the connection stays open until the platform closes. */
  | { readonly hang: true }
  /** Drops the connection without an answer. */
  | { readonly closeSocket: true }
  /** Does the work, then adds this user's rows to the answer; a single memory is replaced by one of theirs. */
  | { readonly foreignRowsOf: string }
  /** Does the work, then answers 200 with this text in place of the JSON. */
  | { readonly rubbish: string }
  /** Does the work and answers rightly, this many milliseconds later. */
  | { readonly delayMillis: number }
  /** Does the work, then leaves `user_id` out of every row. */
  | { readonly ownerless: true }

export interface Misbehaviour {
  /** Which requests; all of them, except the client's ping, when left out. A text must be the whole path. */
  readonly match?: { readonly method?: string; readonly path?: RegExp | string }
  /** How many matching requests; 1 by default, `Infinity` until the next `reset`. */
  readonly times?: number
  readonly with: Fault
}

/** The misbehaviours still owed, oldest first. */
export class Misbehaviours {
  #pending: { misbehaviour: Misbehaviour; left: number }[] = []

  add(misbehaviour: Misbehaviour): void {
    this.#pending.push({ misbehaviour, left: misbehaviour.times ?? 1 })
  }

  /** The fault for this request, counted as used. */
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

export function faultyAnswer(fault: ErrorStatus): Answer {
  const { status, headers } = fault
  if (status === 429) {
    const body = fault.body ?? { detail: 'Request was throttled. Expected available in 1 second.' }
    return { status, body, headers: { 'retry-after': '1', ...headers } }
  }
  return { status, body: fault.body ?? { error: `HTTP ${status}` }, ...(headers && { headers }) }
}

/** The answer with the rows of another user among its own. */
export function withForeignRows(answer: Answer, userId: string, store: Store, path: string): Answer {
  const foreign = store.ofUser(userId)
  if (path.endsWith('/history/')) {
    return mapBody(answer, (body) => [...(body as WireRow[]), ...store.historyOfUser(userId).map(historyRow)])
  }
  const render = path.endsWith('/search/')
    ? (memory: (typeof foreign)[number]) => foundRow({ memory, score: 0.99 })
    : listedRow
  return mapBody(answer, (body) => {
    if (Array.isArray(body)) return [...body, ...foreign.map(render)]
    const page = body as { results?: unknown; count?: number; memory?: unknown }
    if (Array.isArray(page.results)) return { ...page, results: [...page.results, ...foreign.map(render)] }
    return 'memory' in page && foreign[0] ? singleRow(foreign[0]) : body
  })
}

export const withoutOwners = (answer: Answer): Answer =>
  mapBody(answer, (body) => {
    if (Array.isArray(body)) return body.map(ownerless)
    const page = body as { results?: unknown }
    return Array.isArray(page.results) ? { ...page, results: page.results.map(ownerless) } : ownerless(body)
  })

function ownerless(row: unknown): unknown {
  const { user_id: _owner, ...rest } = row as WireRow
  return rest
}

const mapBody = (answer: Answer, map: (body: unknown) => unknown): Answer =>
  answer.status < 400 && typeof answer.body === 'object' && answer.body !== null
    ? { ...answer, body: map(answer.body) }
    : answer
