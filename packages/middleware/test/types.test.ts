import { execFileSync } from 'node:child_process'
import type { IncomingMessage } from 'node:http'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { ScopedMemory } from '@scoped-memory/core'
import express, { type Request } from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import { describe, expectTypeOf, it } from 'vitest'
import * as onExpress from '../src/adapters/express.ts'
import * as onFastify from '../src/adapters/fastify.ts'
import * as onHono from '../src/adapters/hono.ts'
import * as onKoa from '../src/adapters/koa.ts'
import * as onNode from '../src/adapters/node.ts'
import { withMemory } from '../src/adapters/web.ts'
import { fromAuth0, fromBetterAuth, fromClerk, fromJwt, fromPassport, fromSession } from '../src/identity.ts'
import type { MemoryFor } from '../src/resolver.ts'
import { memoryRoutes } from '../src/your-data/routes.ts'

const client = Object.fromEntries(
  [
    'add',
    'search',
    'getAll',
    'get',
    'update',
    'delete',
    'deleteAll',
    'history',
    'batchUpdate',
    'batchDelete',
    'feedback',
  ].map((name) => [name, async () => []]),
) as never
const userId = () => 'u_alice'
type Maybe = ScopedMemory | undefined

describe('what a handler gets', () => {
  it('Express', () => {
    const app = express()
    app.use(onExpress.scopedMemory({ client, userId }))
    app.use(
      onExpress.scopedMemory({
        client,
        userId: (req) => {
          expectTypeOf(req).toEqualTypeOf<Request>()
          return req.user?.id
        },
      }),
    )
    app.use(onExpress.scopedMemory({ client, userId: (req: Request) => req.get('x')?.slice(1) }))
    app.get('/', (req) => {
      expectTypeOf(req.memory).toEqualTypeOf<ScopedMemory>()
      expectTypeOf(onExpress.getMemory(req)).toEqualTypeOf<ScopedMemory>()
      expectTypeOf(onExpress.tryGetMemory(req)).toEqualTypeOf<Maybe>()
      // @ts-expect-error the memory of a request is not replaced
      req.memory = {} as ScopedMemory
    })
    app.use(onExpress.memoryRoutes())
  })

  it('Koa', () => {
    const app = new Koa()
    app.use(onKoa.scopedMemory({ client, userId: (ctx) => ctx.get('x') }))
    app.use((ctx) => {
      expectTypeOf(ctx.memory).toEqualTypeOf<ScopedMemory>()
      expectTypeOf(onKoa.tryGetMemory(ctx)).toEqualTypeOf<Maybe>()
      // @ts-expect-error the memory of a request is not replaced
      ctx.memory = {} as ScopedMemory
    })
    app.use(onKoa.memoryRoutes())
  })

  it('Fastify', () => {
    const app = fastify()
    app.register(onFastify.scopedMemory, { client, userId: (request) => request.headers.authorization })
    app.register(onFastify.memoryRoutes, { path: '/data' })
    app.get('/', async (request) => {
      expectTypeOf(request.memory).toEqualTypeOf<ScopedMemory>()
      expectTypeOf(onFastify.tryGetMemory(request)).toEqualTypeOf<Maybe>()
      // @ts-expect-error the memory of a request is not replaced
      request.memory = {} as ScopedMemory
    })
    // @ts-expect-error there is no default identity
    app.register(onFastify.scopedMemory, { client })
  })

  it('Hono, with optional changing the type', () => {
    new Hono<{ Variables: onHono.MemoryVariables }>().get('/', (c) => {
      expectTypeOf(c.var.memory).toEqualTypeOf<ScopedMemory>()
      return c.text('')
    })
    new Hono().use(onHono.scopedMemory({ client, userId })).get('/', (c) => {
      expectTypeOf(c.var.memory).toEqualTypeOf<ScopedMemory>()
      return c.text('')
    })
    new Hono().use(onHono.scopedMemory({ client, userId, optional: true })).get('/', (c) => {
      expectTypeOf(c.var.memory).toEqualTypeOf<Maybe>()
      return c.text('')
    })
    new Hono().get('/', onHono.scopedMemory({ client, userId }), onHono.memoryRoutes(), (c) => {
      expectTypeOf(c.var.memory).toEqualTypeOf<ScopedMemory>()
      return c.text('')
    })
  })

  it('web, with optional changing the type and what the runtime passes behind it', () => {
    const plain = withMemory({ client, userId }, (request, { memory }) => {
      expectTypeOf(request).toEqualTypeOf<Request_>()
      expectTypeOf(memory).toEqualTypeOf<ScopedMemory>()
      return new Response()
    })
    expectTypeOf(plain).toEqualTypeOf<(request: Request_) => Promise<Response>>()

    withMemory({ client, userId, optional: true }, (_request, { memory }) => {
      expectTypeOf(memory).toEqualTypeOf<Maybe>()
      return new Response()
    })
    const sometimes: boolean = Math.random() < 2
    withMemory({ client, userId, optional: sometimes }, (_request, { memory }) => {
      expectTypeOf(memory).toEqualTypeOf<Maybe>()
      return new Response()
    })

    type NextContext = { params: Promise<{ id: string }> }
    const GET = withMemory({ client, userId }, async (_request, _context, { params }: NextContext) => {
      expectTypeOf(await params).toEqualTypeOf<{ id: string }>()
      return new Response()
    })
    expectTypeOf(GET).toEqualTypeOf<(request: Request_, context: NextContext) => Promise<Response>>()

    expectTypeOf(withMemory({ client, userId }, memoryRoutes())).toExtend<
      (request: Request_) => Promise<Response>
    >()
  })

  it('node:http, with optional changing the type', () => {
    const req = {} as IncomingMessage
    const _must = onNode.scopedMemory({ client, userId })
    const _may = onNode.scopedMemory({ client, userId, optional: true })
    expectTypeOf<ReturnType<typeof _must>>().resolves.toEqualTypeOf<ScopedMemory>()
    expectTypeOf<ReturnType<typeof _may>>().resolves.toEqualTypeOf<Maybe>()
    expectTypeOf(onNode.tryGetMemory(req)).toEqualTypeOf<Maybe>()
  })

  it('Express, Koa and Fastify, once an app says that its middleware is optional', () => {
    const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
    const fixture = fileURLToPath(new URL('fixtures/optional', import.meta.url))
    execFileSync(process.execPath, [tsc, '-p', fixture], { encoding: 'utf8' })
  }, 120_000)

  it('is decided by optional alone', () => {
    expectTypeOf<MemoryFor<false>>().toEqualTypeOf<ScopedMemory>()
    expectTypeOf<MemoryFor<true>>().toEqualTypeOf<Maybe>()
    expectTypeOf<MemoryFor<boolean>>().toEqualTypeOf<Maybe>()
  })
})

describe('the codes of MemoryMiddlewareError', () => {
  it('can be told apart by a switch that forgets none', () => {
    const isOfTheMount = (code: onExpress.MemoryMiddlewareErrorCode): boolean => {
      switch (code) {
        case 'MEMORY_NOT_MOUNTED':
        case 'LOGIN_NOT_MOUNTED':
        case 'IDENTITY_CONFLICT':
        case 'MEMORY_TAKEN':
        case 'BODY_TAKEN':
          return true
        case 'NOT_AN_ERROR':
        case 'MEMORY_FAILED':
          return false
        default:
          return code satisfies never
      }
    }
    expectTypeOf(isOfTheMount).returns.toBeBoolean()
    expectTypeOf<
      onExpress.MemoryMiddlewareError['code']
    >().toEqualTypeOf<onExpress.MemoryMiddlewareErrorCode>()
    // @ts-expect-error there is no such code
    isOfTheMount('MEMORY_TAKEN_AWAY')
  })
})

describe('what is taken', () => {
  it('every ready resolver, in every adapter', () => {
    const auth = { api: { getSession: async () => ({ user: { id: 'u_alice' }, session: { token: '' } }) } }
    const resolvers = [
      fromPassport(),
      fromAuth0(),
      fromClerk(),
      fromSession('id'),
      fromJwt(),
      fromBetterAuth(auth),
    ]
    for (const resolver of resolvers) {
      onExpress.scopedMemory({ client, userId: resolver })
      onKoa.scopedMemory({ client, userId: resolver })
      onHono.scopedMemory({ client, userId: resolver })
      onNode.scopedMemory({ client, userId: resolver })
      withMemory({ client, userId: resolver }, () => new Response())
      fastify().register(onFastify.scopedMemory, { client, userId: resolver })
    }
  })

  it('neither a resolver of something else nor an unknown option', () => {
    // @ts-expect-error a number is not a user id
    onExpress.scopedMemory({ client, userId: () => 42 })
    const misspelt = () =>
      // @ts-expect-error there is no such option
      onExpress.scopedMemory({ client, userId, cacheControll: false })
    expectTypeOf(misspelt).toBeFunction()
    // @ts-expect-error there is no default identity
    expectTypeOf(() => onExpress.scopedMemory({ client })).toBeFunction()
  })
})

type Request_ = globalThis.Request
