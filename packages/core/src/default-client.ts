import type { HostedClient } from './clients.ts'
import { ScopedMemoryError } from './errors.ts'

let shared: Promise<HostedClient> | undefined

/**
 * The one `MemoryClient` of the process for handles made without a client: its key from `MEM0_API_KEY`, its host from
 * `MEM0_HOST` where that is set (default: mem0's hosted API). mem0ai is loaded on the first call, not before.
 *
 * @throws ScopedMemoryError `MISSING_API_KEY` at once when there is no key; `MISSING_PACKAGE`, on the first call, when
 *   mem0ai is not installed.
 */
export function defaultClient(): () => Promise<HostedClient> {
  const { MEM0_API_KEY: apiKey, MEM0_HOST: host } = process.env
  if (!apiKey) {
    throw new ScopedMemoryError(
      'There is no client and MEM0_API_KEY is not set. Set MEM0_API_KEY to a key of app.mem0.ai, or pass a client: ' +
        "new ScopedMemory(userId, { client }). Without a key or a server: openEmbeddedMemory() from '@scoped-memory/core/embedded'.",
      { code: 'MISSING_API_KEY' },
    )
  }
  return () => (shared ??= load(apiKey, host).catch(forget))
}

async function load(apiKey: string, host: string | undefined): Promise<HostedClient> {
  try {
    const { MemoryClient } = await import('mem0ai')
    return new MemoryClient(host ? { apiKey, host } : { apiKey })
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw cause
    throw new ScopedMemoryError('The package mem0ai is not installed. Run: npm install mem0ai', {
      code: 'MISSING_PACKAGE',
      cause,
    })
  }
}

function forget(error: unknown): never {
  shared = undefined
  throw error
}
