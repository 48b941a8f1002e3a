import { MemoryClient, type Message } from 'mem0ai'
import { afterAll, afterEach } from 'vitest'
import { type PlatformOptions, startMem0Platform } from './index.ts'

/** Starts a platform for one test file and connects the real client to it. It is emptied after every test. */
export async function connectedClient(options?: PlatformOptions) {
  const platform = await startMem0Platform(options)
  const client = new MemoryClient({ apiKey: options?.apiKey ?? 'm0-any-key', host: platform.url })
  await client.ping()
  afterEach(() => platform.reset())
  afterAll(() => platform.close())
  return {
    platform,
    client,
    /** Sends a request that the client never would. */
    request: (path: string, init: RequestInit = {}) =>
      fetch(`${platform.url}${path}`, {
        ...init,
        headers: { authorization: 'Token m0-any-key', 'content-type': 'application/json', ...init.headers },
      }),
  }
}

export const textsOf = (result: { results: readonly { memory?: string }[] }): (string | undefined)[] =>
  result.results.map(({ memory }) => memory)

export const said = (content: string): Message[] => [{ role: 'user', content }]
