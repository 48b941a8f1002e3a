import { EventEmitter, once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { Agent, createServer, type IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { createMemoryFactory, type ScopedMemory } from '@scoped-memory/core'
import { startMem0Platform } from '@scoped-memory/mem0-platform'
import express5 from 'express'
import express4 from 'express4'
import Koa3 from 'koa'
import Koa2 from 'koa2'
import { MemoryClient } from 'mem0ai'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import * as onExpress from '../src/adapters/express.ts'
import * as onKoa from '../src/adapters/koa.ts'
import { scopedMemory as onNode, sendProblem } from '../src/adapters/node.ts'
import { currentMemory, runWithMemory, tryCurrentMemory } from '../src/context.ts'
import { fromAuth0, fromJwt, fromPassport, fromSession } from '../src/identity.ts'
import { get, json, overAgent, serversOf } from './clients.ts'
import { frameworks } from './servers/index.ts'
import { listen, login, signedIn, type Exchange } from './servers/server.ts'

const platform = await startMem0Platform()
const client = new MemoryClient({ apiKey: 'm0-test-key', host: platform.url })
const memoryFor = createMemoryFactory({ client })
const running: { close(): unknown }[] = []

beforeEach(async () => {
  platform.reset()
  await memoryFor('u_bob').add('BOB-SECRET', { infer: false })
  platform.clearRequests()
})
afterEach(async () => {
  for (const server of running.splice(0).reverse()) await server.close()
})
afterAll(() => platform.close())

describe.each(frameworks.map((framework) => [framework.name, framework] as const))(
  '%s',
  (_name, framework) => {
    const { userOf } = framework
    const memoryOf = { client, userId: userOf }
    const { start, closeAll } = serversOf(framework)

    afterEach(closeAll)

    it('40 · takes no identity from what the client writes', async () => {
      const { url } = await start({ mounts: [memoryOf], routes: { '/': everything } })
      const answer = await get(url, '/?userId=u_bob&user_id=u_bob&as=u_bob', 'u_alice', {
        headers: { 'x-user-id': 'u_bob', 'x-userid': 'u_bob', cookie: 'userId=u_bob' },
      })
      expect(await answer.json()).toEqual(['u_alice'])
      await expect(start({ mounts: [{ client } as never], routes: {} })).rejects.toThrow(
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
        const { url } = await start({
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
      const { url } = await start({
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
      const { url } = await start({
        mounts: [{ client, userId: () => undefined }],
        routes: { '/': async ({ getMemory }) => getMemory().add('a secret of Alice', { infer: false }) },
      })
      expect((await get(url, '/', 'u_alice')).status).toBe(401)
      expect(platform.requests).toEqual([])
    })

    it('45 · does not follow an identity that changes within the request', async () => {
      const userId = vi.fn(userOf)
      const { url } = await start({
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
      const { url } = await start({
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
      const { url, errors } = await start({
        mounts: [{ client, optional: true, userId: () => Promise.reject(new Error('no session store')) }],
        routes: { '/': handler },
      })
      expect((await get(url, '/', 'u_alice')).status).toBe(500)
      expect(errors.map(String)).toEqual(['Error: no session store'])
      expect(handler).not.toHaveBeenCalled()
    })

    it.runIf(framework.foreign)('48 · cannot be replaced by what is assigned to the request', async () => {
      const { url } = await start({
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
      const { url, errors } = await start({
        mounts: [memoryOf, { client, userId: () => 'u_bob' }],
        routes: { '/': handler },
      })
      expect((await get(url, '/?as=u_bob', 'u_alice')).status).toBe(500)
      expect(errors[0]).toMatchObject({ code: 'IDENTITY_CONFLICT' })
      expect(handler).not.toHaveBeenCalled()
    })

    it('51, 53 · takes an id exactly as it is', async () => {
      const { url } = await start({ mounts: [memoryOf], routes: { '/': remembering } })
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
        const server = await start({ mounts: [untrimmed], routes: { '/': everything } })
        expect((await get(server.url, '/', 'bob')).status).toBe(401)
      }
    })

    it('52 · leaves tenant and user apart when they are joined without ambiguity', async () => {
      const idOf = (tenant: string, user: string): string => [tenant, user].map(encodeURIComponent).join(':')
      const { url } = await start({
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
      const { url } = await start({
        mounts: [{ client, userId: (request: object) => sessions.get(userOf(request)!) }],
        routes: { '/': everything },
      })
      expect(await json(url, '/', 's1')).toEqual(['u_alice'])
      sessions.set('s1', 'u_bob')
      expect(await json(url, '/', 's1')).toEqual(['u_bob', 'BOB-SECRET'])
      sessions.delete('s1')
      expect((await get(url, '/', 's1')).status).toBe(401)
    })

    it('56 · lets no cache keep the answer', async () => {
      const { url } = await start({ mounts: [memoryOf], routes: { '/': everything } })
      const first = await get(url, '/', 'u_alice')
      expect(first.headers.get('cache-control')).toBe('private, no-store')
      const etag = first.headers.get('etag') ?? '"none"'
      const again = await get(url, '/', 'u_alice', { headers: { 'if-none-match': etag } })
      expect(again.headers.get('cache-control')).toBe('private, no-store')
    })
  },
)

describe.each([
  ['Express 5', express5],
  ['Express 4', express4],
])('%s', (_name, express) => {
  it('41 · answers what a query parser makes of a parameter with 401, even where an app trusts it', async () => {
    const app = express()
    app.set('env', 'test')
    app.set('query parser', 'extended')
    app.use(onExpress.scopedMemory({ client, userId: (req) => req.query['u'] as string }))
    app.get('/', (req, res) => res.json(req.memory.userId))
    const { url } = await open(app)
    for (const query of ['u=u_alice&u=u_bob', 'u[]=*', 'u[ne]=zz', 'u=*', 'u=', 'u=%20u_bob']) {
      expect((await fetch(`${url}/?${query}`)).status).toBe(401)
    }
  })

  it('43 · puts nothing on the app, and reads nothing from it', async () => {
    const app = express()
    app.locals['memory'] = memoryFor('u_bob')
    Object.assign(app.request, { memory: memoryFor('u_bob') })
    app.use(onExpress.scopedMemory({ client, userId: (req) => login(req.headers.authorization) }))
    app.get('/', (req, res) => res.json(req.memory.userId))
    const { url } = await open(app)
    expect(await json(url, '/', 'u_alice')).toBe('u_alice')
    expect(app.locals['memory'].userId).toBe('u_bob')
    expect(Object.getOwnPropertySymbols(app.request)).not.toContain(Symbol.for('scoped-memory.binding'))
  })

  it('50 · puts nothing on the connection', async () => {
    const app = express()
    const sockets = new Set<object>()
    app.use(onExpress.scopedMemory({ client, userId: (req) => login(req.headers.authorization) }))
    app.get('/', (req, res) => {
      sockets.add(req.socket)
      const names = [
        ...Object.getOwnPropertyNames(req.socket),
        ...Object.getOwnPropertySymbols(req.socket).map(String),
      ]
      res.json(names.filter((name) => /memory/i.test(name)))
    })
    const { url } = await open(app)
    expect(await json(url, '/', 'u_alice')).toEqual([])
    expect(await json(url, '/', 'u_bob')).toEqual([])
  })
})

describe.each([
  ['Koa 3', Koa3],
  ['Koa 2', Koa2],
])('%s', (_name, Koa) => {
  it('41 · answers a doubled parameter with 401, even where an app trusts it', async () => {
    const app = new Koa()
    app.use(onKoa.scopedMemory({ client, userId: (ctx) => ctx.query['u'] as string }))
    app.use((ctx) => void (ctx.body = ctx.memory.userId))
    const { url } = await open(app.callback())
    for (const query of ['u=u_alice&u=u_bob', 'u=*', 'u=', 'u=%20u_bob']) {
      expect((await fetch(`${url}/?${query}`)).status).toBe(401)
    }
  })

  it('43 · puts nothing on the context that all requests share, and reads nothing from it', async () => {
    const app = new Koa()
    Object.assign(app.context, { memory: memoryFor('u_bob') })
    app.use(onKoa.scopedMemory({ client, userId: (ctx) => login(ctx.get('authorization')) }))
    app.use((ctx) => void (ctx.body = JSON.stringify([ctx.memory.userId, onKoa.getMemory(ctx).userId])))
    const { url } = await open(app.callback())
    expect(await json(url, '/', 'u_alice')).toEqual(['u_alice', 'u_alice'])
    expect(Object.getOwnPropertySymbols(app.context)).not.toContain(Symbol.for('scoped-memory.binding'))
    expect(onKoa.tryGetMemory(app.context)).toBeUndefined()
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

describe('57 · a WebSocket upgrade', () => {
  const sockets = async (): Promise<string> => {
    const memoryOf = onNode({ client, userId: (req) => login(req.headers.authorization) })
    const app = express5()
    app.use(onExpress.scopedMemory({ client, userId: (req) => login(req.headers.authorization) }))
    const server = createServer(app)
    const wss = new WebSocketServer({ noServer: true })
    server.on('upgrade', (req: IncomingMessage, socket, head) => {
      expect(onExpress.tryGetMemory(req)).toBeUndefined()
      memoryOf(req).then(
        (memory) =>
          wss.handleUpgrade(req, socket, head, (ws) => {
            ws.on('message', (text) => {
              void memory
                .add(String(text), { infer: false })
                .then(() => texts(memory))
                .then((all) => ws.send(JSON.stringify([memory.userId, ...all])))
            })
          }),
        (error: unknown) => sendProblem(socket, error),
      )
    })
    const { url } = await open(server)
    running.push({ close: () => wss.clients.forEach((ws) => ws.terminate()) })
    return url.replace('http', 'ws')
  }
  const talk = async (url: string, user: string): Promise<(text: string) => Promise<unknown>> => {
    const ws = new WebSocket(url, { headers: signedIn(user) })
    await once(ws, 'open')
    return async (text) => {
      ws.send(text)
      const [answer] = (await once(ws, 'message')) as [Buffer]
      return JSON.parse(String(answer))
    }
  }

  it('is bound to the user of its request, for as long as it is open', async () => {
    const url = await sockets()
    const [alice, bob] = await Promise.all([talk(`${url}/ws?userId=u_bob`, 'u_alice'), talk(url, 'u_bob')])
    expect(await Promise.all([alice('hello'), bob('hi')])).toEqual([
      ['u_alice', 'hello'],
      ['u_bob', 'BOB-SECRET', 'hi'],
    ])
    expect(await alice('again')).toEqual(['u_alice', 'again', 'hello'])
  })

  it('is refused for nobody, with an answer', async () => {
    const ws = new WebSocket(`${await sockets()}/ws?userId=u_bob`)
    const [, response] = (await once(ws, 'unexpected-response')) as [unknown, IncomingMessage]
    expect(response.statusCode).toBe(401)
    let body = ''
    for await (const chunk of response) body += chunk
    expect(JSON.parse(body)).toMatchObject({ status: 401, code: 'INVALID_USER_ID' })
  })

  it('is refused without a word of what failed', async () => {
    const memoryOf = onNode({
      client,
      userId: () => Promise.reject(new Error('password of the session store')),
    })
    const server = createServer()
    server.on('upgrade', (req, socket) => memoryOf(req).catch((error: unknown) => sendProblem(socket, error)))
    const { url } = await open(server)
    const ws = new WebSocket(url.replace('http', 'ws'))
    const [, response] = (await once(ws, 'unexpected-response')) as [unknown, IncomingMessage]
    expect(response.statusCode).toBe(500)
    let body = ''
    for await (const chunk of response) body += chunk
    expect(body).toBe('{"status":500}')
  })
})

describe('the current memory', () => {
  const alice = memoryFor('u_alice')
  const bob = memoryFor('u_bob')

  it('58 · taken before, is the same in a listener that another request sets off', async () => {
    const events = new EventEmitter()
    const heard: (string | undefined)[] = []
    runWithMemory(alice, () => {
      const memory = currentMemory()
      events.on('done', () => heard.push(memory.userId, tryCurrentMemory()?.userId))
    })
    runWithMemory(bob, () => events.emit('done'))
    // The second is why it has to be taken before: a listener runs in the context of whoever emits.
    expect(heard).toEqual(['u_alice', 'u_bob'])
  })

  it('59 · taken before, is the same in the callback of a pool', async () => {
    const queue: (() => void)[] = []
    const acquire = (use: () => void): void => void queue.push(use)
    const ran: string[] = []
    runWithMemory(alice, () => {
      const memory = currentMemory()
      acquire(() => ran.push(memory.userId))
    })
    runWithMemory(bob, () => queue.shift()!())
    expect(ran).toEqual(['u_alice'])
  })

  it('60 · taken before, stays with each item of a batch', async () => {
    const batch: { item: string; memory: ScopedMemory }[] = []
    let flushed: Promise<string[]> | undefined
    const load = (item: string): Promise<string[]> => {
      batch.push({ item, memory: currentMemory() })
      return (flushed ??= Promise.resolve().then(() =>
        batch.map((entry) => `${entry.memory.userId} ${entry.item}`),
      ))
    }
    await Promise.all([runWithMemory(alice, () => load('a')), runWithMemory(bob, () => load('b'))])
    expect(await flushed).toEqual(['u_alice a', 'u_bob b'])
  })

  it('61 · is an error where there is none', async () => {
    const before = (): ScopedMemory => currentMemory()
    const emitter = new EventEmitter().on('end', before)
    expect(before).toThrow(expect.objectContaining({ code: 'MEMORY_NOT_MOUNTED' }))
    expect(before).toThrow(/runWithMemory\(getMemory\(req\), next\)/)
    runWithMemory(alice, () => undefined)
    expect(() => emitter.emit('end')).toThrow('There is no memory here')
    expect(tryCurrentMemory()).toBeUndefined()
  })

  it('62 · ends with its request: the next one on the connection has none', async () => {
    const memoryOf = onNode({ client, optional: true, userId: (req) => login(req.headers.authorization) })
    const connections = new Set<object>()
    const { url } = await open((req, res) => {
      connections.add(req.socket)
      const entered = tryCurrentMemory()?.userId ?? null
      void memoryOf(req, res).then((memory) =>
        runWithMemory(memory, async () => {
          await sleep(1)
          res.end(JSON.stringify([entered, tryCurrentMemory()?.userId ?? null]))
        }),
      )
    })
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    running.push({ close: () => agent.destroy() })
    const ask = (user: string | undefined) => overAgent(agent, url, user, new Set())
    expect(await ask('u_bob')).toEqual([200, [null, 'u_bob']])
    expect(await ask(undefined)).toEqual([200, [null, null]])
    expect(await ask('u_alice')).toEqual([200, [null, 'u_alice']])
    expect(connections.size).toBe(1)
    const sources = new URL('../src/', import.meta.url)
    for (const file of readdirSync(sources, { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts')) continue
      expect(readFileSync(new URL(file, sources), 'utf8')).not.toContain('enterWith')
    }
  })

  it('62 · of an outer request is hidden from an inner one without a user', () => {
    runWithMemory(alice, () =>
      runWithMemory(undefined, () => expect(currentMemory).toThrow('There is no memory here')),
    )
  })

  it('is each request’s own in every framework that runs it', async () => {
    const app = express5()
    app.use(onExpress.scopedMemory({ client, userId: (req) => login(req.headers.authorization) }))
    app.use((req, _res, next) => runWithMemory(onExpress.getMemory(req), next))
    app.get('/', async (req, res) => {
      await sleep(Math.random() * 5)
      res.json([req.memory.userId, currentMemory().userId, currentMemory() === req.memory])
    })
    const { url } = await open(app)
    const users = Array.from({ length: 50 }, (_, index) => `u_${index}`)
    const seen = await Promise.all(users.map((user) => json(url, '/', user)))
    expect(seen).toEqual(users.map((user) => [user, user, true]))
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

async function open(listener: Parameters<typeof listen>[0]): Promise<{ url: string }> {
  const server = await listen(listener)
  running.push(server)
  return server
}

function signal(): { given: Promise<void>; give(): void } {
  let give!: () => void
  const given = new Promise<void>((resolve) => (give = resolve))
  return { given, give }
}
