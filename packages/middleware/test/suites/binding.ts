import { Agent } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ScopedMemory } from '@scoped-memory/core'
import { MemoryClient } from 'mem0ai'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { get, json, overAgent, requestHead } from '../support/clients.ts'
import { client, platform } from '../support/mem0.ts'
import { signedIn, start, type Exchange, type Framework } from '../support/server.ts'

/** Whose memory a request gets, and what happens where it gets none. */
export function bindingSuite(framework: Framework): void {
  describe('the binding', () => {
    const { userOf } = framework
    const memoryOf = { client, userId: userOf }

    beforeEach(() => platform.reset())
    afterEach(() => void vi.restoreAllMocks())

    describe('whose memory', () => {
      it('gives each user only their own, when both write before either reads', async () => {
        const barrier = new Barrier(2)
        const { url } = await start(framework, {
          mounts: [memoryOf],
          routes: {
            '/remember': async ({ getMemory, query }) => {
              await getMemory().add(query.get('text')!, { infer: false })
              await barrier.arrived()
              return memories(getMemory())
            },
          },
        })
        const [alice, bob] = await Promise.all([
          json(url, '/remember?text=Alice+is+vegetarian', 'u_alice'),
          json(url, '/remember?text=Bob+likes+steak', 'u_bob'),
        ])
        expect(alice).toEqual(['Alice is vegetarian'])
        expect(bob).toEqual(['Bob likes steak'])
      })

      it('gives two hundred users at once each only their own', async () => {
        const { url } = await start(framework, {
          mounts: [memoryOf],
          routes: {
            '/': async ({ getMemory }) => {
              const memory = getMemory()
              await memory.add(`I am ${memory.userId}`, { infer: false })
              return memories(memory)
            },
          },
        })
        const users = Array.from({ length: 200 }, (_, index) => `u_${index}`)
        const seen = await Promise.all(users.map((user) => json(url, '/', user)))
        expect(seen).toEqual(users.map((user) => [`I am ${user}`]))
      })

      it('asks once, and stays with the answer for the whole request', async () => {
        const userId = vi.fn((request: object) => userOf(request))
        const { url } = await start(framework, {
          mounts: [{ client, userId }],
          routes: {
            '/': async ({ request, getMemory, tryGetMemory }) => {
              const first = getMemory()
              Object.assign(request, { user: { id: 'u_bob' } })
              await sleep(1)
              return [first.userId, getMemory().userId, getMemory() === first, tryGetMemory() === first]
            },
          },
        })
        expect(await json(url, '/', 'u_alice')).toEqual(['u_alice', 'u_alice', true, true])
        expect(userId).toHaveBeenCalledTimes(1)
      })

      it('keeps users apart on one kept-alive connection', async () => {
        const { url } = await start(framework, { mounts: [memoryOf], routes: { '/': whoAmI } })
        const agent = new Agent({ keepAlive: true, maxSockets: 1 })
        const ports = new Set<number | undefined>()
        const ask = (user: string | undefined) => overAgent(agent, url, user, ports)
        expect(await ask('u_alice')).toEqual([200, 'u_alice'])
        expect(await ask('u_bob')).toEqual([200, 'u_bob'])
        expect((await ask(undefined))[0]).toBe(401)
        expect(await ask('u_alice')).toEqual([200, 'u_alice'])
        expect(ports.size).toBe(1)
        agent.destroy()
      })

      it('keeps users apart in pipelined requests', async () => {
        const { url } = await start(framework, {
          mounts: [
            { client, userId: async (request: object) => (await sleep(Math.random() * 10), userOf(request)) },
          ],
          routes: { '/': whoAmI },
        })
        const users = ['u_alice', 'u_bob', undefined, 'u_carol']
        const answers = await pipelined(url, users)
        expect(answers.map(({ status }) => status)).toEqual([200, 200, 401, 200])
        expect(answers.map(({ body }) => body.match(/u_\w+/)?.[0])).toEqual(users)
      })

      it('keeps users apart in streamed answers', async () => {
        const barrier = new Barrier(2)
        const { url } = await start(framework, {
          mounts: [memoryOf],
          routes: {
            '/': async ({ getMemory }) =>
              (async function* () {
                await getMemory().add(`${getMemory().userId} was here`, { infer: false })
                yield 'first '
                await barrier.arrived()
                for await (const { memory } of getMemory().list()) yield memory!
              })(),
          },
        })
        const read = async (user: string) => (await get(url, '/', user)).text()
        expect(await Promise.all([read('u_alice'), read('u_bob')])).toEqual([
          'first u_alice was here',
          'first u_bob was here',
        ])
      })

      it('goes on when a client disconnects in the middle', async () => {
        const { url } = await start(framework, {
          mounts: [{ client, userId: async (request: object) => (await sleep(20), userOf(request)) }],
          routes: { '/': whoAmI },
        })
        const leaving = new AbortController()
        const left = get(url, '/', 'u_bob', { signal: leaving.signal }).catch((error: Error) => error.name)
        await sleep(5)
        leaving.abort()
        expect(await left).toBe('AbortError')
        expect(await json(url, '/', 'u_alice')).toBe('u_alice')
        await sleep(30)
        expect(await json(url, '/', 'u_alice')).toBe('u_alice')
      })
    })

    describe('nobody', () => {
      it.each([
        ['undefined', undefined],
        ['null', null],
        ['an empty string', ''],
        ['a number', 42],
        ['a list, as ?userId=a&userId=b is parsed', ['u_alice', 'u_bob']],
        ['an object, as ?userId[ne]=x is parsed', { ne: 'x' }],
        ['the wildcard', '*'],
        ['a stringified nothing', 'undefined'],
        ['an id with a space behind it', 'u_alice '],
        ['two ids, as a doubled header is joined', 'u_alice, u_bob'],
      ])('gets a 401 when userId() returns %s', async (_what, value) => {
        const handler = vi.fn(whoAmI)
        const { url, errors } = await start(framework, {
          mounts: [{ client, userId: () => value as string }],
          routes: { '/': handler },
        })
        const answer = await get(url, '/', 'u_alice')
        expect(answer.status).toBe(401)
        expect(await answer.text()).not.toContain('u_alice')
        expect(handler).not.toHaveBeenCalled()
        expect(errors.every((error) => (error as { status: number }).status === 401)).toBe(true)
      })

      it('gets a 401 without an error handler of the app', async () => {
        const { url } = await start(framework, {
          mounts: [memoryOf],
          routes: { '/': whoAmI },
          ownErrors: true,
        })
        vi.spyOn(console, 'error').mockImplementation(() => undefined)
        expect((await get(url, '/', undefined)).status).toBe(401)
      })

      it('may pass where a user is optional, without a memory', async () => {
        const { url } = await start(framework, {
          mounts: [{ ...memoryOf, optional: true }],
          routes: {
            '/': async ({ tryGetMemory, property }) => [
              tryGetMemory()?.userId ?? null,
              property === tryGetMemory(),
            ],
            '/must': whoAmI,
          },
        })
        expect(await json(url, '/', undefined)).toEqual([null, true])
        expect(await json(url, '/', 'u_alice')).toEqual(['u_alice', true])
        expect((await get(url, '/must', undefined)).status).toBe(401)
      })

      it('includes a visitor with an invalid id, where a user is optional', async () => {
        const { url } = await start(framework, {
          mounts: [{ client, userId: () => '*', optional: true }],
          routes: { '/': async ({ tryGetMemory }) => tryGetMemory() ?? null },
        })
        expect(await json(url, '/', 'u_alice')).toBeNull()
      })
    })

    describe('errors', () => {
      it.each([
        ['throws', () => fail('the session store is down')],
        ['rejects', async () => fail('the session store is down')],
      ])(
        'a userId() that %s reaches the error handling, even where a user is optional',
        async (_how, userId) => {
          const handler = vi.fn(whoAmI)
          const { url, errors } = await start(framework, {
            mounts: [{ client, userId, optional: true }],
            routes: { '/': handler },
          })
          expect((await get(url, '/', 'u_alice')).status).toBe(500)
          expect(errors.map(String)).toEqual(['Error: the session store is down'])
          expect(handler).not.toHaveBeenCalled()
        },
      )

      it('of a handler affect no other request', async () => {
        const { url } = await start(framework, {
          mounts: [memoryOf],
          routes: { '/': whoAmI, '/fails': async () => fail('a mistake') },
        })
        const answers = await Promise.all([
          get(url, '/fails', 'u_bob').then(({ status }) => status),
          json(url, '/', 'u_alice'),
        ])
        expect(answers).toEqual([500, 'u_alice'])
      })

      it('of core keep their status', async () => {
        const { url } = await start(framework, {
          mounts: [memoryOf],
          routes: { '/': async ({ getMemory }) => getMemory().get('no-such-memory') },
        })
        const answer = await get(url, '/', 'u_alice')
        expect(answer.status).toBe(404)
        expect(await answer.json()).toMatchObject({ code: 'MEMORY_NOT_FOUND' })
      })
    })

    describe('getMemory', () => {
      it('names the missing line where the middleware did not run', async () => {
        const { url, errors } = await start(framework, {
          mounts: [memoryOf],
          routes: {},
          outside: {
            '/outside': whoAmI,
            '/try': async ({ tryGetMemory, property }) => [tryGetMemory() ?? null, property ?? null],
          },
        })
        expect((await get(url, '/outside', 'u_alice')).status).toBe(500)
        expect(errors).toHaveLength(1)
        expect(errors[0]).toMatchObject({ code: 'MEMORY_NOT_MOUNTED', status: 500 })
        expect(String(errors[0])).toMatch(/scopedMemory\(|withMemory\(/)
        expect(String(errors[0])).toContain('userId: (')
        expect(await json(url, '/try', 'u_alice')).toEqual([null, null])
      })
    })

    describe('mounted twice', () => {
      it('is allowed when both find the same user', async () => {
        const { url } = await start(framework, {
          mounts: [memoryOf, memoryOf, { ...memoryOf }],
          routes: { '/': whoAmI },
        })
        expect(await json(url, '/', 'u_alice')).toBe('u_alice')
      })

      it('is allowed when they differ in options that do not decide whose memory it is', async () => {
        const scope = { appId: 'notes' }
        const { url } = await start(framework, {
          mounts: [
            { ...memoryOf, scope: { appId: 'notes' }, timeoutMs: 1000, ownershipCacheSize: 10 },
            { ...memoryOf, scope, strictOwnership: false, onForeignRecord: 'throw', cacheControl: false },
            { ...memoryOf, scope, storageId: undefined, optional: true },
          ],
          routes: { '/': whoAmI },
        })
        expect(await json(url, '/', 'u_alice')).toBe('u_alice')
      })

      it('is allowed when both use the default client', async () => {
        vi.stubEnv('MEM0_API_KEY', 'm0-test-key')
        const { url } = await start(framework, {
          mounts: [{ userId: userOf }, { userId: userOf, client: undefined }],
          routes: { '/': whoAmI },
        })
        expect(await json(url, '/', 'u_alice')).toBe('u_alice')
        vi.unstubAllEnvs()
      })

      it('is allowed when both find nobody', async () => {
        const optional = { ...memoryOf, optional: true }
        const { url } = await start(framework, {
          mounts: [optional, optional],
          routes: { '/': async () => 'passed' },
        })
        expect(await json(url, '/', undefined)).toBe('passed')
      })

      it.each<[string, object]>([
        ['find different users', { userId: () => 'u_bob' }],
        ['disagree on whether anybody is signed in', { userId: () => null, optional: true }],
        ['have different scopes', { scope: { appId: 'notes' } }],
        ['disagree on strict ownership', { strictOwnership: true }],
        ['disagree on what to do with a foreign record', { onForeignRecord: 'drop' }],
        ['have different clients', { client: new MemoryClient({ apiKey: 'm0-other', host: platform.url }) }],
      ])('is an error when they %s', async (_what, second) => {
        const handler = vi.fn(whoAmI)
        const { url, errors } = await start(framework, {
          mounts: [memoryOf, { ...memoryOf, ...second }],
          routes: { '/': handler },
        })
        expect((await get(url, '/', 'u_alice')).status).toBe(500)
        expect(errors).toHaveLength(1)
        expect(errors[0]).toMatchObject({ code: 'IDENTITY_CONFLICT' })
        expect(String(errors[0])).not.toMatch(/u_alice|u_bob/)
        expect(handler).not.toHaveBeenCalled()
      })
    })

    describe('options', () => {
      it('scope narrows every memory', async () => {
        const { url } = await start(framework, {
          mounts: [{ ...memoryOf, scope: { appId: 'notes' } }],
          routes: { '/': async ({ getMemory }) => memories(getMemory()) },
        })
        await json(url, '/', 'u_alice')
        expect(JSON.stringify(platform.requests.at(-1)?.body)).toContain('{"app_id":"notes"}')
      })

      it('cacheControl is private, no-store where the handler set nothing', async () => {
        const { url } = await start(framework, {
          mounts: [memoryOf],
          routes: {
            '/json': whoAmI,
            '/stream': async () => pieces('a', 'b'),
            '/own': async ({ header }) => (header('Cache-Control', 'private, max-age=60'), 'own'),
          },
        })
        const cached = async (path: string) => (await get(url, path, 'u_alice')).headers.get('cache-control')
        expect(await cached('/json')).toBe('private, no-store')
        expect(await cached('/stream')).toBe('private, no-store')
        expect(await cached('/own')).toBe('private, max-age=60')
      })

      it.each<[string, string | false, string | null]>([
        ['another value', 'private, no-cache', 'private, no-cache'],
        ['nothing', false, null],
      ])('cacheControl can be %s', async (_what, cacheControl, expected) => {
        const { url } = await start(framework, {
          mounts: [{ ...memoryOf, cacheControl }],
          routes: { '/': whoAmI },
        })
        expect((await get(url, '/', 'u_alice')).headers.get('cache-control')).toBe(expected)
      })

      it('cacheControl leaves responses to anonymous visitors alone', async () => {
        const { url } = await start(framework, {
          mounts: [{ ...memoryOf, optional: true }],
          routes: { '/': async () => 'hello' },
        })
        expect((await get(url, '/', undefined)).headers.get('cache-control')).toBeNull()
      })

      it.each<[string, object | undefined, RegExp]>([
        ['no options', undefined, /userId: \(/],
        ['no userId', { client }, /There is no default identity/],
        ['a userId that is not a function', { client, userId: 'u_alice' }, /userId: \(/],
        [
          'an unknown option',
          { ...memoryOf, cachecontrol: false },
          /"cachecontrol" is not an option.*cacheControl/,
        ],
        [
          'an optional that is not a boolean',
          { ...memoryOf, optional: 'yes' },
          /optional must be true or false/,
        ],
        [
          'a cacheControl that is not one',
          { ...memoryOf, cacheControl: 'a\r\nset-cookie: b' },
          /cacheControl must be/,
        ],
        ['a client that is not one', { ...memoryOf, client: {} }, /client is not a client of mem0ai/],
        ['a scope that names a user', { ...memoryOf, scope: { userId: 'u_bob' } }, /cannot name a user/],
        ['a second way of storing users', { ...memoryOf, storageId: 'sha256' }, /the same storageId/],
      ])('are refused when the app is built: %s', async (_what, options, message) => {
        await expect(start(framework, { mounts: [options as never], routes: {} })).rejects.toThrow(message)
      })
    })

    if (framework.foreign) {
      const { foreign } = framework
      describe('the property', () => {
        it('cannot be replaced', async () => {
          const { url } = await start(framework, {
            mounts: [memoryOf],
            routes: {
              '/': async (exchange) => {
                expect(() => exchange.assign!({ evil: 1 })).toThrow()
                return [(exchange.property as ScopedMemory).userId, exchange.getMemory().userId]
              },
            },
          })
          expect(await json(url, '/', 'u_alice')).toEqual(['u_alice', 'u_alice'])
        })

        it('is ours where somebody else had set it', async () => {
          const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
          const { url } = await start(framework, {
            mounts: [memoryOf],
            before: (request) => foreign(request, { userId: 'u_bob' }),
            routes: {
              '/': async ({ property, getMemory }) => [property === getMemory(), getMemory().userId],
            },
          })
          expect(await json(url, '/', 'u_alice')).toEqual([true, 'u_alice'])
          expect(await json(url, '/', 'u_carol')).toEqual([true, 'u_carol'])
          expect(warn.mock.calls.length).toBeLessThanOrEqual(1)
        })

        it('cannot be set where nobody is signed in', async () => {
          const { url } = await start(framework, {
            mounts: [{ ...memoryOf, optional: true }],
            routes: {
              '/': async (exchange) => {
                expect(() => exchange.assign!({ userId: 'u_bob' })).toThrow()
                return exchange.property ?? null
              },
            },
          })
          expect(await json(url, '/', undefined)).toBeNull()
        })
      })
    }
  })
}

const whoAmI = async ({ getMemory }: Exchange): Promise<unknown> => getMemory().userId

async function memories(memory: ScopedMemory): Promise<unknown[]> {
  return (await memory.getAll()).results.map((record) => record.memory)
}

function pipelined(
  url: string,
  users: readonly (string | undefined)[],
): Promise<{ status: number; body: string }[]> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    let received = ''
    const socket = connect(Number(port), hostname, () => {
      socket.write(
        users
          .map((user, index) => {
            const connection = index === users.length - 1 ? 'close' : 'keep-alive'
            return requestHead('GET /', { ...(user !== undefined && signedIn(user)), connection })
          })
          .join(''),
      )
    })
    socket.on('data', (chunk) => (received += String(chunk)))
    socket.on('error', reject)
    socket.on('close', () =>
      resolve(
        received.split(/(?=HTTP\/1\.1 \d{3} )/).map((answer) => ({
          status: Number(answer.slice(9, 12)),
          body: answer.slice(answer.indexOf('\r\n\r\n')),
        })),
      ),
    )
  })
}

async function* pieces(...texts: string[]): AsyncGenerator<string> {
  yield* texts
}

function fail(message: string): never {
  throw new Error(message)
}

/** Lets nobody on before all have arrived. */
class Barrier {
  #missing: number
  readonly #waiting: (() => void)[] = []

  constructor(size: number) {
    this.#missing = size
  }

  async arrived(): Promise<void> {
    this.#missing--
    if (this.#missing > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    for (const go of this.#waiting) go()
  }
}
