import { createServer } from 'node:http'
import fastifyJwt from '@fastify/jwt'
import secureSession from '@fastify/secure-session'
import { serve } from '@hono/node-server'
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { toNodeHandler } from 'better-auth/node'
import Database from 'better-sqlite3'
import express5 from 'express'
import { auth as auth0 } from 'express-oauth2-jwt-bearer'
import session from 'express-session'
import express4 from 'express4'
import fastify from 'fastify'
import { Hono } from 'hono'
import { jwt as honoJwt } from 'hono/jwt'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import Koa from 'koa'
import koaSession from 'koa-session'
import passport from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import * as onExpress from '../src/adapters/express.ts'
import * as onFastify from '../src/adapters/fastify.ts'
import * as onHono from '../src/adapters/hono.ts'
import * as onKoa from '../src/adapters/koa.ts'
import * as onNode from '../src/adapters/node.ts'
import { fromAuth0, fromBetterAuth, fromClerk, fromJwt, fromPassport, fromSession } from '../src/identity.ts'
import { client } from './support/mem0.ts'
import { open } from './support/server.ts'

const SECRET = 'a secret of more than thirty-two characters'

describe.each([
  ['Express 5', express5],
  ['Express 4', express4],
])('Passport with express-session, on %s', (_name, express) => {
  it('is who logged in, until they log out', async () => {
    const authenticator = new passport.Passport()
    authenticator.use(
      new LocalStrategy((name, password, done) =>
        done(null, password === 'right' && ({ id: `u_${name}` } as never)),
      ),
    )
    authenticator.serializeUser((user, done) => done(null, (user as { id: string }).id))
    authenticator.deserializeUser((id, done) => done(null, { id } as never))

    const app = express()
    app.set('env', 'test')
    app.use(express.json())
    app.use(session({ secret: SECRET, resave: false, saveUninitialized: false }))
    app.use(authenticator.session())
    app.post('/login', authenticator.authenticate('local'), (_req, res) => res.sendStatus(204))
    app.post('/logout', (req, res, next) =>
      req.logout((error) => (error ? next(error) : res.sendStatus(204))),
    )
    app.use(onExpress.scopedMemory({ client, userId: fromPassport() }))
    app.get('/', (req, res) => res.json(req.memory.userId))

    const url = await open(app)
    const [alice, bob] = [browser(url), browser(url)]
    expect(await alice('GET', '/')).toEqual([401, expect.anything()])
    expect(await alice('POST', '/login', { username: 'alice', password: 'wrong' })).toEqual([
      401,
      'Unauthorized',
    ])
    expect(await alice('GET', '/')).toEqual([401, expect.anything()])
    await alice('POST', '/login', { username: 'alice', password: 'right' })
    await bob('POST', '/login', { username: 'bob', password: 'right' })
    expect(await Promise.all([alice('GET', '/'), bob('GET', '/')])).toEqual([
      [200, 'u_alice'],
      [200, 'u_bob'],
    ])
    await alice('POST', '/logout')
    expect(await alice('GET', '/')).toEqual([401, expect.anything()])
    await alice('POST', '/login', { username: 'carol', password: 'right' })
    expect(await alice('GET', '/')).toEqual([200, 'u_carol'])
    expect(await bob('GET', '/')).toEqual([200, 'u_bob'])
  })
})

describe('express-oauth2-jwt-bearer', () => {
  it('is the subject of a token that the local key set verifies', async () => {
    const { publicKey, privateKey } = await generateKeyPair('RS256')
    const forged = await generateKeyPair('RS256')
    const issuer = await open(
      createServer((req, res) => {
        const here = `http://${req.headers.host}`
        const key = { kid: 'one', alg: 'RS256', use: 'sig' }
        res.setHeader('content-type', 'application/json')
        if (req.url === '/jwks')
          void exportJWK(publicKey).then((jwk) => res.end(JSON.stringify({ keys: [{ ...jwk, ...key }] })))
        else
          res.end(
            JSON.stringify({
              issuer: here,
              jwks_uri: `${here}/jwks`,
              id_token_signing_alg_values_supported: ['RS256'],
            }),
          )
      }),
    )
    const token = (subject: string, key = privateKey) =>
      new SignJWT({ user_id: 'u_bob' })
        .setProtectedHeader({ alg: 'RS256', kid: 'one' })
        .setSubject(subject)
        .setIssuer(issuer)
        .setAudience('memories')
        .setIssuedAt()
        .setExpirationTime('5m')
        .sign(key)

    const app = express5()
    app.set('env', 'test')
    app.use(auth0({ issuerBaseURL: issuer, audience: 'memories' }))
    app.use(onExpress.scopedMemory({ client, userId: fromAuth0() }))
    app.get('/', (req, res) => res.json(req.memory.userId))

    const url = await open(app)
    expect(await withToken(url, await token('auth0|alice'))).toEqual([200, 'auth0|alice'])
    expect(await withToken(url, await token('auth0|bob'))).toEqual([200, 'auth0|bob'])
    expect((await withToken(url, await token('auth0|bob', forged.privateKey)))[0]).toBe(401)
    expect((await withToken(url, undefined))[0]).toBe(401)
  })
})

describe('@fastify/jwt', () => {
  it('is the subject of the verified token, on whichever hook it is verified', async () => {
    const app = fastify()
    app.register(fastifyJwt, { secret: SECRET })
    app.register(async (guarded) => {
      guarded.addHook('onRequest', async (request) => void (await request.jwtVerify()))
      guarded.register(onFastify.scopedMemory, { client, userId: fromJwt() })
      guarded.get('/', async (request) => request.memory.userId)
    })
    app.register(async (guarded) => {
      guarded.register(onFastify.scopedMemory, { client, userId: fromJwt('uid') })
      const onRequest = async (request: { jwtVerify(): Promise<unknown> }): Promise<void> => {
        await request.jwtVerify()
      }
      guarded.get('/uid', { onRequest }, async (request) => request.memory.userId)
      guarded.get('/unverified', async (request) => request.memory.userId)
    })
    await app.ready()
    const ask = async (path: string, token: string | undefined) => {
      const answer = await app.inject({
        path,
        ...(token && { headers: { authorization: `Bearer ${token}` } }),
      })
      return [answer.statusCode, answer.statusCode === 200 ? answer.body : null]
    }
    const alice = app.jwt.sign({ sub: 'u_alice', uid: 'n_alice' })
    const bob = app.jwt.sign({ sub: 'u_bob', uid: 'n_bob' })
    expect(await Promise.all([ask('/', alice), ask('/', bob)])).toEqual([
      [200, 'u_alice'],
      [200, 'u_bob'],
    ])
    expect(await ask('/uid', alice)).toEqual([200, 'n_alice'])
    expect(await ask('/', undefined)).toEqual([401, null])
    expect(await ask('/', `${alice.slice(0, -6)}AAAAAA`)).toEqual([401, null])
    expect(await ask('/unverified', alice)).toEqual([401, null])
    await app.close()
  })
})

describe('hono/jwt', () => {
  it('is the subject of the verified token', async () => {
    const app = new Hono<{ Variables: onHono.MemoryVariables }>()
    app.use(honoJwt({ secret: SECRET, alg: 'HS256' }))
    app.use(onHono.scopedMemory({ client, userId: fromJwt() }))
    app.get('/', (c) => c.json(c.var.memory.userId))
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' })
    const url = await open(server as never)

    const key = new TextEncoder().encode(SECRET)
    const token = (claims: object) =>
      new SignJWT({ ...claims }).setProtectedHeader({ alg: 'HS256' }).setExpirationTime('5m').sign(key)
    expect(await withToken(url, await token({ sub: 'u_alice' }))).toEqual([200, 'u_alice'])
    expect(await withToken(url, await token({ sub: 'u_bob' }))).toEqual([200, 'u_bob'])
    expect((await withToken(url, await token({ sub: 42 })))[0]).toBe(401)
    expect((await withToken(url, await token({ name: 'alice' })))[0]).toBe(401)
    expect((await withToken(url, undefined))[0]).toBe(401)
  })
})

describe('koa-session', () => {
  it('is who the app put into the session', async () => {
    const app = new Koa()
    app.keys = [SECRET]
    app.use(koaSession({ key: 'sid', renew: false, rolling: true }, app))
    app.use(async (ctx, next) => {
      if (ctx.path === '/login') {
        ctx.session!['userId'] = `u_${String(ctx.query['name'])}`
        ctx.status = 204
      } else if (ctx.path === '/logout') {
        ctx.session = null
        ctx.status = 204
      } else await next()
    })
    app.use(onKoa.scopedMemory({ client, userId: fromSession('userId') }))
    app.use(onKoa.memoryRoutes({ path: '/memories' }))
    app.use((ctx) => {
      ctx.body = JSON.stringify(ctx.memory.userId)
    })

    const url = await open(app.callback())
    const [alice, bob] = [browser(url), browser(url)]
    expect((await alice('GET', '/'))[0]).toBe(401)
    await alice('POST', '/login?name=alice')
    await bob('POST', '/login?name=bob')
    expect(await Promise.all([alice('GET', '/'), bob('GET', '/')])).toEqual([
      [200, 'u_alice'],
      [200, 'u_bob'],
    ])
    expect(await alice('GET', '/memories')).toEqual([200, expect.objectContaining({ results: [] })])
    await alice('POST', '/logout')
    expect((await alice('GET', '/'))[0]).toBe(401)
  })
})

describe('@fastify/secure-session', () => {
  it('is who the app put into the session', async () => {
    const app = fastify()
    app.register(secureSession, { key: Buffer.alloc(32, 7) })
    app.post('/login/:name', async (request) => {
      const { name } = request.params as { name: string }
      request.session.set('userId' as never, `u_${name}` as never)
      return null
    })
    app.register(async (inside) => {
      inside.register(onFastify.scopedMemory, { client, userId: fromSession('userId') })
      inside.get('/', async (request) => ({ userId: request.memory.userId }))
    })
    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    onTestFinished(() => app.close())
    const [alice, bob] = [browser(url), browser(url)]
    expect((await alice('GET', '/'))[0]).toBe(401)
    await alice('POST', '/login/alice')
    await bob('POST', '/login/bob')
    expect(await Promise.all([alice('GET', '/'), bob('GET', '/')])).toEqual([
      [200, { userId: 'u_alice' }],
      [200, { userId: 'u_bob' }],
    ])
  })

  it('names nobody by what every object inherits', async () => {
    const app = fastify()
    app.register(secureSession, { key: Buffer.alloc(32, 7) })
    app.register(onFastify.scopedMemory, { client, userId: fromSession('userId') })
    app.get('/', async (request) => request.memory.userId)
    await app.ready()
    Object.assign(Object.prototype, { userId: 'u_alice' })
    try {
      expect((await app.inject('/')).statusCode).toBe(401)
    } finally {
      delete (Object.prototype as { userId?: unknown }).userId
      await app.close()
    }
  })
})

describe('express-session for a part of the app', () => {
  const options = { secret: SECRET, resave: false, saveUninitialized: false }

  it.each<[string, (app: express5.Express) => void]>([
    ['by its cookie', (app) => app.use(session({ ...options, cookie: { path: '/app' } }))],
    ['by its mount', (app) => app.use('/app', session(options))],
  ])('%s is an error elsewhere that says so', async (_how, mount) => {
    const app = express5()
    app.set('env', 'test')
    mount(app)
    app.use(onExpress.scopedMemory({ client, userId: fromSession('userId') }))
    const errors: { code?: unknown; message?: unknown }[] = []
    // eslint-disable-next-line @typescript-eslint/no-unused-vars -- Express tells an error handler by its four parameters
    app.use(((error, _req, res, _next) => {
      errors.push(error)
      res.sendStatus(error.status)
    }) as express5.ErrorRequestHandler)
    const url = await open(app)
    expect((await fetch(`${url}/app`)).status).toBe(401)
    expect((await fetch(`${url}/other`)).status).toBe(500)
    expect(errors[1]).toMatchObject({
      code: 'LOGIN_NOT_MOUNTED',
      message: expect.stringContaining('Mount scopedMemory() on the paths that the session covers.'),
    })
  })
})

describe('better-auth on SQLite', () => {
  it('is who signed in, in whichever framework the headers come', async () => {
    const auth = betterAuth({
      database: new Database(':memory:'),
      secret: SECRET,
      baseURL: 'http://localhost',
      emailAndPassword: { enabled: true },
      telemetry: { enabled: false },
      rateLimit: { enabled: false },
    })
    await (await getMigrations(auth.options)).runMigrations()
    const userId = fromBetterAuth(auth)

    const app = express5()
    app.set('env', 'test')
    app.all('/api/auth/{*path}', toNodeHandler(auth))
    app.use(onExpress.scopedMemory({ client, userId }))
    app.get('/', (req, res) => res.json(req.memory.userId))
    const url = await open(app)

    const signUp = async (name: string) => {
      const user = browser(url, { origin: 'http://localhost' })
      const email = `${name}@example.com`
      const [status, body] = await user('POST', '/api/auth/sign-up/email', {
        name,
        email,
        password: 'long-enough',
      })
      expect(status).toBe(200)
      return { user, id: (body as { user: { id: string } }).user.id }
    }
    const [alice, bob] = [await signUp('alice'), await signUp('bob')]
    expect(await alice.user('GET', '/')).toEqual([200, alice.id])
    expect(await bob.user('GET', '/')).toEqual([200, bob.id])
    expect((await browser(url)('GET', '/'))[0]).toBe(401)

    const cookie = alice.user.cookie()
    const asked = { headers: { cookie } }
    const hono = new Hono<{ Variables: onHono.MemoryVariables }>()
    hono.use(onHono.scopedMemory({ client, userId }))
    hono.get('/', (c) => c.text(c.var.memory.userId))
    expect(await (await hono.request('/', asked)).text()).toBe(alice.id)

    const inFastify = fastify()
    inFastify.register(onFastify.scopedMemory, { client, userId })
    inFastify.get('/', async (request) => request.memory.userId)
    expect((await inFastify.inject({ path: '/', ...asked })).body).toBe(alice.id)
    await inFastify.close()

    const koa = new Koa()
    koa.use(onKoa.scopedMemory({ client, userId }))
    koa.use((ctx) => {
      ctx.body = ctx.memory.userId
    })
    expect(await (await fetch(await open(koa.callback()), asked)).text()).toBe(alice.id)

    const memoryOf = onNode.scopedMemory({ client, userId })
    const plain = createServer((req, res) => void memoryOf(req, res).then(({ userId: id }) => res.end(id)))
    expect(await (await fetch(await open(plain), asked)).text()).toBe(alice.id)

    await alice.user('POST', '/api/auth/sign-out', {})
    expect((await alice.user('GET', '/'))[0]).toBe(401)
  })
})

describe('reading what a login left', () => {
  it.each<[string, (request: object) => unknown, object, unknown]>([
    ['Passport, on Koa', fromPassport(), { state: { user: { id: 'u_alice' } } }, 'u_alice'],
    ['Passport, another property', fromPassport('uuid'), { user: { id: '1', uuid: 'u_alice' } }, 'u_alice'],
    ['koa-jwt', fromJwt(), { state: { user: { sub: 'u_alice' } } }, 'u_alice'],
    ['express-jwt', fromJwt(), { auth: { sub: 'u_alice' } }, 'u_alice'],
    [
      'Clerk on Express',
      fromClerk(),
      { auth: () => ({ tokenType: 'session_token', userId: 'u_alice' }) },
      'u_alice',
    ],
    ['Clerk on Fastify', fromClerk(), { auth: { tokenType: 'session_token', userId: 'u_alice' } }, 'u_alice'],
    ['Clerk on Hono', fromClerk(), { var: { clerkAuth: () => ({ userId: 'u_alice' }) } }, 'u_alice'],
    ['Clerk, signed out', fromClerk(), { auth: () => ({ tokenType: 'session_token', userId: null }) }, null],
    [
      'Clerk, an API key of a user',
      fromClerk(),
      { auth: () => ({ tokenType: 'api_key', userId: 'u_bob' }) },
      undefined,
    ],
    ['Clerk, a machine', fromClerk(), { auth: { tokenType: 'm2m_token', userId: 'u_bob' } }, undefined],
    ['a session without the key', fromSession('userId'), { session: {} }, undefined],
    ['a session that is null', fromSession('userId'), { session: null }, undefined],
    ['no login', fromPassport(), {}, undefined],
    ['no token', fromAuth0(), { auth: { payload: undefined } }, undefined],
    ['a token that is a text', fromJwt('length'), { user: 'a text' }, undefined],
    // A request of Express has a method get() that reads headers, which anybody can send.
    ['a header of that name', fromJwt(), { get: () => ({ sub: 'u_bob' }), header: () => 'u_bob' }, undefined],
  ])('%s', (_what, resolver, request, expected) => {
    expect(resolver(request)).toBe(expected)
  })
})

describe('a login that is not mounted', () => {
  const web = (): Request => new Request('http://localhost/')
  const node = (): object => ({ headers: {}, url: '/', get: () => undefined })

  it.each<[string, (request: object) => unknown, object, RegExp]>([
    [
      'Clerk on a Request, as Next.js has it',
      fromClerk(),
      web(),
      /\(await auth\(\)\)\.userId.*@clerk\/nextjs\/server/,
    ],
    ['Clerk on Express', fromClerk(), node(), /app\.use\(clerkMiddleware\(\)\)/],
    ['Clerk on Fastify before its hook', fromClerk(), { auth: null }, /clerkPlugin/],
    ['Clerk on Hono', fromClerk(), { var: {} }, /clerkMiddleware/],
    ['a session on Express', fromSession('userId'), node(), /app\.use\(session\(/],
    ['a session on a Request', fromSession('userId'), web(), /no session/],
    ['Passport on a Request', fromPassport(), web(), /fromPassport\(\).*userId: async \(request\)/],
    ['Auth0 on a Request', fromAuth0(), web(), /fromAuth0\(\).*userId: async \(request\)/],
    ['a token on a Request', fromJwt(), web(), /fromJwt\(\).*userId: async \(request\)/],
  ])('is an error with the line to write: %s', (_what, resolver, request, line) => {
    expect(() => resolver(request)).toThrow(
      expect.objectContaining({ code: 'LOGIN_NOT_MOUNTED', status: 500 }),
    )
    expect(() => resolver(request)).toThrow(line)
  })

  it.each<[string, (request: object) => unknown, object]>([
    ['Passport, or a login of the app, that sets a user only for who is signed in', fromPassport(), node()],
    ['koa-passport', fromPassport(), { state: {} }],
    ['express-oauth2-jwt-bearer with authRequired: false', fromAuth0(), node()],
    ['express-jwt with credentialsRequired: false', fromJwt(), node()],
    ['koa-jwt with passthrough', fromJwt(), { state: {} }],
    ['@fastify/jwt', fromJwt(), { user: null }],
    ['hono/jwt, where it did not run', fromJwt(), { var: {}, req: { raw: web() } }],
    ['a session that was destroyed', fromSession('userId'), { sessionStore: {} }],
    ['a login that put its user on a Request', fromPassport(), Object.assign(web(), { user: null })],
  ])('cannot be told from an anonymous visitor: %s', (_what, resolver, request) => {
    expect(resolver(request) ?? undefined).toBeUndefined()
  })

  it('is a 500 and not a 401 for everybody', async () => {
    const app = express5()
    app.set('env', 'production')
    app.use(onExpress.scopedMemory({ client, optional: true, userId: fromClerk() }))
    app.get('/', (_req, res) => res.json('in'))
    app.use(
      // eslint-disable-next-line @typescript-eslint/no-unused-vars -- Express tells an error handler by its four parameters
      ((error, _req, res, _next) => void res.status(500).json(error.code)) as express5.ErrorRequestHandler,
    )
    const answer = await fetch(await open(app))
    expect([answer.status, await answer.json()]).toEqual([500, 'LOGIN_NOT_MOUNTED'])
  })
})

describe('55 · a polluted prototype names nobody', () => {
  const polluted = Object.prototype as unknown as Record<string, unknown>

  afterEach(() => {
    for (const name of ['id', 'sub', 'userId', 'user', 'auth', 'session', 'state', 'var'])
      delete polluted[name]
  })

  it.each<[string, (request: object) => unknown, object]>([
    ['the user of Passport', fromPassport(), { user: {} }],
    ['the user of koa-passport', fromPassport(), { state: { user: {} } }],
    ['the claims of a token', fromJwt(), { user: {} }],
    ['the payload of Auth0', fromAuth0(), { auth: { payload: {} } }],
    ['a session', fromSession('userId'), { session: {} }],
  ])('%s', (_what, resolver, request) => {
    Object.assign(polluted, { id: 'u_bob', sub: 'u_bob', userId: 'u_bob' })
    expect(resolver(request)).toBeUndefined()
  })

  it('a request without a login', () => {
    const user = { id: 'u_bob', sub: 'u_bob' }
    Object.assign(polluted, { user, auth: { payload: user }, session: { userId: 'u_bob' }, state: { user } })
    const resolvers = [fromPassport(), fromJwt(), fromAuth0()]
    expect(resolvers.map((resolver) => resolver({}))).toEqual([undefined, undefined, undefined])
    expect(() => fromSession('userId')({})).toThrow('no session')
  })

  it('an option that nobody passed', async () => {
    Object.assign(polluted, { userId: () => 'u_bob' })
    const { userId: _mine, ...options } = { client, userId: undefined }
    expect(() => onExpress.scopedMemory(options as never)).toThrow('There is no default identity')
  })
})

describe('63 · ids that can be given to somebody else', () => {
  it('are not what the ready resolvers read', () => {
    const recyclable = { username: 'bob', email: 'bob@example.com', name: 'bob', preferred_username: 'bob' }
    expect(fromPassport()({ user: recyclable })).toBeUndefined()
    expect(fromJwt()({ user: recyclable })).toBeUndefined()
    expect(fromAuth0()({ auth: { payload: recyclable } })).toBeUndefined()
  })
})

async function withToken(url: string, token: string | undefined): Promise<[number, unknown]> {
  const answer = await fetch(url, {
    ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
  })
  return [answer.status, answer.status === 200 ? await answer.json() : await answer.text()]
}

/** Sends JSON and keeps cookies. */
function browser(url: string, always: Record<string, string> = {}) {
  const cookies = new Map<string, string>()
  const cookie = (): string => [...cookies].map((pair) => pair.join('=')).join('; ')
  const ask = async (method: string, path: string, body?: object): Promise<[number, unknown]> => {
    const answer = await fetch(url + path, {
      method,
      headers: { ...always, cookie: cookie(), ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    })
    for (const set of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(set)!
      cookies.set(name!, value!)
    }
    const text = await answer.text()
    try {
      return [answer.status, JSON.parse(text)]
    } catch {
      return [answer.status, text]
    }
  }
  return Object.assign(ask, { cookie })
}
