import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { problem } from '../../src/http/problem.ts'
import { sendProblem } from '../../src/http/send-problem.ts'
import { open } from '../support/server.ts'

const forbidden = problem(403, { detail: 'Not you …' })

it('is the response to a request', async () => {
  const url = await open((_req, res) => sendProblem(res, forbidden))
  const response = await fetch(url)
  expect([
    response.status,
    response.headers.get('content-type'),
    response.headers.get('cache-control'),
  ]).toEqual([403, 'application/problem+json', 'no-store'])
  expect(await response.json()).toEqual({ status: 403, detail: 'Not you …' })
})

it('ends the connection of a response that has begun, which must not look complete', async () => {
  const url = await open((_req, res) => {
    res.write('half of')
    sendProblem(res, forbidden)
  })
  await expect(fetch(url).then((response) => response.text())).rejects.toThrow()
})

it('is the whole response to an upgrade, and closes its socket', async () => {
  const server = createServer()
  server.on('upgrade', (_req, socket) => sendProblem(socket, forbidden))
  await open(server)
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  socket.write('GET / HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n')
  let received = ''
  socket.on('data', (chunk) => (received += String(chunk)))
  await once(socket, 'end')
  const [head, body] = received.split('\r\n\r\n') as [string, string]
  expect(head.split('\r\n')).toEqual([
    'HTTP/1.1 403 Forbidden',
    'content-type: application/problem+json',
    'cache-control: no-store',
    `content-length: ${Buffer.byteLength(forbidden.body)}`,
    'connection: close',
  ])
  expect(body).toBe(forbidden.body)
})
