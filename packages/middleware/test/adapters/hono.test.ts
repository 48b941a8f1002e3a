import { createInMemoryClient } from '@scoped-memory/core/testing'
import { Hono, type Context, type Next } from 'hono'
import { describe, expect, it } from 'vitest'
import { memoryRoutes, scopedMemory } from '../../src/adapters/hono.ts'
import { honoServer } from '../servers/hono.ts'
import { adapterSuites } from '../suites/index.ts'
import { CORRECTION, oneMemory, userId } from '../support/one-memory.ts'

adapterSuites(honoServer)

describe('73 · a body that was read before', () => {
  const alice = oneMemory()

  it.each<[string, (c: Context) => Promise<unknown>]>([
    ['text()', (c) => c.req.text()],
    ['json()', (c) => c.req.json()],
    ['arrayBuffer()', (c) => c.req.arrayBuffer()],
    ['blob()', (c) => c.req.blob()],
    ['parseBody()', (c) => c.req.parseBody()],
    ['a clone', (c) => c.req.raw.clone().text()],
  ])('by %s is there for the routes', async (_how, read) => {
    const app = honoApp(read)
    const answer = await app.request(`/memories/${alice.id}`, CORRECTION)
    expect([answer.status, await alice.texts()]).toEqual([204, ['vegan']])
    const erased = await app.request('/memories/erase', {
      ...CORRECTION,
      method: 'POST',
      body: '{"confirm":true}',
    })
    expect([erased.status, await alice.texts()]).toEqual([200, []])
  })

  it('and not kept is an error that says so', async () => {
    const errors: unknown[] = []
    const app = honoApp((c) => c.req.raw.text())
    app.onError((error, c) => (errors.push(error), c.text('', 500)))
    expect((await app.request(`/memories/${alice.id}`, CORRECTION)).status).toBe(500)
    expect(errors).toEqual([expect.objectContaining({ code: 'BODY_TAKEN' })])
  })

  const honoApp = (read: (c: Context) => Promise<unknown>): Hono => {
    const app = new Hono()
    app.use(async (c: Context, next: Next) => {
      await read(c)
      await next()
    })
    app.use(scopedMemory({ client: alice.client, userId }))
    app.use(memoryRoutes())
    return app
  }
})

it('sets cache-control on a copy of a response whose headers are immutable', async () => {
  const app = new Hono()
  app.use(scopedMemory({ client: createInMemoryClient(), userId }))
  app.get('/', () => Response.redirect('https://example.com/', 303))
  const { status, headers } = await app.request('/')
  expect([status, headers.get('location')]).toEqual([303, 'https://example.com/'])
  expect(headers.get('cache-control')).toBe('private, no-store')
})
