import { json as parsed } from 'node:stream/consumers'
import Koa3, { type Context } from 'koa'
import Koa2 from 'koa2'
import { describe, expect, it, vi } from 'vitest'
import { getMemory, memoryRoutes, scopedMemory, tryGetMemory } from '../../src/adapters/koa.ts'
import { koaServers } from '../servers/koa.ts'
import { adapterSuites } from '../suites/index.ts'
import { json } from '../support/clients.ts'
import { client, memoryFor } from '../support/mem0.ts'
import { correct, oneMemory, userId } from '../support/one-memory.ts'
import { login, open } from '../support/server.ts'

for (const framework of koaServers) adapterSuites(framework)

describe.each([
  ['Koa 3', Koa3],
  ['Koa 2', Koa2],
])('%s', (_name, Koa) => {
  it('41 · answers a doubled parameter with 401, even where an app trusts it', async () => {
    const app = new Koa()
    app.use(scopedMemory({ client, userId: (ctx) => ctx.query['u'] as string }))
    app.use((ctx) => void (ctx.body = ctx.memory.userId))
    const url = await open(app.callback())
    for (const query of ['u=u_alice&u=u_bob', 'u=*', 'u=', 'u=%20u_bob']) {
      expect((await fetch(`${url}/?${query}`)).status).toBe(401)
    }
  })

  it('43 · puts nothing on the context that all requests share, and reads nothing from it', async () => {
    const app = new Koa()
    Object.assign(app.context, { memory: memoryFor('u_bob') })
    app.use(scopedMemory({ client, userId: (ctx) => login(ctx.get('authorization')) }))
    app.use((ctx) => void (ctx.body = JSON.stringify([ctx.memory.userId, getMemory(ctx).userId])))
    const url = await open(app.callback())
    expect(await json(url, '/', 'u_alice')).toEqual(['u_alice', 'u_alice'])
    expect(Object.getOwnPropertySymbols(app.context)).not.toContain(Symbol.for('scoped-memory.binding'))
    expect(tryGetMemory(app.context)).toBeUndefined()
  })
})

const alice = oneMemory()

it('prints nothing for a visit without a login', async () => {
  const printed = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  for (const optional of [false, true]) {
    const app = new Koa3()
    app.use(scopedMemory({ client: alice.client, optional, userId: () => undefined }))
    app.use(memoryRoutes())
    app.use((ctx) => getMemory(ctx))
    const url = await open(app.callback())
    for (const path of ['/', '/memories']) expect((await fetch(url + path)).status).toBe(401)
  }
  expect(printed).not.toHaveBeenCalled()
  printed.mockRestore()
})

it.each<[string, (ctx: Context) => Promise<unknown>]>([
  ['koa-bodyparser', async (ctx) => Object.assign(ctx.request, { body: await parsed(ctx.req) })],
  ['koa-bodyparser, which passes it over', async (ctx) => Object.assign(ctx.request, { body: {} })],
  ['a text', async (ctx) => Object.assign(ctx.request, { body: JSON.stringify(await parsed(ctx.req)) })],
])('73 · a body that was read before, by %s is there for the routes', async (_how, read) => {
  const app = new Koa3()
  app.use(async (ctx, next) => {
    await read(ctx)
    await next()
  })
  app.use(scopedMemory({ client: alice.client, userId }))
  app.use(memoryRoutes())
  const url = await open(app.callback())
  expect([await correct(url, alice), await alice.texts()]).toEqual([204, ['vegan']])
})
