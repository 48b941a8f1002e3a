/** Which of mem0's two clients a back end speaks like. */
export type EngineName = 'hosted' | 'self-hosted'

/**
 * One memory as the back end returned it, with its identity in camelCase whichever back end it was.
 *
 * `score` is 0 to 1, in search results only. Dates are ISO 8601 strings.
 */
export interface MemoryRecord {
  id: string
  memory?: string
  userId?: string
  agentId?: string | null
  appId?: string | null
  runId?: string | null
  metadata?: Record<string, unknown> | null
  categories?: string[] | null
  score?: number
  hash?: string
  createdAt?: string
  updatedAt?: string | null
  expirationDate?: string | null
  [key: string]: unknown
}

/**
 * A record of plain data that a caller attaches to a memory: strings, finite numbers, booleans, null, dates, lists and
 * records of them. Keys are kept as they are.
 */
export interface Metadata {
  // With any other type, an object whose type is an interface could not be passed.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly [key: string]: any
  /** Not a list. */
  readonly [Symbol.iterator]?: never
}

/** What a filter compares a field with. A Date stands for its ISO string. */
export type FilterValue = string | number | boolean | null | Date

/** The operators on one field; all of them hold. */
export interface FilterOperators {
  readonly eq?: FilterValue | undefined
  readonly ne?: FilterValue | undefined
  readonly in?: readonly FilterValue[] | undefined
  readonly nin?: readonly FilterValue[] | undefined
  readonly gt?: FilterValue | undefined
  readonly gte?: FilterValue | undefined
  readonly lt?: FilterValue | undefined
  readonly lte?: FilterValue | undefined
  /** The text occurs in the field, in this case. */
  readonly contains?: string | undefined
  /** The text occurs in the field, in any case. */
  readonly icontains?: string | undefined
}

/** A condition on one field: a value it equals, a list that holds its value, or operators. */
export type FilterCondition = FilterValue | readonly FilterValue[] | FilterOperators

/**
 * A filter: conditions on fields, which all hold, and `AND`, `OR` and `NOT` of other filters. It narrows what is found
 * and never widens it beyond the user.
 *
 * Field names are mem0's, in snake_case. Any other name is a key of the metadata on a self-hosted back end; write
 * `satisfies Record<string, FilterCondition>` behind conditions on such keys to have the compiler check them. The back
 * ends differ:
 *
 * - Hosted: `AND`, `OR` and `NOT` nest. Metadata is filtered under `metadata`.
 * - `openPostgresMemory` and `openEmbeddedMemory`: `AND`, `OR` and `NOT` nest. A field that is missing is null: `ne`, `nin`
 *   and `NOT` hold for it. 5 and "5" are equal; numbers and texts that are numbers compare as numbers, other texts by code
 *   point. `agent_id` and `run_id` take a string.
 * - mem0's own stores, self-hosted: `OR` and `NOT` stand at the top, one `OR` at most, and hold fields only. `agent_id` and
 *   `run_id` take a string.
 */
export interface MemoryFilter {
  readonly AND?: MemoryFilter | readonly MemoryFilter[] | undefined
  readonly OR?: readonly MemoryFilter[] | undefined
  readonly NOT?: MemoryFilter | readonly MemoryFilter[] | undefined
  /** The handle's own user may be repeated, at the top and under `AND`. */
  readonly user_id?: string | { readonly eq: string } | { readonly in: readonly string[] } | undefined
  readonly agent_id?: FilterCondition | undefined
  readonly app_id?: FilterCondition | undefined
  readonly run_id?: FilterCondition | undefined
  readonly created_at?: FilterCondition | undefined
  readonly updated_at?: FilterCondition | undefined
  readonly categories?: FilterCondition | undefined
  /** Hosted. Keys of the metadata with the values they have. */
  readonly metadata?: FilterCondition | Metadata | undefined
  // With any other type, an object whose type is an interface could not be passed.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly [field: string]: any
  /** Not a list. */
  readonly [Symbol.iterator]?: never
}

/**
 * One message of a conversation, as the SDKs of OpenAI and Anthropic and the AI SDK hand it out: `content` is text or a
 * list of parts, or the parts are in `parts`. Of the parts, text and mem0's multimodal ones are sent. What else a message
 * has is not sent, and refused where it says whose the message is: the hosted API files a named participant's under that
 * name. What OpenAI's Responses lists beside messages, such as calls of a tool, is left out.
 */
export type MemoryMessage =
  | {
      readonly role: string
      readonly content?: string | object | null | undefined
      readonly parts?: readonly object[] | undefined
    }
  | { readonly type?: string | null; readonly role?: undefined }

/** Taken by every operation. */
export interface CallOptions {
  /**
   * Stops waiting when it aborts; the call rejects with its reason. What was sent may arrive all the same: mem0's
   * clients cannot take a request back.
   */
  readonly signal?: AbortSignal | undefined
}

/** Options of `add`. Those marked hosted are refused by a self-hosted back end. */
export interface AddOptions extends CallOptions {
  /** False stores each message as it is; default true: a language model extracts facts. */
  readonly infer?: boolean | undefined
  /**
   * Waits until what is added is stored. The hosted API may do that after its answer (`PENDING`): it is then asked until
   * it is done, at most for the handle's `timeoutMs`. Default false.
   */
  readonly wait?: boolean | undefined
  readonly metadata?: Metadata | undefined
  /**
   * Hosted: only with `infer: false`, because the API files what it infers from an agent's messages under the agent
   * alone, outside the user.
   */
  readonly agentId?: string | undefined
  readonly appId?: string | undefined
  readonly runId?: string | undefined
  /** `YYYY-MM-DD`, the last day on which the memory is found; null for no end. */
  readonly expirationDate?: string | null | undefined
  /** Hosted. Unix time in seconds. */
  readonly timestamp?: number | undefined
  /** Hosted. */
  readonly customCategories?: readonly object[] | undefined
  /** Hosted. */
  readonly customInstructions?: string | undefined
  /** Hosted. */
  readonly agentCustomInstructions?: string | undefined
  /** Hosted. */
  readonly structuredDataSchema?: Metadata | null | undefined
  /** Hosted. */
  readonly immutable?: boolean | undefined
  /** Hosted. */
  readonly includes?: string | undefined
  /** Hosted. */
  readonly excludes?: string | undefined
  /** Hosted. An IANA time zone. */
  readonly timezone?: string | undefined
  /** Hosted. */
  readonly enableGraph?: boolean | undefined
  /** Hosted. */
  readonly asyncMode?: boolean | undefined
  /** Hosted. */
  readonly outputFormat?: string | undefined
  /** Hosted. */
  readonly temporalReasoning?: boolean | undefined
  /** Hosted. */
  readonly observationDatetime?: string | number | Date | undefined
  /** Hosted. */
  readonly observationDate?: string | undefined
}

/** Options of `search`. Those marked hosted are refused by a self-hosted back end. */
export interface SearchOptions extends CallOptions {
  readonly filters?: MemoryFilter | undefined
  /** How many records at most, at least 1. mem0's default: 10 hosted, 20 self-hosted. */
  readonly topK?: number | undefined
  /** The least score, 0 to 1. mem0's default: 0.1. */
  readonly threshold?: number | undefined
  readonly rerank?: boolean | undefined
  readonly showExpired?: boolean | undefined
  readonly explain?: boolean | undefined
  /** Hosted. */
  readonly metadata?: Metadata | undefined
  /** Hosted. */
  readonly latestOnly?: boolean | undefined
  /** Hosted. */
  readonly fields?: readonly string[] | undefined
  /** Hosted. */
  readonly categories?: readonly string[] | undefined
  /** Hosted. A date, or a Unix time in seconds. */
  readonly referenceDate?: string | number | Date | undefined
  /** Hosted. */
  readonly keywordSearch?: boolean | undefined
  /** Hosted. */
  readonly source?: string | undefined
}

/** Options of `list`. Those marked hosted are refused by a self-hosted back end. */
export interface ListOptions extends CallOptions {
  readonly filters?: MemoryFilter | undefined
  readonly showExpired?: boolean | undefined
  /** Hosted. How many records one request brings. */
  readonly pageSize?: number | undefined
  /** Hosted. `YYYY-MM-DD`. */
  readonly startDate?: string | undefined
  /** Hosted. `YYYY-MM-DD`. */
  readonly endDate?: string | undefined
  /** Hosted. */
  readonly latestOnly?: boolean | undefined
  /** Hosted. */
  readonly categories?: readonly string[] | undefined
  /** Hosted. */
  readonly fields?: readonly string[] | undefined
  /** Hosted. */
  readonly keywords?: string | undefined
}

/** Options of `getAll`. */
export interface GetAllOptions extends ListOptions {
  /** Hosted. Counted from 1. */
  readonly page?: number | undefined
  /** Self-hosted. How many records at most; mem0's default: 20. */
  readonly topK?: number | undefined
}

/** What `update` changes; at least one of them. */
export interface MemoryPatch {
  readonly text?: string | undefined
  readonly metadata?: Metadata | undefined
  /** `YYYY-MM-DD`; null takes the end away. */
  readonly expirationDate?: string | null | undefined
  /** Hosted. */
  readonly timestamp?: string | number | Date | undefined
}

/** One change of `batchUpdate`. */
export interface MemoryBatchPatch {
  readonly memoryId: string
  readonly text: string
}

/** Options of `delete`. */
export interface DeleteOptions extends CallOptions {
  /** Hosted. Also deletes the older memories this one replaced. */
  readonly deleteLinked?: boolean | undefined
}

/** What `feedback` takes. */
export interface MemoryFeedback {
  readonly memoryId: string
  /** mem0's `Feedback` enum, or its values as strings. */
  readonly feedback?: 'POSITIVE' | 'NEGATIVE' | 'VERY_NEGATIVE' | (string & {}) | null | undefined
  readonly feedbackReason?: string | null | undefined
}

/** Options of `erase`. */
export interface EraseOptions extends CallOptions {
  /** How long to wait until nothing is left, in milliseconds. Default: the handle's `timeoutMs`. */
  readonly timeoutMs?: number | undefined
}

/** What `add` resolves to. */
export interface AddResult {
  /** What was stored; empty while the back end works on it. */
  results: MemoryRecord[]
  /** Hosted: `PENDING` while facts are extracted. */
  status?: string
  /** Hosted: the event to follow a pending add by. */
  eventId?: string
  message?: string
}

/** What `search` resolves to, best match first. */
export interface SearchResult {
  results: MemoryRecord[]
}

/** What `getAll` resolves to. */
export interface MemoryPage {
  results: MemoryRecord[]
  /** Hosted: how many there are on all pages. */
  count?: number
  /** Hosted: the next page, or null. */
  next?: string | null
  /** Hosted: the page before, or null. */
  previous?: string | null
}

/** One change of a memory, as the back end kept it: the two back ends have different names for the same. */
export interface HistoryEntry {
  /** Of the entry, not of the memory. Hosted a UUID; self-hosted a number, in some history stores a UUID. */
  id: string | number
  /** Hosted. The memory that changed. */
  memoryId?: string
  /** Hosted. Its text before; null for one that was added. */
  oldMemory?: string | null
  /** Hosted. Its text afterwards; null for one that was deleted. */
  newMemory?: string | null
  /** Hosted. */
  event?: 'ADD' | 'UPDATE' | 'DELETE' | (string & {})
  /** Hosted. The messages that led to the change. */
  input?: readonly { readonly role: string; readonly content: unknown }[] | null
  /** Hosted. */
  userId?: string
  /** Hosted. */
  agentId?: string | null
  /** Hosted. */
  appId?: string | null
  /** Hosted. */
  runId?: string | null
  /** Hosted. */
  categories?: string[] | null
  /** Hosted. */
  metadata?: Record<string, unknown> | null
  /** Hosted. ISO 8601. */
  createdAt?: string
  /** Hosted. ISO 8601. */
  updatedAt?: string | null
  /** Self-hosted. The memory that changed. */
  memory_id?: string
  /** Self-hosted. Its text before; null for one that was added. */
  previous_value?: string | null
  /** Self-hosted. Its text afterwards; null for one that was deleted. */
  new_value?: string | null
  /** Self-hosted. */
  action?: 'ADD' | 'UPDATE' | 'DELETE' | (string & {})
  /** Self-hosted. ISO 8601, when the memory was added. */
  created_at?: string | null
  /** Self-hosted. ISO 8601, when it was changed; null for one that was added. */
  updated_at?: string | null
  /** Self-hosted. 1 where the change is a deletion, else 0. */
  is_deleted?: number
  [key: string]: unknown
}

/** What a deletion resolves to, in mem0's words. */
export interface Acknowledgement {
  message: string
  [key: string]: unknown
}

/** Proof that a user's memories are gone. */
export interface EraseReceipt {
  userId: string
  /** How many memories were deleted. */
  deleted: number
  /** When the back end was seen to show nothing, ISO 8601. */
  verifiedAt: string
  /** What the back end keeps all the same, in words. */
  retained: readonly string[]
}

/** One memory with everything that is kept about it. */
export interface ExportedMemory {
  memory: MemoryRecord
  history: HistoryEntry[]
}
