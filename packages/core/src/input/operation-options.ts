import { InvalidArgumentError, ScopeEscapeError } from '../errors.ts'
import type { EngineName } from '../types.ts'
import { isIdentityMetadata, namesTenant, namesUser, normalizeKey } from './scope.ts'
import {
  isList,
  isObject,
  kindOf,
  snapshot,
  snapshotObject,
  type Plain,
  type PlainObject,
} from './snapshot.ts'

const SIGNAL = 'signal'

/** A kind of value: what an error says it is, and which values it accepts. */
interface Kind {
  readonly expects: string
  readonly accepts: (value: Plain) => boolean
}

const text: Kind = { expects: 'a string', accepts: (value) => typeof value === 'string' }
const flag: Kind = { expects: 'true or false', accepts: (value) => typeof value === 'boolean' }
const count: Kind = {
  expects: 'a whole number of at least 1',
  accepts: (value) => Number.isSafeInteger(value) && (value as number) >= 1,
}
const number: Kind = { expects: 'a number', accepts: (value) => typeof value === 'number' }
const share: Kind = {
  expects: 'a number from 0 to 1',
  accepts: (value) => typeof value === 'number' && value >= 0 && value <= 1,
}
const texts: Kind = {
  expects: 'a list of strings',
  accepts: (value) => isList(value) && value.every((item) => typeof item === 'string'),
}
const data: Kind = { expects: 'an object literal', accepts: isObject }
const dataOrNull: Kind = {
  expects: 'an object literal or null',
  accepts: (value) => value === null || isObject(value),
}
const categories: Kind = {
  expects: 'a list of { name: description } objects',
  accepts: (value) => isList(value) && value.every(isObject),
}
const moment: Kind = {
  expects: 'a date as a string, or a Unix time in seconds',
  accepts: (value) => typeof value === 'string' || typeof value === 'number',
}
const day: Kind = {
  expects: 'a date as "YYYY-MM-DD", or null for none',
  accepts: (value) => value === null || typeof value === 'string',
}
const textOrNull: Kind = {
  expects: 'a string or null',
  accepts: (value) => value === null || typeof value === 'string',
}
const rating: Kind = {
  expects: '"POSITIVE", "NEGATIVE", "VERY_NEGATIVE" or null',
  accepts: (value) => value === null || ['POSITIVE', 'NEGATIVE', 'VERY_NEGATIVE'].includes(value as string),
}

type OptionTable = Readonly<Record<string, Readonly<Record<EngineName, Readonly<Record<string, Kind>>>>>>

// `filters` is read by filters.ts; here it only has to be an object.
const HOSTED_LIST = {
  filters: data,
  startDate: text,
  endDate: text,
  latestOnly: flag,
  categories: texts,
  showExpired: flag,
  fields: texts,
  keywords: text,
  pageSize: count,
}
const SELF_HOSTED_LIST = { filters: data, showExpired: flag }
const BATCH_PATCH = { memoryId: text, text }
const FEEDBACK = { memoryId: text, feedback: rating, feedbackReason: textOrNull }
const NONE = { hosted: {}, 'self-hosted': {} }
const DIMENSION_OPTIONS = { agentId: text, appId: text, runId: text }

/**
 * What each operation accepts, by engine: mem0's own options (camelCase) and `wait`. An option that mem0 gains is closed
 * until it is opened here on purpose.
 */
export const OPTIONS = {
  add: {
    hosted: {
      ...DIMENSION_OPTIONS,
      metadata: data,
      infer: flag,
      wait: flag,
      customCategories: categories,
      customInstructions: text,
      agentCustomInstructions: text,
      timestamp: number,
      expirationDate: day,
      structuredDataSchema: dataOrNull,
      immutable: flag,
      includes: text,
      excludes: text,
      timezone: text,
      enableGraph: flag,
      asyncMode: flag,
      outputFormat: text,
      temporalReasoning: flag,
      observationDatetime: moment,
      observationDate: text,
    },
    'self-hosted': { ...DIMENSION_OPTIONS, metadata: data, infer: flag, wait: flag, expirationDate: day },
  },
  search: {
    hosted: {
      filters: data,
      metadata: data,
      topK: count,
      threshold: share,
      rerank: flag,
      latestOnly: flag,
      fields: texts,
      categories: texts,
      showExpired: flag,
      referenceDate: moment,
      keywordSearch: flag,
      explain: flag,
      source: text,
    },
    'self-hosted': {
      filters: data,
      topK: count,
      threshold: share,
      rerank: flag,
      explain: flag,
      showExpired: flag,
    },
  },
  getAll: {
    hosted: { ...HOSTED_LIST, page: count },
    'self-hosted': { ...SELF_HOSTED_LIST, topK: count },
  },
  list: { hosted: HOSTED_LIST, 'self-hosted': SELF_HOSTED_LIST },
  get: NONE,
  history: NONE,
  update: NONE,
  delete: { hosted: { deleteLinked: flag }, 'self-hosted': {} },
  deleteAll: NONE,
  feedback: NONE,
  batchUpdate: NONE,
  batchDelete: NONE,
  erase: { hosted: { timeoutMs: count }, 'self-hosted': { timeoutMs: count } },
  exportAll: NONE,
} as const satisfies OptionTable

/** What the operations that write take as data, in the same way. */
export const DATA = {
  update: {
    hosted: { text, metadata: data, timestamp: moment, expirationDate: day },
    'self-hosted': { text, metadata: data, expirationDate: day },
  },
  batchUpdate: { hosted: BATCH_PATCH, 'self-hosted': BATCH_PATCH },
  feedback: { hosted: FEEDBACK, 'self-hosted': FEEDBACK },
} as const satisfies OptionTable

/** An operation that takes options. */
export type Operation = keyof typeof OPTIONS

/**
 * Copies options once and lets through what the operation takes on this engine.
 *
 * @param value the caller's options; absent counts as none. Its `signal` is left out: see {@link signalOf}.
 * @throws ScopeEscapeError for an option that names a user, an organisation or a project, in any spelling.
 * @throws InvalidArgumentError for an unknown option or a value of the wrong kind.
 */
export function readOptions(operation: Operation, engine: EngineName, value: unknown): PlainObject {
  return read(OPTIONS, operation, engine, value, `${operation}() options`, SIGNAL)
}

/** The same for what an operation writes. @throws ScopeEscapeError, InvalidArgumentError as {@link readOptions} */
export function readData(operation: keyof typeof DATA, engine: EngineName, value: unknown): PlainObject {
  return read(DATA, operation, engine, value, `${operation}() input`)
}

function read(
  table: OptionTable,
  operation: string,
  engine: EngineName,
  value: unknown,
  label: string,
  except?: string,
): PlainObject {
  const { [engine]: allowed, [otherEngine(engine)]: allowedElsewhere } = table[operation]!
  const options = snapshotObject(value, label, except)
  for (const [key, option] of Object.entries(options)) {
    if (!Object.hasOwn(allowed, key)) {
      const names = except === undefined ? Object.keys(allowed) : [...Object.keys(allowed), except]
      throw refusal(operation, key, names, Object.hasOwn(allowedElsewhere, key) ? engine : undefined)
    }
    const kind = allowed[key]!
    if (!kind.accepts(option)) {
      throw new InvalidArgumentError(`${label}: ${key} must be ${kind.expects}, not ${kindOf(option)}.`)
    }
  }
  return isObject(options['metadata']) && operation !== 'search'
    ? { ...options, metadata: withoutIdentity(options['metadata']) }
    : options
}

/** The `signal` among the caller's options: the one option that is not data. */
export function signalOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, SIGNAL)
    ? (value as { [SIGNAL]: unknown })[SIGNAL]
    : undefined
}

/** Reads a search query. @throws InvalidArgumentError for anything but a string that is not blank */
export function readQuery(value: unknown): string {
  if (typeof value !== 'string' || value.trim() === '') {
    throw new InvalidArgumentError(
      `search() needs a query: a string that is not blank, not ${typeof value === 'string' ? 'a blank one' : kindOf(value)}.`,
    )
  }
  return snapshot(value, 'search() query') as string
}

// mem0 before 3.1.4 read an owner from metadata. On a record these keys could only be wrong.
function withoutIdentity(metadata: PlainObject): PlainObject {
  return Object.fromEntries(Object.entries(metadata).filter(([key]) => !isIdentityMetadata(key)))
}

function otherEngine(engine: EngineName): EngineName {
  return engine === 'hosted' ? 'self-hosted' : 'hosted'
}

function refusal(operation: string, key: string, allowed: readonly string[], missingOn?: EngineName): Error {
  const shown = JSON.stringify(key.slice(0, 64))
  if (namesUser(key)) {
    return new ScopeEscapeError(
      `${operation}() does not take ${shown}: this handle is bound to its user. Remove it; for another user make another handle.`,
    )
  }
  if (namesTenant(key)) {
    return new ScopeEscapeError(
      `${operation}() does not take ${shown}: the organisation and project are those of the client. Make another client for another project.`,
    )
  }
  const meant = allowed.find((name) => normalizeKey(name) === normalizeKey(key))
  return new InvalidArgumentError(
    `${operation}() does not take ${shown}${missingOn === undefined ? '' : ` on a ${missingOn} back end`}. ` +
      (meant === undefined ? `It takes ${allowed.join(', ')}.` : `Write ${meant}.`),
  )
}
