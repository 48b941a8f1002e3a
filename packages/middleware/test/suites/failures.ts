import { ForbiddenException } from '@nestjs/common'
import { createMemoryFactory, MemoryNotFoundError } from '@scoped-memory/core'
import { APIError } from 'better-auth/api'
import { UnauthorizedError } from 'express-oauth2-jwt-bearer'
import { errorCodes } from 'fastify'
import { HTTPException } from 'hono/http-exception'
import Koa from 'koa'
import { type MemoryClient, RateLimitError } from 'mem0ai'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { get } from '../support/clients.ts'
import { client, platform } from '../support/mem0.ts'
import { start, type Exchange, type Framework } from '../support/server.ts'
import { everyTrap, failed, notErrors, SECRET } from '../support/thrown-values.ts'

// Express and Connect do so outside production; for the last, the test server responds.
const SHOWS_STACKS = /Express|Connect|web-standard/

/** What becomes of errors: of `userId`, of the back end, and of nobody being signed in. */
export function failuresSuite(framework: Framework): void {
  describe('failures', () => {
    beforeEach(() => {
      platform.reset()
      vi.spyOn(console, 'error').mockImplementation(() => undefined)
    })
    afterEach(() => void vi.restoreAllMocks())

    describe.each<[string, (thrown: unknown) => unknown]>([
      [
        'throws',
        (thrown) => {
          throw thrown
        },
      ],
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
      ['rejects with', (thrown) => Promise.reject(thrown)],
      [
        'returns what rejects with',
        (thrown) => ({ then: (_resolve: unknown, reject: (thrown: unknown) => void) => reject(thrown) }),
      ],
    ])('64 · a userId() that %s', (_how, fails) => {
      it.each([
        ['must be signed in', false, false],
        ['may be nobody', true, false],
        ['must be signed in, by the framework’s own error handling', false, true],
        ['may be nobody, by the framework’s own error handling', true, true],
      ])(
        'anything at all becomes an error response, where a user %s',
        async (_where, optional, ownErrors) => {
          const handler = vi.fn(whoAmI)
          let thrown: unknown
          const { url, errors } = await start(framework, {
            mounts: [{ client, optional, userId: () => fails(thrown) as never }],
            routes: { '/': handler },
            memoryRoutes: { path: '/memories' },
            ownErrors,
          })
          for (const [what, value] of notErrors) {
            thrown = value
            for (const path of ['/', '/memories']) {
              const answer = await get(url, path, 'u_alice')
              expect([what, path, answer.status]).toEqual([what, path, 500])
              await answer.text()
            }
            if (errors.length > 0) expect([what, errors.at(-1)]).toEqual([what, expect.any(Error)])
          }
          expect(handler).not.toHaveBeenCalled()
          expect(platform.requests).toEqual([])
        },
      )
    })

    it('64 · an Error of userId() keeps its class, its identity and its status', async () => {
      class NotAllowed extends Error {
        readonly status = 403
      }
      const thrown: Error[] = [
        new TypeError('the session store is down'),
        new NotAllowed('not you'),
        Object.assign(new Error('busy'), { statusCode: 503 }),
        // As better-auth writes it.
        Object.assign(new Error('not you'), { status: 'UNAUTHORIZED', statusCode: 401 }),
        new APIError('FORBIDDEN', { message: 'not you' }),
        // As axios leaves it.
        Object.assign(new Error('no answer'), { status: null, code: 'ECONNREFUSED' }),
        httpError(429, { headers: { 'Retry-After': 5, 'set-cookie': ['a=1', 'b=2'] } }),
        new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE(),
        new HTTPException(403),
        new ForbiddenException(),
        new UnauthorizedError(),
        new RateLimitError('slow down', 'RATE_LIMIT'),
        new MemoryNotFoundError(),
        new DOMException('The store did not answer.', 'TimeoutError'),
      ]
      let next = 0
      const { url, errors } = await start(framework, {
        mounts: [{ client, optional: true, userId: () => Promise.reject(thrown[next++]!) }],
        routes: { '/': whoAmI },
      })
      for (const _ of thrown) await get(url, '/', 'u_alice')
      expect(errors).toEqual(thrown)
      expect(errors.every((error, index) => error === thrown[index])).toBe(true)
    })

    it('64 · what is not an Error is the cause, in a form that every logger can print', async () => {
      let thrown: unknown
      const { url, errors } = await start(framework, {
        mounts: [
          {
            client,
            userId: () => {
              throw thrown
            },
          },
        ],
        routes: { '/': whoAmI },
      })
      for (const [value, cause] of [
        ['a text', 'a text'],
        [undefined, undefined],
        [{ status: 403, message: 'not you' }, expect.objectContaining({ message: 'not you' })],
        [() => everyTrap, undefined],
        [everyTrap, undefined],
        [
          Object.assign(new RangeError('moved'), { status: 301 }),
          expect.objectContaining({ name: 'RangeError' }),
        ],
      ]) {
        thrown = value
        await get(url, '/', 'u_alice')
        expect(errors.at(-1)).toMatchObject({ code: 'NOT_AN_ERROR', status: 500 })
        expect((errors.at(-1) as Error).cause).toEqual(cause)
      }
    })

    it.each<[object, number[]]>([
      [{ status: null }, [500]],
      [{ status: null, code: 'ECONNREFUSED' }, [500]],
      [{ status: null, statusCode: 503 }, [500, 503]],
      [{ status: 'UNAUTHORIZED', statusCode: 503 }, [500, 503]],
      // Some read the one first, others the other.
      [{ status: 404, statusCode: 502 }, [404, 500, 502]],
    ])('75 · an Error with %o gets a response that does not show it', async (statuses, answered) => {
      const { url } = await start(framework, {
        mounts: [{ client, userId: () => Promise.reject(failed(statuses)) }],
        routes: { '/': whoAmI },
        ownErrors: true,
      })
      const answer = await get(url, '/', 'u_alice')
      if (framework.name !== 'web-standard') expect(answered).toContain(answer.status)
      if (!SHOWS_STACKS.test(framework.name)) expect(await answer.text()).not.toMatch(/db-7|u_bob/)
    })

    describe('75 · no response shows what failed', () => {
      it.each([true, false])('in the back end, by the routes (own error handling: %s)', async (ownErrors) => {
        const { url, errors } = await start(framework, {
          mounts: [{ client: failing(new Error(SECRET)), userId: framework.userOf }],
          routes: {},
          memoryRoutes: { path: '/memories' },
          ownErrors,
        })
        const answers = [
          await get(url, '/memories', 'u_alice'),
          await get(url, '/memories?q=window', 'u_alice'),
          await get(url, '/memories/export', 'u_alice'),
          await get(url, '/memories/some-id', 'u_alice', { method: 'DELETE' }),
          await get(url, '/memories/erase', 'u_alice', {
            method: 'POST',
            body: '{"confirm":true}',
            headers: { 'content-type': 'application/json' },
          }),
        ]
        for (const answer of answers) {
          expect(answer.status).toBeGreaterThanOrEqual(500)
          expect(JSON.stringify([...answer.headers]) + (await answer.text())).not.toMatch(/db-7|u_bob/)
        }
        // Fastify and Hono have them in their log.
        if (ownErrors && errors.length === 0) return
        expect(errors.length).toBeGreaterThanOrEqual(answers.length)
        expect(errors[0]).toMatchObject({ code: 'MEMORY_FAILED', cause: { message: SECRET } })
        expect(errors.map((error) => (error as Error).stack).join()).not.toMatch(/db-7|u_bob/)
      })

      it('and there is one, when the client rejects with something that is not an Error', async () => {
        for (const thrown of [undefined, null, 'route', false, everyTrap]) {
          const { url } = await start(framework, {
            mounts: [{ client: failing(thrown), userId: framework.userOf }],
            routes: {},
            memoryRoutes: { path: '/memories' },
            ownErrors: true,
          })
          for (const path of ['/memories', '/memories/export']) {
            expect([path, (await get(url, path, 'u_alice')).status]).toEqual([path, 500])
          }
        }
      })
    })

    describe('a 401', () => {
      it.each<[string, unknown, RegExp]>([
        ['without an id', undefined, /returned undefined.*optional: true/],
        ['with null', null, /returned undefined or null/],
        ['with a number', 42, /must be a string, not number/],
        ['with an id that is not one', 'u_alice ', /whitespace/],
      ])('%s tells the browser only that nobody is signed in', async (_what, id, advice) => {
        for (const ownErrors of [false, true]) {
          const { url, errors } = await start(framework, {
            mounts: [{ client, userId: () => id as string }],
            routes: { '/': whoAmI },
            ownErrors,
          })
          const answer = await get(url, '/', 'u_alice')
          expect(answer.status).toBe(401)
          const body = await answer.text()
          expect(body).not.toMatch(
            /userId|optional|string|whitespace|scopedMemory|ScopedMemory\(|(&nbsp;| )at |\.ts/,
          )
          for (const error of errors) {
            const reason = (error as Error).name === 'InvalidUserIdError' ? error : (error as Error).cause
            expect((reason as Error).stack).toBe('InvalidUserIdError: Nobody is signed in.')
            expect(reason).toMatchObject({
              name: 'InvalidUserIdError',
              message: 'Nobody is signed in.',
              expose: true,
              status: 401,
              statusCode: 401,
              code: 'INVALID_USER_ID',
              cause: { name: 'InvalidUserIdError', message: expect.stringMatching(advice) },
            })
          }
        }
      })

      it('from getMemory() tells no more, either', async () => {
        const { url, errors } = await start(framework, {
          mounts: [{ client, optional: true, userId: () => undefined }],
          routes: { '/': whoAmI },
        })
        const answer = await get(url, '/', 'u_alice')
        expect(answer.status).toBe(401)
        expect(await answer.json()).toMatchObject({ message: 'Nobody is signed in.' })
        const [error] = errors as [Error]
        const reason = error.name === 'InvalidUserIdError' ? error : (error.cause as Error)
        expect(reason).toMatchObject({
          code: 'INVALID_USER_ID',
          cause: { message: expect.stringContaining('tryGetMemory()') },
        })
      })

      it('from a factory that userId() calls tells no more, either', async () => {
        for (const optional of [false, true]) {
          const { url } = await start(framework, {
            mounts: [{ client, optional, userId: () => createMemoryFactory({ client })('u alice').userId }],
            routes: { '/': whoAmI },
            ownErrors: true,
          })
          const answer = await get(url, '/', 'u_alice')
          expect(answer.status).toBe(401)
          expect(await answer.text()).not.toMatch(/whitespace|userId|ScopedMemory\(/)
        }
      })

      it('is the response of the routes where nobody is signed in and a user is optional', async () => {
        for (const ownErrors of [false, true]) {
          const { url } = await start(framework, {
            mounts: [{ client, optional: true, userId: () => undefined }],
            routes: { '/': whoAmI },
            memoryRoutes: { path: '/memories' },
            ownErrors,
          })
          const paths = ['/memories', '/memories/export']
          // What a handler of the web-standard kind throws is its runtime's to answer.
          if (framework.name !== 'web-standard') paths.push('/')
          for (const path of paths) {
            const answer = await get(url, path, undefined)
            expect([path, answer.status]).toEqual([path, 401])
            expect(await answer.text()).not.toMatch(/optional|Memory\(/)
          }
        }
      })
    })

    describe('without a client and a key', () => {
      it('mounts, and fails clearly with the first request of a user', async () => {
        vi.stubEnv('MEM0_API_KEY', undefined)
        for (const ownErrors of [false, true]) {
          const { url, errors } = await start(framework, {
            mounts: [{ userId: framework.userOf }],
            routes: { '/': whoAmI },
            memoryRoutes: { path: '/memories' },
            ownErrors,
          })
          expect((await get(url, '/', undefined)).status).toBe(401)
          for (const path of ['/', '/memories']) {
            const answer = await get(url, path, 'u_alice')
            expect(answer.status).toBe(500)
            if (ownErrors && !SHOWS_STACKS.test(framework.name))
              expect(await answer.text()).not.toMatch(/MEM0|API|key|client/)
          }
          if (errors.length > 0) expect(errors.at(-1)).toMatchObject({ code: 'MISSING_API_KEY' })
        }
        vi.unstubAllEnvs()
      })

      it('still refuses options that are wrong when it is mounted', async () => {
        vi.stubEnv('MEM0_API_KEY', undefined)
        const wrong = { userId: framework.userOf, timeoutMs: 0 }
        await expect(start(framework, { mounts: [wrong], routes: {} })).rejects.toThrow('timeoutMs')
        vi.unstubAllEnvs()
      })
    })
  })
}

/** As http-errors makes it, for ctx.throw() of Koa. */
function httpError(status: number, properties: object): Error {
  try {
    return new Koa().context.throw(status, properties)
  } catch (error) {
    return error as Error
  }
}

const whoAmI = async ({ getMemory }: Exchange): Promise<unknown> => getMemory().userId

/** The real client, with every request of it failing. */
function failing(thrown: unknown): MemoryClient {
  return new Proxy(client, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name)
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
      return typeof value === 'function' ? async () => Promise.reject(thrown) : value
    },
  })
}
