import { MemoryClient, type Message } from 'mem0ai'
import { afterAll, afterEach } from 'vitest'
import { type PlatformOptions, startMem0Platform } from './index.ts'

/** A platform of a test file's own and the real client connected to it; emptied after every test. */
export async function connected(options?: PlatformOptions) {
  const platform = await startMem0Platform(options)
  const client = new MemoryClient({ apiKey: options?.apiKey ?? 'm0-any-key', host: platform.url })
  await client.ping()
  afterEach(() => platform.reset())
  afterAll(() => platform.close())
  return {
    platform,
    client,
    /** A request that the client would never send by itself. */
    request: (path: string, init: RequestInit = {}) =>
      fetch(`${platform.url}${path}`, {
        ...init,
        headers: { authorization: 'Token m0-any-key', 'content-type': 'application/json', ...init.headers },
      }),
  }
}

export const textsOf = (answer: { results: readonly { memory?: string }[] }): (string | undefined)[] =>
  answer.results.map(({ memory }) => memory)

export const said = (content: string): Message[] => [{ role: 'user', content }]
