import { InvalidArgumentError } from './errors.ts'

/**
 * What this package calls of mem0's hosted client, `MemoryClient` of `mem0ai` 3.1.6 and later. Described by shape,
 * so that core needs no mem0ai at run time.
 */
export interface HostedClient {
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
}

/** What this package calls of mem0's self-hosted `Memory`, of `mem0ai/oss` 3.1.6 and later. */
export interface SelfHostedClient {
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
const HOSTED_METHODS = ['batchUpdate', 'batchDelete', 'feedback'] as const

/**
 * Whether a client is mem0's hosted one; if not, it is the self-hosted one.
 *
 * @throws InvalidArgumentError when it is neither
 */
export function isHostedClient(client: unknown): client is HostedClient {
  if (!hasMethods(client, COMMON_METHODS)) {
    throw noClient()
  }
  return hasMethods(client, HOSTED_METHODS)
}

/** The error for a client that is none of mem0's. */
export function noClient(): InvalidArgumentError {
  return new InvalidArgumentError(
    'client is no mem0 client. Pass new MemoryClient({ apiKey }) from "mem0ai", or new Memory({ … }) from "mem0ai/oss".',
  )
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
