import { readFileSync } from 'node:fs'
import { once } from 'node:events'
import { startMem0Platform } from '@scoped-memory/mem0-platform'
import { WebSocket } from 'ws'
import { afterAll, describe, expect, it } from 'vitest'
import { startExample } from './example.ts'

const platform = await startMem0Platform()
const HOSTED = { MEM0_API_KEY: 'm0-test-key', MEM0_HOST: platform.url }
afterAll(() => platform.close())

describe.each(['koa', 'fastify', 'hono', 'web', 'node'])('the %s example', (name) => {
  it('is shorter than forty lines', () => {
    const source = readFileSync(new URL(`../../examples/${name}/src/server.ts`, import.meta.url), 'utf8')
    expect(source.trimEnd().split('\n').length).toBeLessThan(40)
  })

  it('keeps two users apart, and lets nobody in', async () => {
    platform.reset()
    await using server = await startExample(name, HOSTED)
    const login = async (user: string): Promise<Record<string, string>> => {
      const answer = await fetch(`${server.url}/login?name=${user}`, { method: 'POST' })
      const cookies = answer.headers.getSetCookie().map((cookie) => cookie.split(';')[0])
      const token = await answer.text()
      return cookies.length > 0 ? { cookie: cookies.join('; ') } : { authorization: `Bearer ${token}` }
    }
    const notes = async (headers: Record<string, string>, query = ''): Promise<unknown> => {
      const answer = await fetch(`${server.url}/notes${query}`, { headers })
      return answer.ok ? answer.json() : answer.status
    }
    const [alice, bob, mallory] = await Promise.all(['alice', 'bob', 'mallory'].map(login))
    await Promise.all([notes(alice!, '?add=I+am+vegetarian'), notes(bob!, '?add=I+like+the+window+seat')])
    expect(await notes(alice!)).toEqual(['I am vegetarian'])
    expect(await notes(bob!)).toEqual(['I like the window seat'])
    expect(await notes(mallory!, '?add=x&userId=u_alice')).toBe(401)
    expect(await notes({})).toBe(401)

    if (name === 'node') {
      const ws = new WebSocket(server.url.replace('http', 'ws'), { headers: bob! })
      await once(ws, 'open')
      ws.send('I said this over a WebSocket')
      while (((await notes(bob!)) as string[]).length < 2)
        await new Promise((resolve) => setTimeout(resolve, 10))
      ws.terminate()
      expect(await notes(alice!)).toEqual(['I am vegetarian'])
    }
    if (!['web', 'node'].includes(name)) {
      const answer = await fetch(`${server.url}/memories`, { headers: alice! })
      expect(await answer.json()).toMatchObject({ results: [{ memory: 'I am vegetarian' }] })
    }
  })
})
