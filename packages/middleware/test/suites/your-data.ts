import { beforeEach, describe, expect, it } from 'vitest'
import { get, json } from '../support/clients.ts'
import { client, memoryFor, platform } from '../support/mem0.ts'
import { start, type App, type Framework } from '../support/server.ts'

const JSON_TYPE = { 'content-type': 'application/json' }

interface Page {
  results: { id: string; memory: string }[]
  page: number
  next: number | null
}

/** The "your data" endpoints, as each framework mounts them. */
export function yourDataSuite(framework: Framework): void {
  describe('your data', () => {
    const app: App = {
      mounts: [{ client, userId: framework.userOf }],
      routes: {},
      memoryRoutes: { path: '/me/memories' },
    }
    const list = async (url: string, user: string, query = ''): Promise<Page> =>
      (await json(url, `/me/memories${query}`, user)) as Page
    const texts = async (url: string, user: string): Promise<string[]> =>
      (await list(url, user)).results.map(({ memory }) => memory)

    beforeEach(() => platform.reset())

    it('lists what is remembered about each user, and to nobody else', async () => {
      const { url } = await start(framework, app)
      await remember('u_alice', 'I am vegetarian')
      await remember('u_bob', 'I like the window seat')
      expect(await texts(url, 'u_alice')).toEqual(['I am vegetarian'])
      expect(await texts(url, 'u_bob')).toEqual(['I like the window seat'])
      expect((await get(url, '/me/memories', undefined)).status).toBe(401)
      expect((await get(url, '/me/memories/export', undefined)).status).toBe(401)
    })

    it('lists in pages', async () => {
      const { url } = await start(framework, app)
      for (let index = 1; index <= 5; index++) await remember('u_alice', `fact ${index}`)
      const pages = [1, 2, 3].map((page) => list(url, 'u_alice', `?pageSize=2&page=${page}`))
      const [first, second, third] = await Promise.all(pages)
      expect([first, second, third].map((page) => page!.next)).toEqual([2, 3, null])
      const all = [first, second, third].flatMap((page) => page!.results.map(({ memory }) => memory))
      expect(all.sort()).toEqual([1, 2, 3, 4, 5].map((index) => `fact ${index}`))
      expect((await get(url, '/me/memories?page=0', 'u_alice')).status).toBe(400)
      expect((await get(url, '/me/memories?pageSize=2%26user_id=u_bob', 'u_alice')).status).toBe(400)
    })

    it('finds by meaning', async () => {
      const { url } = await start(framework, app)
      await remember('u_alice', 'I am allergic to peanuts')
      await remember('u_alice', 'My dog is called Rex')
      await remember('u_bob', 'I am allergic to cats')
      const { results } = await list(url, 'u_alice', '?q=allergic')
      expect(results[0]!.memory).toBe('I am allergic to peanuts')
      expect(JSON.stringify(results)).not.toContain('cats')
    })

    it('exports everything of one user as a file', async () => {
      const { url } = await start(framework, app)
      await remember('u_alice', 'I am vegetarian')
      await remember('u_alice', 'I live in Lyon')
      await remember('u_bob', 'I like the window seat')
      const answer = await get(url, '/me/memories/export', 'u_alice')
      expect(answer.headers.get('content-disposition')).toMatch(
        /^attachment; filename="memories-\d{4}-\d\d-\d\d\.json"$/,
      )
      const file = (await answer.json()) as { memories: { memory: { memory: string }; history: unknown[] }[] }
      expect(file.memories.map(({ memory }) => memory.memory).sort()).toEqual([
        'I am vegetarian',
        'I live in Lyon',
      ])
      expect(file.memories[0]!.history).toHaveLength(1)
    })

    it('corrects and deletes one memory, and none of another user', async () => {
      const { url } = await start(framework, app)
      const mine = await remember('u_alice', 'I am vegetarian')
      const other = await remember('u_alice', 'I live in Lyon')
      const foreign = await remember('u_bob', 'I like the window seat')
      const correct = (id: string, text: unknown) => send(url, 'PATCH', `/${id}`, { text })
      const forget = (id: string) => send(url, 'DELETE', `/${id}`)

      expect((await correct(mine, 'I am vegan')).status).toBe(204)
      expect((await forget(other)).status).toBe(204)
      expect(await texts(url, 'u_alice')).toEqual(['I am vegan'])

      const missing = '00000000-0000-4000-8000-000000000000'
      for (const act of [(id: string) => correct(id, 'changed'), forget]) {
        const answers = await Promise.all([foreign, missing, '..%2Fentities', '*'].map(act))
        expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]))
        expect(new Set(await Promise.all(answers.map((answer) => answer.text()))).size).toBe(1)
      }
      expect(await texts(url, 'u_bob')).toEqual(['I like the window seat'])
      expect((await correct(mine, '')).status).toBe(400)
      expect((await correct(mine, { evil: 1 })).status).toBe(400)
      expect(await texts(url, 'u_alice')).toEqual(['I am vegan'])
    })

    it('erases everything of one user, once it is confirmed', async () => {
      const { url } = await start(framework, app)
      await remember('u_alice', 'I am vegetarian')
      await remember('u_bob', 'I like the window seat')
      expect((await send(url, 'POST', '/erase', {})).status).toBe(400)
      expect((await send(url, 'POST', '/erase', { confirm: 'true' })).status).toBe(400)
      expect(await texts(url, 'u_alice')).toHaveLength(1)
      const receipt = await send(url, 'POST', '/erase', { confirm: true })
      expect(await receipt.json()).toMatchObject({
        userId: 'u_alice',
        deleted: 1,
        retained: [expect.any(String)],
      })
      expect(await texts(url, 'u_alice')).toEqual([])
      expect(await texts(url, 'u_bob')).toEqual(['I like the window seat'])
    })

    it.each<[string, Record<string, string>]>([
      ['another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
      ['a sibling of the site', { 'sec-fetch-site': 'same-site', origin: 'https://evil.example.com' }],
      ['another origin, in a browser without Sec-Fetch-Site', { origin: 'https://evil.example' }],
      ['a sandboxed frame', { origin: 'null' }],
      ['another site, that hides its origin', { 'sec-fetch-site': 'cross-site' }],
    ])('changes nothing for a page of %s', async (_from, headers) => {
      const { url } = await start(framework, {
        ...app,
        memoryRoutes: { path: '/me/memories', origins: ['https://app.example.com'] },
      })
      const id = await remember('u_alice', 'I am vegetarian')
      const answers = [
        await send(url, 'PATCH', `/${id}`, { text: 'changed' }, headers),
        await send(url, 'DELETE', `/${id}`, undefined, headers),
        await send(url, 'POST', '/erase', { confirm: true }, headers),
      ]
      expect(answers.map(({ status }) => status)).toEqual([403, 403, 403])
      expect(answers.every((answer) => answer.headers.get('access-control-allow-origin') === null)).toBe(true)
      expect(await texts(url, 'u_alice')).toEqual(['I am vegetarian'])
    })

    it('changes what a page of the same origin, of an allowed one or a program asks for', async () => {
      const { url } = await start(framework, {
        ...app,
        memoryRoutes: { path: '/me/memories', origins: ['https://app.example.com'] },
      })
      for (const headers of [
        { 'sec-fetch-site': 'same-origin', origin: url },
        { origin: url },
        { 'sec-fetch-site': 'cross-site', origin: 'https://app.example.com' },
        {},
      ]) {
        const id = await remember('u_alice', 'I am vegetarian')
        expect(
          (await send(url, 'DELETE', `/${id}`, undefined, headers as Record<string, string>)).status,
        ).toBe(204)
      }
    })

    it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
      'erases nothing for a form, which can send %s',
      async (type) => {
        const { url } = await start(framework, app)
        await remember('u_alice', 'I am vegetarian')
        const init = { method: 'POST', body: '{"confirm":true}', headers: { 'content-type': type } }
        expect((await get(url, '/me/memories/erase', 'u_alice', init)).status).toBeGreaterThanOrEqual(400)
        expect(await texts(url, 'u_alice')).toEqual(['I am vegetarian'])
      },
    )

    it('responds to what it does not know with 404, 405 and 400', async () => {
      const { url } = await start(framework, app)
      const status = async (method: string, path: string, body?: string) =>
        (await get(url, path, 'u_alice', { method, ...(body && { body, headers: JSON_TYPE }) })).status
      expect(await status('GET', '/me/memories/a/b')).toBe(404)
      expect(await status('GET', '/me/memoriesofbob')).toBe(404)
      expect(await status('DELETE', '/me/memories')).toBe(405)
      expect(await status('DELETE', '/me/memories/')).toBe(405)
      expect(await status('GET', '/me/memories/some-id')).toBe(405)
      expect(await status('POST', '/me/memories/erase', '{')).toBe(400)
      const id = await remember('u_alice', 'I am vegetarian')
      const long = JSON.stringify({ text: 'x'.repeat(70_000) })
      expect(await status('PATCH', `/me/memories/${id}`, long)).toBe(400)
      expect(await texts(url, 'u_alice')).toEqual(['I am vegetarian'])
      const { headers } = await get(url, '/me/memories/erase', 'u_alice')
      expect(headers.get('allow')).toBe('POST')
    })

    it('lets nobody cache a response or read it from another origin', async () => {
      const { url } = await start(framework, {
        ...app,
        mounts: [{ client, userId: framework.userOf, cacheControl: false }],
      })
      for (const path of ['', '/export', '?page=x']) {
        const { headers } = await get(url, `/me/memories${path}`, 'u_alice')
        expect(headers.get('cache-control')).toMatch(/no-store/)
        expect(headers.get('access-control-allow-origin')).toBeNull()
      }
    })

    it('leaves failures of mem0 to the error handling', async () => {
      const { url, errors } = await start(framework, app)
      platform.misbehave({ match: { method: 'POST' }, with: { status: 500 }, times: 10 })
      expect((await get(url, '/me/memories/export', 'u_alice')).status).toBe(500)
      expect(errors).toHaveLength(1)
    })

    it('needs the middleware in front', async () => {
      const { url, errors } = await start(framework, { ...app, mounts: [] })
      if (framework.name === 'web-standard') return
      expect((await get(url, '/me/memories', 'u_alice')).status).toBe(500)
      expect(errors[0]).toMatchObject({ code: 'MEMORY_NOT_MOUNTED' })
    })

    it('works behind a parser of bodies', async () => {
      const { url } = await start(framework, { ...app, parsesBodies: true })
      const id = await remember('u_alice', 'I am vegetarian')
      expect((await send(url, 'PATCH', `/${id}`, { text: 'I am vegan' })).status).toBe(204)
      expect(await texts(url, 'u_alice')).toEqual(['I am vegan'])
    })

    it('passes other paths on', async () => {
      const { url } = await start(framework, { ...app, routes: { '/me': async () => 'mine' } })
      expect(await json(url, '/me', 'u_alice')).toBe('mine')
    })
  })
}

async function remember(user: string, text: string): Promise<string> {
  await memoryFor(user).add(text, { infer: false })
  const { results } = await memoryFor(user).getAll()
  return results.find(({ memory }) => memory === text)!.id
}

function send(
  url: string,
  method: string,
  path: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<Response> {
  return get(url, `/me/memories${path}`, 'u_alice', {
    method,
    headers: { ...headers, ...(body && JSON_TYPE) },
    ...(body && { body: JSON.stringify(body) }),
  })
}
