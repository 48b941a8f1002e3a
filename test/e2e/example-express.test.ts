import { createServer } from 'node:net'
import { startMem0Platform } from '@scoped-memory/mem0-platform'
import { afterAll, describe, expect, it } from 'vitest'
import { listening, startExample } from './example.ts'

const platform = await startMem0Platform()
afterAll(() => platform.close())

const HOSTED = { MEM0_API_KEY: 'm0-test-key', MEM0_HOST: platform.url }

describe.each([
  ['embedded, with no key', { MEM0_API_KEY: '' }],
  ['hosted, with a key', HOSTED],
])('the Express example, %s', (_where, env) => {
  it('remembers and recalls for each of two users, and for nobody else', async () => {
    await using server = await startExample('express', env)
    const [alice, bob] = [browser(server.url), browser(server.url)]

    expect(await alice('/chat', { message: 'hello' })).toMatchObject({ status: 401 })
    expect(await alice('/login', { username: 'alice', password: 'bob-demo' })).toMatchObject({ status: 401 })
    expect(await alice('/login', { username: 'alice', password: 'alice-demo' })).toMatchObject({
      status: 200,
    })
    expect(await bob('/login', { username: 'bob', password: 'bob-demo' })).toMatchObject({ status: 200 })

    await alice('/chat', { message: 'I am vegetarian and allergic to peanuts' })
    await bob('/chat', { message: 'I always book the window seat' })

    const question = { message: 'what am I allergic to, peanuts?' }
    expect((await alice('/chat', question)).body).toMatchObject({
      recalled: ['I am vegetarian and allergic to peanuts'],
    })
    expect(JSON.stringify((await bob('/chat', question)).body)).not.toContain('vegetarian')

    expect(await alice('/logout')).toMatchObject({ status: 204 })
    expect(await alice('/chat', question)).toMatchObject({ status: 401 })
  })
})

it('says what to do when the port is in use', async () => {
  const taken = createServer()
  const port = await listening(taken)
  const failed = await startExample('express', { ...HOSTED, PORT: String(port) }).catch(
    (error: Error) => error.message,
  )
  taken.close()
  expect(failed).toContain(`Port ${port} is in use. Take another one: PORT=${port + 1}`)
})

/** Sends JSON and keeps the session cookie. */
function browser(url: string) {
  let cookie = ''
  return async (path: string, body?: object): Promise<{ status: number; body: unknown }> => {
    const answer = await fetch(url + path, {
      method: 'POST',
      headers: { cookie, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    })
    cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? cookie
    const text = await answer.text()
    return { status: answer.status, body: text.startsWith('{') ? JSON.parse(text) : text }
  }
}
