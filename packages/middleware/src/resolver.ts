import {
  createMemoryFactory,
  InvalidArgumentError,
  InvalidUserIdError,
  type ScopedMemory,
  type ScopedMemoryOptions,
} from '@scoped-memory/core'
import { notSignedInError } from './errors.ts'
import { bindRequest, type IsolationKey, type RequestBinding } from './request-binding.ts'
import { toError } from './thrown.ts'
import { warnOnce } from './warnings.ts'

/** What `userId` returns: the verified id, or nothing if nobody is signed in. */
export type ResolvedUserId = string | null | undefined

/**
 * Options of every adapter; those of core (`client`, `scope`, `storageId`, …) among them, with the same meaning.
 * `Request` is what the framework hands to a handler: req, ctx, request or c.
 */
export interface MemoryOptions<Request, Optional extends boolean = boolean> extends ScopedMemoryOptions {
  /**
   * The id of the user who is signed in, from what the login verified: a session, a checked token. Never from the body,
   * the query, a header or a cookie as they came, which anybody can write. Called once per request, before the handler.
   * `@scoped-memory/middleware/identity` has it for common libraries. Whatever it throws becomes an error response, and
   * the handler does not run: an Error reaches the framework's error handling as it is; anything else, and an Error that
   * a framework could not respond to (one with the status of a success, with headers that cannot be sent, or frozen), is
   * the cause of a MemoryMiddlewareError `NOT_AN_ERROR`, and an InvalidUserIdError the cause of a 401.
   */
  readonly userId: (request: Request) => ResolvedUserId | Promise<ResolvedUserId>
  /**
   * Whether a request without a user may pass, without a memory. Default false: the response is a 401. Anything but a
   * valid user id counts as no user.
   */
  readonly optional?: Optional | undefined
  /**
   * The `cache-control` of responses to signed-in users that set none themselves. Default `private, no-store`, so that
   * no cache serves one user's response to another; false leaves responses as they are.
   */
  readonly cacheControl?: string | false | undefined
}

/** What handlers get; with `optional: true` it may be undefined. */
export type MemoryFor<Optional extends boolean> = true extends Optional
  ? ScopedMemory | undefined
  : ScopedMemory

/** What an adapter does per request. */
export interface Resolver<Request> {
  /** Asks `userId` who is signed in and binds the request to that user for good. */
  readonly resolve: (request: Request) => Promise<RequestBinding>
  /** The `cache-control` for the response to a bound request; undefined where it is left alone. */
  readonly cacheControlFor: (binding: RequestBinding) => string | undefined
}

const DEFAULT_CACHE_CONTROL = 'private, no-store'
const HEADER_VALUE = /^[\x20-\x7e]+$/
// Typed so that an option of either package that is missing here does not compile.
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
 * Checks the options of an adapter, once, and returns what it does per request.
 *
 * @throws InvalidArgumentError for an option that is missing, unknown or wrong; what createMemoryFactory() of core throws
 */
export function createResolver<Request extends object>(options: MemoryOptions<Request>): Resolver<Request> {
  try {
    return resolverOf(checkOptions(options))
  } catch (thrown) {
    throw toError(thrown)
  }
}

function resolverOf<Request extends object>({
  userId,
  optional,
  cacheControl,
  memory,
}: CheckedOptions<Request>): Resolver<Request> {
  const memoryFor = createMemoryFactory(memory)
  const key = isolationKeyOf(memory)
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
      // What a login leaves for an anonymous visitor is not a mistake.
      if (id !== '' && id !== false)
        warnOnce('SCOPED_MEMORY_USER_ID', `userId() did not return a user id. ${error.message}`)
      if (optional) return undefined
      throw error
    }
  }

  return {
    async resolve(request) {
      try {
        return bindRequest(request, memoryOf(await userId(request)), key)
      } catch (thrown) {
        const error = toError(thrown)
        // Its message is for the programmer, also where userId() itself called core.
        throw error instanceof InvalidUserIdError ? notSignedInError(error) : error
      }
    },
    cacheControlFor: (binding) => (binding.memory === undefined ? undefined : cacheControl),
  }
}

function isolationKeyOf({
  client,
  scope,
  strictOwnership = false,
  onForeignRecord = 'throw',
}: ScopedMemoryOptions): IsolationKey {
  const { agentId, appId, runId } = scope ?? {}
  const options = JSON.stringify([agentId, appId, runId, strictOwnership, onForeignRecord])
  return { client, options }
}

interface CheckedOptions<Request> {
  readonly userId: (request: Request) => unknown
  readonly optional: boolean
  readonly cacheControl: string | undefined
  readonly memory: ScopedMemoryOptions
}

function checkOptions<Request>(options: MemoryOptions<Request>): CheckedOptions<Request> {
  if (typeof options !== 'object' || options === null) throw missingUserIdError()
  const unknown = Object.keys(options).find((key) => !Object.hasOwn(OPTION_NAMES, key))
  // A copy without a prototype: what every object inherits is not an option.
  const {
    userId,
    optional = false,
    cacheControl = DEFAULT_CACHE_CONTROL,
    ...memory
  } = Object.assign(Object.create(null) as object, options)
  if (typeof userId !== 'function') throw missingUserIdError()
  if (unknown !== undefined) {
    throw new InvalidArgumentError(
      `${JSON.stringify(unknown.slice(0, 64))} is not an option. The options are ${Object.keys(OPTION_NAMES).join(', ')}.`,
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

function missingUserIdError(): InvalidArgumentError {
  return new InvalidArgumentError(
    'scopedMemory() needs to be told who is signed in: scopedMemory({ client, userId: (request) => request.user?.id }), ' +
      'with the id your login verified. There is no default identity.',
  )
}
