import { runInNewContext } from 'node:vm'
import { ForbiddenException } from '@nestjs/common'
import { createMemoryFactory, InvalidUserIdError, MemoryNotFoundError } from '@scoped-memory/core'
import { startMem0Platform } from '@scoped-memory/mem0-platform'
import { APIError } from 'better-auth/api'
import { UnauthorizedError } from 'express-oauth2-jwt-bearer'
import fastify, { errorCodes } from 'fastify'
import { HTTPException } from 'hono/http-exception'
import Koa from 'koa'
import { MemoryClient, RateLimitError } from 'mem0ai'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import * as onFastify from '../src/adapters/fastify.ts'
import { withMemory } from '../src/adapters/web.ts'
import { createResolver } from '../src/resolver.ts'
import { memoryRoutes } from '../src/your-data/routes.ts'
import { get, serversOf } from './clients.ts'
import { frameworks } from './servers/index.ts'
import type { Exchange } from './servers/server.ts'

const platform = await startMem0Platform()
const client = new MemoryClient({ apiKey: 'm0-test-key', host: platform.url })
const SECRET = 'upstream db-7.internal: row of u_bob'

// Express and Connect do to developers, outside of production; the last is answered by the test.
const SHOWS_STACKS = /Express|Connect|web-standard/

beforeEach(() => {
  platform.reset()
  vi.spyOn(console, 'error').mockImplementation(() => undefined)
})
afterEach(() => void vi.restoreAllMocks())
afterAll(() => platform.close())

const throwing = (message: string, name: string): Error =>
  Object.defineProperty(new Error(message), name, {
    get() {
      throw new Error(`the getter of ${name}`)
    },
  })
const failed = (properties: object): Error => Object.assign(new Error(SECRET), properties)
const changing = (name: string, ...values: unknown[]): Error => {
  let reads = 0
  return Object.defineProperty(new Error(SECRET), name, {
    get: () => values[reads++ % values.length],
  })
}
class ReadOnlyStatus extends Error {
  get status(): number {
    return 403
  }
}
const everyTrap = new Proxy(
  {},
  Object.fromEntries(
    Object.getOwnPropertyNames(Reflect).map((trap) => [
      trap,
      () => {
        throw new Error(SECRET)
      },
    ]),
  ),
)

// What a router takes for "go on", what a framework answers with the status it finds, and what none can read.
const notErrors: [string, unknown][] = [
  ['undefined', undefined],
  ['null', null],
  ['false', false],
  ['0', 0],
  ['an empty string', ''],
  ['"route"', 'route'],
  ['"router"', 'router'],
  ['a text', SECRET],
  ['a number', 200],
  ['a bigint', 200n],
  ['a symbol', Symbol('route')],
  ['a function', () => SECRET],
  ['an object with the status of a success', { status: 200, message: SECRET }],
  ['an object with the status of an error', { status: 403, statusCode: 403, message: SECRET }],
  ['an object with getters that throw', throwingObject()],
  ['a list', []],
  ['an answer', new Response('in', { status: 200 })],
  ['an answer that is an error', new Response('out', { status: 403 })],
  ['an Error of another realm', runInNewContext(`new Error(${JSON.stringify(SECRET)})`)],
  ['an Error with status 200', Object.assign(new Error(SECRET), { status: 200 })],
  ['an Error with statusCode 200', Object.assign(new Error(SECRET), { statusCode: 200 })],
  ['an Error with status 302', Object.assign(new Error(SECRET), { status: 302 })],
  ['an Error with status 0', Object.assign(new Error(SECRET), { status: 0 })],
  ['an Error with status 1000', Object.assign(new Error(SECRET), { status: 1000 })],
  ['an Error with status "200"', Object.assign(new Error(SECRET), { status: '200' })],
  ['an Error whose status throws', throwing(SECRET, 'status')],
  ['an Error whose message throws', throwing(SECRET, 'message')],
  ['an Error whose stack throws', throwing(SECRET, 'stack')],
  ['an Error that is frozen', Object.freeze(failed({ status: 403 }))],
  ['an Error that cannot be extended', Object.preventExtensions(new Error(SECRET))],
  ['an InvalidUserIdError that is frozen', Object.freeze(new InvalidUserIdError(SECRET))],
  ['an Error whose status is a getter', changing('status', 403)],
  ['an Error whose status is a getter of its class', new ReadOnlyStatus(SECRET)],
  [
    'an Error whose status cannot be written',
    Object.defineProperty(new Error(SECRET), 'status', { value: 403 }),
  ],
  ['an Error whose statusCode is a getter', changing('statusCode', 403)],
  ['an Error whose status changes', changing('status', 500, 200)],
  ['an Error whose statusCode changes', changing('statusCode', 500, 500, 200)],
  ['an Error whose message changes', changing('message', 'a text', 42)],
  ['an Error whose message is a number', failed({ message: 42, expose: true, status: 403 })],
  ['an Error whose message is a symbol', failed({ message: Symbol('m'), status: 403 })],
  ['an Error whose name is a symbol', failed({ name: Symbol('n'), stack: 'Error', status: 403 })],
  ['an Error whose stack is a number', failed({ stack: 42 })],
  ['an Error without a stack, whose toString() throws', failed({ stack: '', toString: () => fail() })],
  [
    'an Error with a header that is undefined',
    failed({ status: 429, headers: { 'retry-after': undefined } }),
  ],
  ['an Error with a header of two lines', failed({ status: 429, headers: { 'x-reason': 'a\nb' } })],
  ['an Error with a header beyond Latin-1', failed({ status: 429, headers: { 'x-reason': '…' } })],
  ['an Error with a header that has no name', failed({ status: 429, headers: { 'x reason': 'a' } })],
  ['an Error with a text for headers', failed({ status: 429, headers: 'abc' })],
  ['an Error with Headers, whose methods Koa 2 sends', failed({ status: 429, headers: new Headers() })],
  ['an Error with a length', failed({ status: 429, headers: { 'Content-Length': '5' } })],
  ['an Error with a transfer', failed({ status: 429, headers: { 'transfer-encoding': 'chunked' } })],
  ['an Error with an encoding', failed({ status: 429, headers: { 'content-encoding': 'gzip' } })],
  ['an Error with an answer of its own', failed({ getResponse: () => new Response('in', { status: 200 }) })],
  ['a proxy that throws at everything', everyTrap],
  ['a proxy of an Error', new Proxy(new Error(SECRET), { getPrototypeOf: () => fail() })],
]

describe.each(frameworks.map((framework) => [framework.name, framework] as const))(
  '%s',
  (_name, framework) => {
    const { start, closeAll } = serversOf(framework)
    afterEach(closeAll)

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
        ['must be signed in, by the framework’s own error path', false, true],
        ['may be nobody, by the framework’s own error path', true, true],
      ])('anything at all is an error answer, where a user %s', async (_where, optional, ownErrors) => {
        const handler = vi.fn(whoAmI)
        let thrown: unknown
        const { url, errors } = await start({
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
      })
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
      const { url, errors } = await start({
        mounts: [{ client, optional: true, userId: () => Promise.reject(thrown[next++]!) }],
        routes: { '/': whoAmI },
      })
      for (const _ of thrown) await get(url, '/', 'u_alice')
      expect(errors).toEqual(thrown)
      expect(errors.every((error, index) => error === thrown[index])).toBe(true)
    })

    it('64 · what is not an Error is the cause, in a form that every logger can print', async () => {
      let thrown: unknown
      const { url, errors } = await start({
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
        [() => fail(), undefined],
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
    ])('75 · an Error with %o is answered, and not shown', async (statuses, answered) => {
      const { url } = await start({
        mounts: [{ client, userId: () => Promise.reject(failed(statuses)) }],
        routes: { '/': whoAmI },
        ownErrors: true,
      })
      const answer = await get(url, '/', 'u_alice')
      if (framework.name !== 'web-standard') expect(answered).toContain(answer.status)
      if (!SHOWS_STACKS.test(framework.name)) expect(await answer.text()).not.toMatch(/db-7|u_bob/)
    })

    describe('75 · no answer shows what failed', () => {
      it.each([true, false])('of the back end, in the routes (own error path: %s)', async (ownErrors) => {
        const { url, errors } = await start({
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

      it('nor is it none, when the client rejects with something that is not an Error', async () => {
        for (const thrown of [undefined, null, 'route', false, everyTrap]) {
          const { url } = await start({
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
      ])('%s tells the browser no more than that nobody is signed in', async (_what, id, advice) => {
        for (const ownErrors of [false, true]) {
          const { url, errors } = await start({
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

      it('of getMemory() tells no more, either', async () => {
        const { url, errors } = await start({
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

      it('of a factory that userId() calls tells no more, either', async () => {
        for (const optional of [false, true]) {
          const { url } = await start({
            mounts: [{ client, optional, userId: () => createMemoryFactory({ client })('u alice').userId }],
            routes: { '/': whoAmI },
            ownErrors: true,
          })
          const answer = await get(url, '/', 'u_alice')
          expect(answer.status).toBe(401)
          expect(await answer.text()).not.toMatch(/whitespace|userId|ScopedMemory\(/)
        }
      })

      it('is what the routes answer where nobody is signed in and that may pass', async () => {
        for (const ownErrors of [false, true]) {
          const { url } = await start({
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
          const { url, errors } = await start({
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
        await expect(start({ mounts: [wrong], routes: {} })).rejects.toThrow('timeoutMs')
        vi.unstubAllEnvs()
      })
    })
  },
)

describe('Fastify', () => {
  it('75 · sends nothing of an error of userId() where the app has no error handler, and logs it', async () => {
    const lines: string[] = []
    const app = fastify({ logger: { stream: { write: (line: string) => void lines.push(line) } } })
    app.register(onFastify.scopedMemory, { client, userId: () => Promise.reject(new Error(SECRET)) })
    app.get('/', async (request) => request.memory.userId)
    const answer = await app.inject('/')
    await app.close()
    expect(answer.statusCode).toBe(500)
    expect(answer.body).not.toMatch(/db-7|u_bob/)
    expect(answer.json()).toMatchObject({ code: 'MEMORY_FAILED' })
    expect(lines.join()).toContain(SECRET)
  })

  it('64 · can log whatever is thrown', async () => {
    let thrown: unknown
    const app = fastify({ logger: { stream: { write: () => undefined } } })
    app.register(onFastify.scopedMemory, {
      client,
      userId: () => {
        throw thrown
      },
    })
    app.get('/', async () => 'in')
    for (const [what, value] of notErrors) {
      thrown = value
      expect([what, (await app.inject('/')).statusCode]).toEqual([what, 500])
    }
    await app.close()
  })

  it('64 · does not start with options that throw nothing', async () => {
    const options = {
      userId: () => 'u_alice',
      get client(): never {
        // eslint-disable-next-line @typescript-eslint/only-throw-error
        throw undefined
      },
    }
    expect(() => createResolver(options)).toThrow(expect.objectContaining({ code: 'NOT_AN_ERROR' }))
    const unusable = new Proxy(client, {
      get() {
        // eslint-disable-next-line @typescript-eslint/only-throw-error
        throw undefined
      },
    })
    const app = fastify()
    app.register(onFastify.scopedMemory, { client: unusable, userId: () => 'u_alice' })
    await expect(app.ready()).rejects.toMatchObject({ code: 'NOT_AN_ERROR' })
    await app.close()
  })
})

it('warns once of an id that only a mistake can return, and of no visitor', async () => {
  vi.resetModules()
  const fresh = await import('../src/resolver.ts')
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
  for (const optional of [true, false]) {
    const resolve = (id: unknown) =>
      fresh.createResolver({ client, optional, userId: () => id as string }).resolve({})
    for (const visitor of [undefined, null, '', false]) await resolve(visitor).catch(() => undefined)
    expect(warn).toHaveBeenCalledTimes(optional ? 0 : 1)
    for (const mistake of [42, {}, true, 'u_alice ']) await resolve(mistake).catch(() => undefined)
    expect(warn).toHaveBeenCalledTimes(1)
  }
  expect(warn.mock.calls[0]).toEqual([
    expect.stringMatching(/must be a string, not number/),
    { type: 'ScopedMemoryWarning', code: 'SCOPED_MEMORY_USER_ID' },
  ])
})

it.each(notErrors)('64 · %s is the cause of an error, in every framework', async (_what, thrown) => {
  // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
  const { resolve } = createResolver({ client, userId: () => Promise.reject(thrown) })
  await expect(resolve({})).rejects.toMatchObject({ code: 'NOT_AN_ERROR', status: 500 })
})

it('74 · a method is looked up among the methods alone', async () => {
  const routes = memoryRoutes()
  const handler = withMemory({ client, userId: () => 'u_alice' }, routes)
  for (const method of ['constructor', 'toString', '__proto__', 'hasOwnProperty', 'id', 'LINK']) {
    for (const path of [
      '/memories',
      '/memories/export',
      '/memories/erase',
      '/memories/some-id',
      '/memories/toString',
    ]) {
      const answer = await handler(new Request(`http://localhost${path}`, { method }))
      expect([method, path, answer.status]).toEqual([method, path, 405])
    }
  }
})

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

function throwingObject(): object {
  return Object.defineProperties(
    {},
    Object.fromEntries(
      ['status', 'statusCode', 'message', 'name', 'stack', 'headers', 'then'].map((name) => [
        name,
        { enumerable: true, get: () => fail() },
      ]),
    ),
  )
}

function fail(): never {
  throw new Error('a getter')
}
