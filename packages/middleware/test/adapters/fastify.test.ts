import { connect } from 'node:net'
import { PassThrough } from 'node:stream'
import fastify from 'fastify'
import { expect, it, onTestFinished } from 'vitest'
import { memoryRoutes, scopedMemory } from '../../src/adapters/fastify.ts'
import { fastifyServer } from '../servers/fastify.ts'
import { adapterSuites } from '../suites/index.ts'
import { client } from '../support/mem0.ts'
import { correct, CORRECTION, oneMemory, userId } from '../support/one-memory.ts'
import { notErrors, SECRET } from '../support/thrown-values.ts'

adapterSuites(fastifyServer)

it('75 · sends nothing of an error of userId() where the app has no error handler, and logs it', async () => {
  const lines: string[] = []
  const app = fastify({ logger: { stream: { write: (line: string) => void lines.push(line) } } })
  app.register(scopedMemory, { client, userId: () => Promise.reject(new Error(SECRET)) })
  app.get('/', async (request) => request.memory.userId)
  const answer = await app.inject('/')
  await app.close()
  expect(answer.statusCode).toBe(500)
  expect(answer.body).not.toMatch(/db-7|u_bob/)
  expect(answer.json()).toMatchObject({ code: 'MEMORY_FAILED' })
  expect(lines.join()).toContain(SECRET)
})

it('75 · does not send how to mount the memory where that was forgotten, and logs it', async () => {
  const lines: string[] = []
  const app = fastify({ logger: { stream: { write: (line: string) => void lines.push(line) } } })
  app.register(memoryRoutes, { path: '/memories' })
  const answer = await app.inject('/memories')
  await app.close()
  expect(answer.json()).toMatchObject({ statusCode: 500, code: 'MEMORY_FAILED' })
  expect(answer.body).not.toContain('scopedMemory')
  expect(lines.join()).toContain('app.register(scopedMemory')
})

it('64 · can log whatever is thrown', async () => {
  let thrown: unknown
  const app = fastify({ logger: { stream: { write: () => undefined } } })
  app.register(scopedMemory, {
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

it('64 · does not start with a client that throws nothing', async () => {
  const unusable = new Proxy(client, {
    get() {
      // eslint-disable-next-line @typescript-eslint/only-throw-error
      throw undefined
    },
  })
  const app = fastify()
  app.register(scopedMemory, { client: unusable, userId })
  await expect(app.ready()).rejects.toMatchObject({ code: 'NOT_AN_ERROR' })
  await app.close()
})

const alice = oneMemory()

it.each(['string', 'buffer', 'stream'] as const)(
  '73 · a body that a parser of Fastify leaves as a %s is there for the routes',
  async (parseAs) => {
    const app = fastify()
    app.removeAllContentTypeParsers()
    if (parseAs === 'stream') app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    else app.addContentTypeParser('application/json', { parseAs }, (_request, body, done) => done(null, body))
    app.register(scopedMemory, { client: alice.client, userId })
    app.register(memoryRoutes)
    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    onTestFinished(() => app.close())
    expect([await correct(url, alice), await alice.texts()]).toEqual([204, ['vegan']])
  },
)

it('73 · a body of null is one without a text', async () => {
  const app = fastify()
  app.register(scopedMemory, { client: alice.client, userId })
  app.register(memoryRoutes)
  const answer = await app.inject({
    method: 'PATCH',
    path: `/memories/${alice.id}`,
    headers: CORRECTION.headers,
    body: 'null',
  })
  await app.close()
  expect(answer.statusCode).toBe(400)
})

it('65 · a body that Fastify pipes elsewhere, and that nobody reads to its end, ends the connection', async () => {
  const app = fastify({ bodyLimit: 64 * 1024 * 1024 })
  app.addHook('preParsing', async (_request, _reply, payload) => payload.pipe(new PassThrough()))
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
  app.register(scopedMemory, { client: alice.client, userId })
  app.register(memoryRoutes)
  const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }))
  onTestFinished(() => app.close())
  const socket = connect(Number(port), '127.0.0.1')
  const size = 9 * 1024 * 1024
  socket.write(
    `PATCH /memories/${alice.id} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${size}\r\n\r\n`,
  )
  socket.write(Buffer.alloc(size, 'x'))
  // Keeps the connection waiting for good where it is not closed.
  socket.write('GET /memories HTTP/1.1\r\nhost: localhost\r\n\r\n')
  socket.on('error', () => undefined)
  socket.resume()
  await new Promise((resolve) => socket.on('close', resolve))
})
