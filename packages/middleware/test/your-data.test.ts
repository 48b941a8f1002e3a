import { expect, it } from 'vitest'
import { withMemory } from '../src/adapters/web.ts'
import { memoryRoutes } from '../src/your-data/routes.ts'
import { CORRECTION, oneMemory, userId } from './support/one-memory.ts'

const alice = oneMemory()

it.each<[object, RegExp]>([
  [{ path: 'memories' }, /path must be/],
  [{ path: '/memories/' }, /path must be/],
  [{ origins: ['app.example.com'] }, /origins must be/],
  [{ origins: ['https://app.example.com/'] }, /origins must be/],
])('refuses %j when it is built', (options, message) => {
  expect(() => memoryRoutes(options)).toThrow(message)
})

it('74 · a method is looked up among the methods alone', async () => {
  const routes = memoryRoutes()
  const handler = withMemory({ client: alice.client, userId }, routes)
  for (const method of ['constructor', 'toString', '__proto__', 'hasOwnProperty', 'id', 'LINK']) {
    for (const path of [
      '/memories',
      '/memories/export',
      '/memories/erase',
      '/memories/some-id',
      '/memories/toString',
    ]) {
      const answer = await handler(new Request(`http://localhost${path}`, { method }))
      expect([method, path, answer.status]).toEqual([method, path, 405])
    }
  }
})

it('73 · a web-standard request that was read before is an error that says how to read a copy', async () => {
  const handler = withMemory({ client: alice.client, userId }, memoryRoutes())
  const request = new Request(`http://localhost/memories/${alice.id}`, CORRECTION)
  await request.text()
  await expect(handler(request)).rejects.toThrow('request.clone()')
  const copied = new Request(`http://localhost/memories/${alice.id}`, CORRECTION)
  await copied.clone().text()
  expect((await handler(copied)).status).toBe(204)
})
