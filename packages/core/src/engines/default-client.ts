import { ScopedMemoryError } from '../errors.ts'
import { refuseTooOld, tooOld, type HostedClient } from './clients.ts'

/** A `MemoryClient` that is not made before the first call of a handle. */
export class DefaultClient {
  readonly #make: () => Promise<HostedClient>
  #made: Promise<HostedClient> | undefined

  constructor(make: () => Promise<HostedClient>) {
    this.#make = make
  }

  /**
   * The client. Rejects with ScopedMemoryError `MISSING_PACKAGE` when mem0ai is not installed, with UnsafeBackendError
   * when it is too old.
   */
  connect(): Promise<HostedClient> {
    this.#made ??= this.#make().catch((error: unknown) => {
      this.#made = undefined
      throw error
    })
    return this.#made
  }
}

const clients = new Map<string, DefaultClient>()

/**
 * The client of handles that are made without one, with the key from `MEM0_API_KEY` and the host from `MEM0_HOST`
 * (default: mem0's hosted API), as they are at this moment. Handles of one key and host share it.
 *
 * @throws ScopedMemoryError `MISSING_API_KEY` when there is no key
 */
export function defaultClient(): DefaultClient {
  const { MEM0_API_KEY: apiKey, MEM0_HOST: host } = environment()
  if (!apiKey) {
    throw new ScopedMemoryError(
      'There is no client and MEM0_API_KEY is not set. Set MEM0_API_KEY to a key of app.mem0.ai, or pass a client: ' +
        "new ScopedMemory(userId, { client }). Without a key or a server: openEmbeddedMemory() from '@scoped-memory/core/embedded'.",
      { code: 'MISSING_API_KEY' },
    )
  }
  const name = JSON.stringify([apiKey, host?.replace(/\/+$/, '') || null])
  let client = clients.get(name)
  if (client === undefined) clients.set(name, (client = new DefaultClient(() => load(apiKey, host))))
  return client
}

async function load(apiKey: string, host: string | undefined): Promise<HostedClient> {
  const mem0 = await import('mem0ai').catch((cause: unknown) => {
    if ((cause as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw cause
    throw new ScopedMemoryError('The package mem0ai is not installed. Run: npm install mem0ai@3', {
      code: 'MISSING_PACKAGE',
      cause,
    })
  })
  if (typeof mem0.MemoryClient !== 'function') throw tooOld()
  const client = new mem0.MemoryClient(host ? { apiKey, host } : { apiKey })
  refuseTooOld(client)
  return client
}

// Not every runtime has a `process`.
function environment(): Partial<Record<string, string>> {
  return (globalThis as { process?: { env?: Partial<Record<string, string>> } }).process?.env ?? {}
}
