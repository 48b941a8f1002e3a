import {
  createMemoryFactory,
  InvalidArgumentError,
  InvalidUserIdError,
  type ScopedMemory,
  type ScopedMemoryOptions,
} from '@scoped-memory/core'
import { errorOf } from './errors.ts'
import { bind, nobody, type Binding, type Isolation } from './request-binding.ts'
import { warnOnce } from './warnings.ts'

/** What a `userId` resolver answers: the verified id, or nothing when nobody is signed in. */
export type ResolvedUserId = string | null | undefined

/**
 * Options of every adapter; those of core (`client`, `scope`, `storageId`, …) among them, with the same meaning.
 * `Request` is what the framework hands to a handler: req, ctx, request or c.
 */
export interface MemoryOptions<Request, Optional extends boolean = boolean> extends ScopedMemoryOptions {
  /**
   * The id of the user who is signed in, from what the login verified: a session, a checked token. Never from the body,
   * the query, a header or a cookie as they came, which anybody can write. Asked once per request, before the handler.
   * `@scoped-memory/middleware/identity` has it for common libraries. What it throws is an error answer and never lets the
   * handler run: an Error reaches the framework's error path as it is; what is not one, or what a framework could not
   * answer (a status that is not an error's, headers that cannot be sent, a frozen object), is the cause of a
   * MemoryMiddlewareError `NOT_AN_ERROR` there, and an InvalidUserIdError that of a 401.
   */
  readonly userId: (request: Request) => ResolvedUserId | Promise<ResolvedUserId>
  /**
   * Whether a request without a user may pass, without a memory. Default false: it is answered with 401. Anything but
   * a valid user id counts as no user.
   */
  readonly optional?: Optional | undefined
  /**
   * The `cache-control` of the answers to signed-in users that set none themselves. Default `private, no-store`, so
   * that no cache gives one user's answer to another; false leaves answers as they are.
   */
  readonly cacheControl?: string | false | undefined
}

/** What handlers get: with `optional: true` there may be none. */
export type MemoryFor<Optional extends boolean> = true extends Optional
  ? ScopedMemory | undefined
  : ScopedMemory

/** Options, checked once, and what they do to a request. */
export interface Resolver<Request> {
  /** Finds out who asks and binds the request to that user, once and for all. */
  readonly resolve: (request: Request) => Promise<Binding>
  /** The `cache-control` for a bound request; undefined where it is left alone. */
  readonly cacheControlOf: (binding: Binding) => string | undefined
}

const DEFAULT_CACHE_CONTROL = 'private, no-store'
const HEADER_VALUE = /^[\x20-\x7e]+$/
// Every option, by the types of both packages: one that is missing here does not compile.
const OPTION_NAMES: Readonly<Record<keyof MemoryOptions<never>, true>> = {
  userId: true,
  optional: true,
  cacheControl: true,
  client: true,
  scope: true,
  onForeignRecord: true,
  strictOwnership: true,
  ownershipCacheSize: true,
  storageId: true,
  timeoutMs: true,
}

/**
 * Checks the options of an adapter and returns what it does per request.
 *
 * @throws InvalidArgumentError for an option that is missing, unknown or wrong; what createMemoryFactory() of core throws
 */
export function createResolver<Request extends object>(options: MemoryOptions<Request>): Resolver<Request> {
  try {
    return resolverOf(checked(options))
  } catch (thrown) {
    throw errorOf(thrown)
  }
}

function resolverOf<Request extends object>({
  userId,
  optional,
  cacheControl,
  memory,
}: Checked<Request>): Resolver<Request> {
  const memoryFor = createMemoryFactory(memory)
  const isolation = isolationOf(memory)
  const noId = new InvalidUserIdError(
    'userId() returned undefined or null. Mount the login before scopedMemory(); for routes that work without a user pass optional: true.',
  )

  const memoryOf = (id: unknown): ScopedMemory | undefined => {
    if (id === undefined || id === null) {
      if (optional) return undefined
      throw noId
    }
    try {
      return memoryFor(id as string)
    } catch (error) {
      if (!(error instanceof InvalidUserIdError)) throw error
      // What a login leaves for an anonymous visitor is no mistake.
      if (id !== '' && id !== false)
        warnOnce('SCOPED_MEMORY_USER_ID', `userId() did not return a user id. ${error.message}`)
      if (optional) return undefined
      throw error
    }
  }

  return {
    async resolve(request) {
      try {
        return bind(request, memoryOf(await userId(request)), isolation)
      } catch (thrown) {
        const error = errorOf(thrown)
        // What it says is for the programmer, also where userId() itself asked core.
        throw error instanceof InvalidUserIdError ? nobody(error) : error
      }
    },
    cacheControlOf: (binding) => (binding.memory === undefined ? undefined : cacheControl),
  }
}

function isolationOf({
  client,
  scope,
  strictOwnership = false,
  onForeignRecord = 'throw',
}: ScopedMemoryOptions): Isolation {
  const { agentId, appId, runId } = scope ?? {}
  const options = JSON.stringify([agentId, appId, runId, strictOwnership, onForeignRecord])
  return { client, options }
}

interface Checked<Request> {
  readonly userId: (request: Request) => unknown
  readonly optional: boolean
  readonly cacheControl: string | undefined
  readonly memory: ScopedMemoryOptions
}

function checked<Request>(options: MemoryOptions<Request>): Checked<Request> {
  if (typeof options !== 'object' || options === null) throw noUserId()
  const unknown = Object.keys(options).find((key) => !Object.hasOwn(OPTION_NAMES, key))
  // A copy without a prototype: what every object inherits is no option.
  const {
    userId,
    optional = false,
    cacheControl = DEFAULT_CACHE_CONTROL,
    ...memory
  } = Object.assign(Object.create(null) as object, options)
  if (typeof userId !== 'function') throw noUserId()
  if (unknown !== undefined) {
    throw new InvalidArgumentError(
      `${JSON.stringify(unknown.slice(0, 64))} is no option. The options are ${Object.keys(OPTION_NAMES).join(', ')}.`,
    )
  }
  if (typeof optional !== 'boolean') throw new InvalidArgumentError('optional must be true or false.')
  if (cacheControl !== false && (typeof cacheControl !== 'string' || !HEADER_VALUE.test(cacheControl))) {
    throw new InvalidArgumentError(
      'cacheControl must be the value of a cache-control header, such as "private, no-cache", or false.',
    )
  }
  return { userId, optional, cacheControl: cacheControl === false ? undefined : cacheControl, memory }
}

function noUserId(): InvalidArgumentError {
  return new InvalidArgumentError(
    'scopedMemory() needs to be told who is signed in: scopedMemory({ client, userId: (request) => request.user?.id }), ' +
      'with the id your login verified. There is no default identity.',
  )
}
