import { IncomingMessage, request, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { json as parsed } from 'node:stream/consumers'
import express5 from 'express'
import express4 from 'express4'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { memoryRoutes, scopedMemory, type MemoryMiddleware } from '../../src/adapters/express.ts'
import { connectServer } from '../servers/connect.ts'
import { expressServers } from '../servers/express.ts'
import { adapterSuites } from '../suites/index.ts'
import { json } from '../support/clients.ts'
import { client, memoryFor } from '../support/mem0.ts'
import { correct, CORRECTION, oneMemory, userId } from '../support/one-memory.ts'
import { login, open } from '../support/server.ts'

for (const framework of [...expressServers, connectServer]) adapterSuites(framework)

describe.each([
  ['Express 5', express5],
  ['Express 4', express4],
])('%s', (_name, express) => {
  it('41 · answers what a query parser makes of a parameter with 401, even where an app trusts it', async () => {
    const app = express()
    app.set('env', 'test')
    app.set('query parser', 'extended')
    app.use(scopedMemory({ client, userId: (req) => req.query['u'] as string }))
    app.get('/', (req, res) => res.json(req.memory.userId))
    const url = await open(app)
    for (const query of ['u=u_alice&u=u_bob', 'u[]=*', 'u[ne]=zz', 'u=*', 'u=', 'u=%20u_bob']) {
      expect((await fetch(`${url}/?${query}`)).status).toBe(401)
    }
  })

  it('43 · puts nothing on the app, and reads nothing from it', async () => {
    const app = express()
    app.locals['memory'] = memoryFor('u_bob')
    Object.assign(app.request, { memory: memoryFor('u_bob') })
    app.use(scopedMemory({ client, userId: (req) => login(req.headers.authorization) }))
    app.get('/', (req, res) => res.json(req.memory.userId))
    const url = await open(app)
    expect(await json(url, '/', 'u_alice')).toBe('u_alice')
    expect(app.locals['memory'].userId).toBe('u_bob')
    expect(Object.getOwnPropertySymbols(app.request)).not.toContain(Symbol.for('scoped-memory.binding'))
  })

  it('50 · puts nothing on the connection', async () => {
    const app = express()
    const sockets = new Set<object>()
    app.use(scopedMemory({ client, userId: (req) => login(req.headers.authorization) }))
    app.get('/', (req, res) => {
      sockets.add(req.socket)
      const names = [
        ...Object.getOwnPropertyNames(req.socket),
        ...Object.getOwnPropertySymbols(req.socket).map(String),
      ]
      res.json(names.filter((name) => /memory/i.test(name)))
    })
    const url = await open(app)
    expect(await json(url, '/', 'u_alice')).toEqual([])
    expect(await json(url, '/', 'u_bob')).toEqual([])
  })

  describe('73 · a body that was read before', () => {
    const alice = oneMemory()

    it.each<[string, () => express5.RequestHandler]>([
      ['express.json()', () => express.json()],
      ['express.raw()', () => express.raw({ type: '*/*' })],
      ['express.text()', () => express.text({ type: '*/*' })],
      ['express.urlencoded(), which passes it over', () => express.urlencoded({ extended: true })],
    ])('by %s is there for the routes', async (_how, parser) => {
      const url = await serve([parser()])
      expect([await correct(url, alice), await alice.texts()]).toEqual([204, ['vegan']])
    })

    it.each<[string, express5.RequestHandler]>([
      ['nothing', (req, _res, next) => void parsed(req).then(() => next(), next)],
      [
        'what is not JSON',
        (req, _res, next) => void parsed(req).then(() => ((req.body = { size: 1n }), next()), next),
      ],
    ])('and left as %s is an error that says so', async (_how, reader) => {
      const errors: unknown[] = []
      const url = await serve([reader], errors)
      expect(await correct(url, alice)).toBe(500)
      expect(errors).toEqual([expect.objectContaining({ code: 'BODY_TAKEN', status: 500 })])
    })

    it('that is null is one without a text', async () => {
      const url = await serve([express.json({ strict: false })])
      expect(await correct(url, alice, { ...CORRECTION, body: 'null' })).toBe(400)
    })

    it('74 · responds to a method that a web-standard request cannot have', async () => {
      const url = await serve([])
      const status = await new Promise((resolve) => {
        request(`${url}/memories`, { method: 'TRACE' }, (answer) => resolve(answer.resume().statusCode)).end()
      })
      expect(status).toBe(405)
    })

    const serve = async (before: express5.RequestHandler[], errors: unknown[] = []): Promise<string> => {
      const app = express()
      for (const handler of before) app.use(handler)
      app.use(scopedMemory({ client: alice.client, userId }))
      app.use(memoryRoutes())
      // eslint-disable-next-line @typescript-eslint/no-unused-vars -- Express tells an error handler by its four parameters
      app.use(((error, _req, res, _next) => {
        errors.push(error)
        res.sendStatus(error.status ?? 500)
      }) as express5.ErrorRequestHandler)
      return open(app)
    }
  })
})

describe('what next() is called with', () => {
  afterEach(() => void vi.restoreAllMocks())

  const incoming = (): IncomingMessage => new IncomingMessage(new Socket())

  it('says 401 where Express looks for it, and where NestJS does', async () => {
    const middleware = scopedMemory({ client, userId: () => undefined })
    const req = incoming()
    const error = await new Promise((resolve) => middleware(req, new ServerResponse(req), resolve))
    expect(error).toMatchObject({ status: 401, statusCode: 401, code: 'INVALID_USER_ID' })
  })

  const failure = new Error('the next handler failed')
  const middlewares: [string, MemoryMiddleware][] = [
    ['scopedMemory()', scopedMemory({ client, userId: () => undefined })],
    ['scopedMemory() with a user', scopedMemory({ client, userId })],
    ['memoryRoutes()', memoryRoutes()],
  ]

  it.each(middlewares)(
    '64 · what next() throws behind %s ends one request, not the process',
    async (_what, run) => {
      const printed = vi.spyOn(console, 'error').mockImplementation(() => undefined)
      const req = Object.assign(incoming(), { url: '/memories', method: 'GET' })
      const res = new ServerResponse(req)
      const next = vi.fn(() => {
        throw failure
      })
      run(req, res, next)
      await vi.waitFor(() => expect(res.destroyed).toBe(true))
      expect(next).toHaveBeenLastCalledWith(expect.any(Error))
      expect(printed).toHaveBeenCalledExactlyOnceWith(failure)
    },
  )

  it('hands what next() throws to next(error), as Express does with a handler that is not asynchronous', async () => {
    const req = incoming()
    const handed = await new Promise((resolve) =>
      scopedMemory({ client, userId })(req, new ServerResponse(req), (error) => {
        if (error === undefined) throw failure
        resolve(error)
      }),
    )
    expect(handed).toBe(failure)
  })
})
