import { setTimeout as sleep } from 'node:timers/promises'
import type { ScopedMemory } from '@scoped-memory/core'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { get, json } from '../support/clients.ts'
import { client, memoryFor, platform } from '../support/mem0.ts'
import { start, type Exchange, type Framework } from '../support/server.ts'

/** Known attacks, by their number. */
export function threatsSuite(framework: Framework): void {
  describe('threats', () => {
    const { userOf } = framework
    const memoryOf = { client, userId: userOf }

    beforeEach(async () => {
      platform.reset()
      await memoryFor('u_bob').add('BOB-SECRET', { infer: false })
      platform.clearRequests()
    })

    it('40 · takes no identity from what the client writes', async () => {
      const { url } = await start(framework, { mounts: [memoryOf], routes: { '/': everything } })
      const answer = await get(url, '/?userId=u_bob&user_id=u_bob&as=u_bob', 'u_alice', {
        headers: { 'x-user-id': 'u_bob', 'x-userid': 'u_bob', cookie: 'userId=u_bob' },
      })
      expect(await answer.json()).toEqual(['u_alice'])
      await expect(start(framework, { mounts: [{ client } as never], routes: {} })).rejects.toThrow(
        'There is no default identity',
      )
    })

    it('41 · coerces nothing that a resolver returns', async () => {
      const values: unknown[] = [
        ['u_bob'],
        ['*'],
        { ne: 'zz' },
        'u_alice, u_bob',
        1,
        true,
        Symbol('u_bob'),
        { toString: () => 'u_bob' },
      ]
      for (const value of values) {
        const { url } = await start(framework, {
          mounts: [{ client, userId: () => value as never }],
          routes: { '/': everything },
        })
        expect((await get(url, '/', 'u_alice')).status).toBe(401)
      }
      expect(platform.requests).toEqual([])
    })

    it('42 · keeps no current user outside the request', async () => {
      const entered = signal()
      const overtaken = signal()
      const { url } = await start(framework, {
        mounts: [memoryOf],
        routes: {
          '/slow': async (exchange) => {
            const before = exchange.getMemory().userId
            entered.give()
            await overtaken.given
            return [before, ...(await everything(exchange))]
          },
          '/': everything,
        },
      })
      const slow = json(url, '/slow', 'u_alice')
      await entered.given
      expect(await json(url, '/', 'u_bob')).toEqual(['u_bob', 'BOB-SECRET'])
      overtaken.give()
      expect(await slow).toEqual(['u_alice', 'u_alice'])
    })

    it('44 · stores nothing for nobody when it is mounted before the login', async () => {
      const { url } = await start(framework, {
        mounts: [{ client, userId: () => undefined }],
        routes: { '/': async ({ getMemory }) => getMemory().add('a secret of Alice', { infer: false }) },
      })
      expect((await get(url, '/', 'u_alice')).status).toBe(401)
      expect(platform.requests).toEqual([])
    })

    it('45 · does not follow an identity that changes within the request', async () => {
      const userId = vi.fn(userOf)
      const { url } = await start(framework, {
        mounts: [{ client, userId }],
        routes: {
          '/': async (exchange) => {
            Object.assign(exchange.request, { user: { id: 'u_bob' }, state: { user: { id: 'u_bob' } } })
            return everything(exchange)
          },
        },
      })
      expect(await json(url, '/', 'u_alice')).toEqual(['u_alice'])
      expect(userId).toHaveBeenCalledTimes(1)
    })

    it('46 · waits for the resolver before anything else runs', async () => {
      const { url } = await start(framework, {
        mounts: [{ client, userId: async (request: object) => (await sleep(15), userOf(request)) }],
        routes: {
          '/': async (exchange) => [exchange.tryGetMemory() !== undefined, ...(await everything(exchange))],
        },
      })
      const [alice, bob] = await Promise.all([json(url, '/', 'u_alice'), json(url, '/', 'u_bob')])
      expect(alice).toEqual([true, 'u_alice'])
      expect(bob).toEqual([true, 'u_bob', 'BOB-SECRET'])
    })

    it('47 · lets nobody through when the resolver fails', async () => {
      const handler = vi.fn(everything)
      const { url, errors } = await start(framework, {
        mounts: [{ client, optional: true, userId: () => Promise.reject(new Error('no session store')) }],
        routes: { '/': handler },
      })
      expect((await get(url, '/', 'u_alice')).status).toBe(500)
      expect(errors.map(String)).toEqual(['Error: no session store'])
      expect(handler).not.toHaveBeenCalled()
    })

    it.runIf(framework.foreign)('48 · cannot be replaced by what is assigned to the request', async () => {
      const { url } = await start(framework, {
        mounts: [memoryOf],
        routes: {
          '/': async (exchange) => {
            for (const body of [{ evil: 1 }, memoryFor('u_bob'), undefined]) {
              expect(() => exchange.assign!(body)).toThrow()
            }
            return [(exchange.property as ScopedMemory).userId, exchange.getMemory().userId]
          },
        },
      })
      expect(await json(url, '/', 'u_alice')).toEqual(['u_alice', 'u_alice'])
    })

    it('49 · does not let a weaker resolver mounted later win', async () => {
      const handler = vi.fn(everything)
      const { url, errors } = await start(framework, {
        mounts: [memoryOf, { client, userId: () => 'u_bob' }],
        routes: { '/': handler },
      })
      expect((await get(url, '/?as=u_bob', 'u_alice')).status).toBe(500)
      expect(errors[0]).toMatchObject({ code: 'IDENTITY_CONFLICT' })
      expect(handler).not.toHaveBeenCalled()
    })

    it('51, 53 · takes an id exactly as it is', async () => {
      const { url } = await start(framework, { mounts: [memoryOf], routes: { '/': remembering } })
      const users = [
        'bob',
        'Bob',
        'BOB',
        'bob\u200d',
        'constructor',
        '__proto__',
        'hasOwnProperty',
        'toString',
      ]
      for (const user of users) await json(url, '/', encodeURI(user))
      for (const user of users) {
        const [id, ...texts] = (await json(url, '/', encodeURI(user))) as string[]
        expect(texts).toEqual([`by ${id}`, `by ${id}`])
      }
      for (const padded of ['bob%20', 'bob\u00a0']) {
        const untrimmed = { client, userId: () => decodeURI(padded) }
        const server = await start(framework, { mounts: [untrimmed], routes: { '/': everything } })
        expect((await get(server.url, '/', 'bob')).status).toBe(401)
      }
    })

    it('52 · leaves tenant and user apart when they are joined without ambiguity', async () => {
      const idOf = (tenant: string, user: string): string => [tenant, user].map(encodeURIComponent).join(':')
      const { url } = await start(framework, {
        mounts: [
          { client, userId: (request: object) => idOf(...(userOf(request)!.split('|') as [string, string])) },
        ],
        routes: { '/': remembering },
      })
      expect(await json(url, '/', 'acme|x:admin')).toEqual(['acme:x%3Aadmin', 'by acme:x%3Aadmin'])
      expect(await json(url, '/', 'acme:x|admin')).toEqual(['acme%3Ax:admin', 'by acme%3Ax:admin'])
    })

    it('54 · remembers nobody from one request to the next of a session', async () => {
      const sessions = new Map([['s1', 'u_alice']])
      const { url } = await start(framework, {
        mounts: [{ client, userId: (request: object) => sessions.get(userOf(request)!) }],
        routes: { '/': everything },
      })
      expect(await json(url, '/', 's1')).toEqual(['u_alice'])
      sessions.set('s1', 'u_bob')
      expect(await json(url, '/', 's1')).toEqual(['u_bob', 'BOB-SECRET'])
      sessions.delete('s1')
      expect((await get(url, '/', 's1')).status).toBe(401)
    })

    it('56 · lets no cache keep the response', async () => {
      const { url } = await start(framework, { mounts: [memoryOf], routes: { '/': everything } })
      const first = await get(url, '/', 'u_alice')
      expect(first.headers.get('cache-control')).toBe('private, no-store')
      const etag = first.headers.get('etag') ?? '"none"'
      const again = await get(url, '/', 'u_alice', { headers: { 'if-none-match': etag } })
      expect(again.headers.get('cache-control')).toBe('private, no-store')
    })
  })
}

const everything = async ({ getMemory }: Exchange): Promise<string[]> => {
  const memory = getMemory()
  return [memory.userId, ...(await texts(memory))]
}

const remembering = async (exchange: Exchange): Promise<string[]> => {
  const memory = exchange.getMemory()
  await memory.add(`by ${memory.userId}`, { infer: false })
  return everything(exchange)
}

async function texts(memory: ScopedMemory): Promise<string[]> {
  return (await memory.getAll()).results.map((record) => record.memory!).sort()
}

function signal(): { given: Promise<void>; give(): void } {
  let give!: () => void
  const given = new Promise<void>((resolve) => (give = resolve))
  return { given, give }
}
