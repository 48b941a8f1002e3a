import { once } from 'node:events'
import { createServer, IncomingMessage, type ServerResponse } from 'node:http'
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2'
import { Socket, type AddressInfo } from 'node:net'
import type { ScopedMemory } from '@scoped-memory/core'
import express from 'express'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import * as onExpress from '../../src/adapters/express.ts'
import { memoryRoutes, scopedMemory, sendProblem } from '../../src/adapters/node.ts'
import { nodeServer } from '../servers/node.ts'
import { adapterSuites } from '../suites/index.ts'
import { client, memoryFor, platform } from '../support/mem0.ts'
import { login, open, signedIn } from '../support/server.ts'

adapterSuites(nodeServer)

const userId = (): string => 'u_alice'
const incoming = (): IncomingMessage => new IncomingMessage(new Socket())

it('resolves a request once, however often its memory is asked for', async () => {
  const resolver = vi.fn(userId)
  const memoryOf = scopedMemory({ client, userId: resolver })
  const req = incoming()
  const memories = await Promise.all([memoryOf(req), memoryOf(req), memoryOf(req)])
  expect(new Set([...memories, await memoryOf(req)]).size).toBe(1)
  expect(resolver).toHaveBeenCalledTimes(1)
  await memoryOf(incoming())
  expect(resolver).toHaveBeenCalledTimes(2)
})

it('keeps a failure, too', async () => {
  const resolver = vi.fn().mockRejectedValueOnce(new Error('once')).mockResolvedValue('u_bob')
  const memoryOf = scopedMemory({ client, userId: resolver })
  const req = incoming()
  await expect(memoryOf(req)).rejects.toThrow('once')
  await expect(memoryOf(req)).rejects.toThrow('once')
})

describe('57 · a WebSocket upgrade', () => {
  beforeEach(async () => {
    platform.reset()
    await memoryFor('u_bob').add('BOB-SECRET', { infer: false })
  })

  const sockets = async (): Promise<string> => {
    const memoryOf = scopedMemory({ client, userId: (req) => login(req.headers.authorization) })
    const app = express()
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
    const url = await open(server)
    onTestFinished(() => wss.clients.forEach((ws) => ws.terminate()))
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

  it('is refused with a 401 if nobody is signed in', async () => {
    const ws = new WebSocket(`${await sockets()}/ws?userId=u_bob`)
    const [, response] = (await once(ws, 'unexpected-response')) as [unknown, IncomingMessage]
    expect(response.statusCode).toBe(401)
    let body = ''
    for await (const chunk of response) body += chunk
    expect(JSON.parse(body)).toMatchObject({ status: 401, code: 'INVALID_USER_ID' })
  })

  it('is refused without showing what failed', async () => {
    const memoryOf = scopedMemory({
      client,
      userId: () => Promise.reject(new Error('password of the session store')),
    })
    const server = createServer()
    server.on('upgrade', (req, socket) => memoryOf(req).catch((error: unknown) => sendProblem(socket, error)))
    const url = await open(server)
    const ws = new WebSocket(url.replace('http', 'ws'))
    const [, response] = (await once(ws, 'unexpected-response')) as [unknown, IncomingMessage]
    expect(response.statusCode).toBe(500)
    let body = ''
    for await (const chunk of response) body += chunk
    expect(body).toBe('{"status":500}')
  })
})

it('74 · a method in lower case, which HTTP/2 lets through, is not one in upper case', async () => {
  const memoryOf = scopedMemory({ client, userId })
  const routes = memoryRoutes()
  const server = createHttp2Server((request, response) => {
    const [req, res] = [request, response] as unknown as [IncomingMessage, ServerResponse]
    memoryOf(req, res)
      .then(() => routes(req, res))
      .catch((error: unknown) => sendProblem(res, error))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const ask = (method: string): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const stream = session.request({ ':method': method, ':path': '/memories' })
      stream.on('response', (headers) => (stream.close(), resolve(headers[':status'])))
      stream.on('error', reject)
    })
  const methods = ['GET', 'get', 'Get', 'delete', 'trace', 'TRACE']
  expect(await Promise.all(methods.map(ask))).toEqual([200, 405, 405, 405, 405, 405])
  session.destroy()
  await new Promise((resolve) => server.close(resolve))
})

async function texts(memory: ScopedMemory): Promise<string[]> {
  return (await memory.getAll()).results.map((record) => record.memory!).sort()
}
