import { InvalidArgumentError, UnsafeBackendError } from '../errors.ts'

/** What only clients of mem0ai before 3 have. Where the compiler refuses one: npm install mem0ai@3 */
interface NotOutdated {
  readonly organizationName?: never
  readonly enableGraph?: never
}

/**
 * What this package calls of mem0's hosted client, `MemoryClient` of `mem0ai` 3.1.6 and later. Described by shape,
 * so that core needs no mem0ai at run time.
 */
export interface HostedClient extends NotOutdated {
  add(messages: never[], options?: object): Promise<unknown>
  search(query: string, options?: object): Promise<unknown>
  getAll(options?: object): Promise<unknown>
  get(memoryId: string): Promise<unknown>
  update(memoryId: string, patch: object): Promise<unknown>
  delete(memoryId: string, options?: object): Promise<unknown>
  deleteAll(options?: object): Promise<unknown>
  history(memoryId: string): Promise<unknown>
  batchUpdate(memories: never[]): Promise<unknown>
  batchDelete(memories: string[]): Promise<unknown>
  feedback(data: never): Promise<unknown>
  /**
   * Not a method of mem0's. A wrapper around its client may have it, so that `add(…, { wait: true })` can ask what became
   * of an event (`GET /v1/event/:id/`).
   */
  readEvent?(eventId: string): Promise<unknown>
}

/** What this package calls of mem0's self-hosted `Memory`, of `mem0ai/oss` 3.1.6 and later. */
export interface SelfHostedClient extends NotOutdated {
  add(messages: never[], config: object): Promise<unknown>
  search(query: string, config: object): Promise<unknown>
  getAll(config: object): Promise<unknown>
  get(memoryId: string): Promise<unknown>
  update(memoryId: string, patch: string | object): Promise<unknown>
  delete(memoryId: string): Promise<unknown>
  deleteAll(config: object): Promise<unknown>
  history(memoryId: string): Promise<unknown>
}

/** Either of mem0's clients. */
export type Mem0Client = HostedClient | SelfHostedClient

const COMMON_METHODS = ['add', 'search', 'getAll', 'get', 'update', 'delete', 'deleteAll', 'history'] as const
/** What every hosted client can do. */
export const HOSTED_METHODS = [...COMMON_METHODS, 'batchUpdate', 'batchDelete', 'feedback'] as const
export type HostedMethod = (typeof HOSTED_METHODS)[number]

/**
 * Whether a client is mem0's hosted one; if not, it is the self-hosted one.
 *
 * @throws UnsafeBackendError when it is a client of a mem0ai before 3.1.6
 * @throws InvalidArgumentError when it is not a client of mem0ai
 */
export function isHostedClient(client: unknown): client is HostedClient {
  // Before its methods are looked at: hosted clients of 1.x have those of a self-hosted one.
  refuseTooOld(client)
  if (!hasMethods(client, COMMON_METHODS)) throw notAClient()
  return hasMethods(client, HOSTED_METHODS)
}

/** The error for a client that is not one of mem0's. */
export function notAClient(): InvalidArgumentError {
  return new InvalidArgumentError(
    'client is not a client of mem0ai 3.1.6 or later. Pass new MemoryClient({ apiKey }) from "mem0ai", or ' +
      'new Memory({ … }) from "mem0ai/oss". To install it: npm install mem0ai@3',
  )
}

/** @throws UnsafeBackendError when it is a client of a mem0ai before 3.1.6 */
export function refuseTooOld(client: unknown): void {
  if (typeof client === 'object' && client !== null && isTooOld(client)) throw tooOld()
}

/** The error for a mem0ai whose requests do not keep users apart. */
export function tooOld(): UnsafeBackendError {
  return new UnsafeBackendError(
    'client is from a mem0ai before 3.1.6, which can delete or list the memories of all users where one is meant. Run: npm install mem0ai@3',
  )
}

/**
 * Whether a client is from a mem0ai before 3.1.6: it has internals of mem0's clients, and none that came since. A wrapper
 * that has neither is taken as it is.
 */
function isTooOld(client: object): boolean {
  if ('_awaitIdentity' in client || 'getProfile' in client || 'escapeScopeValue' in client) return false
  return (
    ('_fetchWithErrorHandling' in client && 'headers' in client) ||
    ('apiVersion' in client && 'enableGraph' in client) ||
    'buildSessionScope' in client
  )
}

/** How to ask a hosted client what became of an event; undefined where it cannot be asked. */
export function eventReader(client: HostedClient): ((eventId: string) => Promise<unknown>) | undefined {
  if (typeof client.readEvent === 'function') return (eventId) => client.readEvent!(eventId)
  // mem0ai has no method for this, but one that sends any request.
  const { host, headers, _fetchWithErrorHandling } = client as Partial<Mem0Internals>
  if (typeof host !== 'string' || typeof _fetchWithErrorHandling !== 'function') return undefined
  return (eventId) =>
    _fetchWithErrorHandling.call(client, `${host}/v1/event/${encodeURIComponent(eventId)}/`, { headers })
}

interface Mem0Internals {
  readonly host: string
  readonly headers: unknown
  _fetchWithErrorHandling(url: string, options: object): Promise<unknown>
}

/** The name of the vector store of a self-hosted client, as mem0 knows it; undefined where it has none. */
export function vectorStoreOf(client: SelfHostedClient): string | undefined {
  const { config } = client as { config?: { vectorStore?: { provider?: unknown } } }
  const provider = config?.vectorStore?.provider
  return typeof provider === 'string' ? provider.toLowerCase() : undefined
}

function hasMethods(value: unknown, names: readonly string[]): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    names.every((name) => typeof (value as Record<string, unknown>)[name] === 'function')
  )
}
