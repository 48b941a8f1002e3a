import { Agent, request as httpRequest } from 'node:http'
import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { requestHead } from '../support/clients.ts'
import { client, platform } from '../support/mem0.ts'
import { signedIn, start, type Framework } from '../support/server.ts'

interface Asked {
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
}

const JSON_TYPE = { 'content-type': 'application/json' }
const ID = '00000000-0000-4000-8000-000000000000'
const ALICE = signedIn('u_alice')
// What is answered, on the way to every kind of answer, before the body was read or without it being read at all.
const unread: readonly [string, Asked, readonly number[]][] = [
  ['GET, nobody signed in', { method: 'GET', path: '/memories' }, [401]],
  ['POST, nobody signed in', { method: 'POST', path: '/memories/erase' }, [401]],
  ['PATCH, nobody signed in', { method: 'PATCH', path: `/memories/${ID}` }, [401]],
  ['DELETE, nobody signed in', { method: 'DELETE', path: `/memories/${ID}` }, [401]],
  ['HEAD, nobody signed in', { method: 'HEAD', path: '/memories' }, [401]],
  ['GET of a list', { method: 'GET', path: '/memories', headers: ALICE }, [200]],
  ['GET of the download', { method: 'GET', path: '/memories/export', headers: ALICE }, [200]],
  ['GET of what is not there', { method: 'GET', path: '/memories/a/b', headers: ALICE }, [404]],
  ['POST to what takes no POST', { method: 'POST', path: '/memories', headers: ALICE }, [405]],
  ['HEAD', { method: 'HEAD', path: '/memories', headers: ALICE }, [405]],
  ['DELETE of what is not there', { method: 'DELETE', path: `/memories/${ID}`, headers: ALICE }, [404]],
  [
    'POST from another site',
    { method: 'POST', path: '/memories/erase', headers: { ...ALICE, origin: 'https://evil.example' } },
    [403],
  ],
  // These read it, as far as it may be read.
  ['POST of what is not a confirmation', { method: 'POST', path: '/memories/erase', headers: ALICE }, [400]],
  ['PATCH of what is not there', { method: 'PATCH', path: `/memories/${ID}`, headers: ALICE }, [400, 404]],
]
const sizes = [0, 1024, 200 * 1024, 5 * 1024 * 1024] as const

/** Whether a body that nobody reads leaves the connection to the next request. */
export function unreadBodiesSuite(framework: Framework): void {
  beforeEach(() => platform.reset())

  // Fastify parses bodies by itself.
  for (const parses of framework.name === 'Fastify 5' ? [true] : [false, true]) {
    describe(`65 · a body nobody reads${parses ? ', with a parser of bodies' : ''}`, () => {
      const open = (ownErrors: boolean) => {
        vi.spyOn(console, 'error').mockImplementation(() => undefined)
        return start(framework, {
          mounts: [{ client, userId: framework.userOf }],
          routes: {},
          memoryRoutes: { path: '/memories' },
          parsesBodies: parses,
          ownErrors,
        })
      }
      afterEach(() => void vi.restoreAllMocks())

      it.each(unread)('%s leaves the connection to the next request', async (_what, asked, statuses) => {
        const { url } = await open(true)
        const ask = async (size: number, chunked: boolean): Promise<void> => {
          const agent = new Agent({ keepAlive: true, maxSockets: 1 })
          const first = await overAgent(agent, url, asked, size, chunked)
          if (!parses)
            expect([size, chunked, statuses]).toEqual([size, chunked, expect.arrayContaining([first])])
          expect([size, chunked, await overAgent(agent, url, NEXT, 0, false)]).toEqual([size, chunked, 200])
          agent.destroy()
        }
        await Promise.all([...sizes.map((size) => ask(size, false)), ask(sizes[2], true)])
      })

      it.each(unread)(
        '%s is followed by the answer to what was pipelined behind it',
        async (_what, asked, statuses) => {
          const { url } = await open(true)
          const ask = async (size: number): Promise<void> => {
            const [first, ...then] = await pipelined(url, asked, size)
            if (!parses) expect([size, statuses]).toEqual([size, expect.arrayContaining([first])])
            // A connection that was closed instead has not kept anybody waiting.
            if (then.length > 0) expect([size, then]).toEqual([size, [200]])
          }
          await Promise.all(sizes.map(ask))
        },
      )
    })
  }

  describe('65 · a body without an end', () => {
    it('that a route began to read ends the connection', async () => {
      const { url } = await start(framework, {
        mounts: [{ client, userId: framework.userOf }],
        routes: {},
        memoryRoutes: { path: '/memories' },
      })
      const { hostname, port } = new URL(url)
      const socket = connect(Number(port), hostname)
      const fields = { ...ALICE, ...JSON_TYPE, 'transfer-encoding': 'chunked' }
      socket.write(requestHead('POST /memories/erase', fields))
      let received = ''
      socket.on('data', (chunk) => (received += String(chunk)))
      socket.on('error', () => undefined)
      const closed = new Promise((resolve) => socket.on('close', resolve))
      const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`
      const more = (): void => {
        while (!socket.destroyed && socket.write(chunk));
      }
      socket.on('drain', more)
      more()
      await closed
      // What was answered may be lost with the connection, as it had to be closed while more came in.
      if (received !== '') expect(received).toMatch(/^HTTP\/1\.1 4/)
    })
  })
}

const NEXT: Asked = { method: 'GET', path: '/memories', headers: signedIn('u_bob') }

/** The status that is answered; the whole body is sent, whatever is answered meanwhile. */
function overAgent(agent: Agent, url: string, asked: Asked, size: number, chunked: boolean): Promise<number> {
  const { method, path, headers } = asked
  return new Promise((resolve, reject) => {
    const request = httpRequest(url + path, {
      method,
      agent,
      headers: {
        ...headers,
        ...(size > 0 && JSON_TYPE),
        ...(size > 0 && (chunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': size })),
      },
    })
    request.on('error', reject)
    request.on('response', (response) => {
      response.resume().on('end', () => resolve(response.statusCode!))
      response.on('error', reject)
    })
    request.end(body(size))
  })
}

/** The statuses that are answered to a request and one right behind it. */
async function pipelined(
  url: string,
  { method, path, headers = {} }: Asked,
  size: number,
): Promise<number[]> {
  const { hostname, port } = new URL(url)
  const socket: Socket = connect(Number(port), hostname)
  socket.write(requestHead(`${method} ${path}`, { ...headers, ...JSON_TYPE, 'content-length': size }))
  socket.write(body(size))
  socket.write(requestHead(`${NEXT.method} ${NEXT.path}`, { ...NEXT.headers, connection: 'close' }))
  let received = ''
  socket.on('data', (chunk) => (received += String(chunk)))
  // An answer may come, and the connection be closed, before all was sent.
  socket.on('error', () => undefined)
  await new Promise((resolve) => socket.on('close', resolve))
  return [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
}

function body(size: number): string {
  return size === 0 ? '' : `{"text":"${'x'.repeat(size - 11)}"}`
}
