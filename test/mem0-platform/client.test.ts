import { Feedback, MemoryNotFoundError, ValidationError, WebhookEvent } from 'mem0ai'
import { beforeEach, describe, expect, it } from 'vitest'
import { connectedClient, said, textsOf } from './connected-client.ts'
import { routes } from './routes/index.ts'
import { createRouter } from './router.ts'

const { platform, client } = await connectedClient()
const ofAlice = { filters: { user_id: 'u_alice' } }
const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000'

const seedOne = (text = 'I am vegetarian', userId = 'u_alice'): string =>
  platform.store.seed([{ text, userId }])[0] ?? ''

describe('add', () => {
  it('returns PENDING with an event id, and what was added can be found', async () => {
    const result = await client.add(said('I am vegetarian'), {
      userId: 'u_alice',
      metadata: { aKey: { bKey: 1 } },
    })
    expect(result).toEqual({
      message: expect.any(String),
      status: 'PENDING',
      eventId: expect.stringMatching(/^[\da-f-]{36}$/),
    })
    const { results } = await client.getAll(ofAlice)
    expect(results).toMatchObject([
      { memory: 'I am vegetarian', userId: 'u_alice', agentId: null, metadata: { aKey: { bKey: 1 } } },
    ])
    expect(Date.parse(String(results[0]?.createdAt))).toBeGreaterThan(Date.now() - 60_000)
  })

  it('stores one fact for each message of the user and the assistant, not of the system', async () => {
    await client.add(
      [
        { role: 'system' as 'user', content: 'Be kind' },
        { role: 'user', content: 'I live in Oslo' },
        { role: 'assistant', content: 'Oslo is noted' },
      ],
      { userId: 'u_alice' },
    )
    expect(textsOf(await client.getAll(ofAlice)).sort()).toEqual(['I live in Oslo', 'Oslo is noted'])
  })

  it('without inference stores every message at once and returns the rows', async () => {
    const result = await client.add([{ role: 'user', content: 'Verbatim' }], {
      userId: 'u_alice',
      infer: false,
    })
    expect(result).toMatchObject({
      status: 'SUCCEEDED',
      eventId: expect.any(String),
      results: [{ id: expect.any(String), data: { memory: 'Verbatim' }, event: 'ADD' }],
    })
  })

  it('keeps run, app, expiration day and backdated time', async () => {
    await client.add(said('Dated'), {
      userId: 'u_alice',
      runId: 'r1',
      appId: 'a1',
      expirationDate: '2999-01-01',
      timestamp: 1_700_000_000,
    })
    expect((await client.getAll(ofAlice)).results[0]).toMatchObject({
      sessionId: 'r1',
      appId: 'a1',
      expirationDate: '2999-01-01',
      createdAt: '2023-11-14T22:13:20.000Z',
    })
  })

  it.each(['日本語のメモ 🎌', 'a'.repeat(100_000), 'O\'Brien said "hi"\n\t\\'])(
    'stores text %# unchanged',
    async (text) => {
      await client.add(said(text), { userId: 'u_alice' })
      expect(textsOf(await client.getAll(ofAlice))).toEqual([text])
    },
  )

  it.each([
    'auth0|abc',
    'bob@example.com',
    'user/1',
    '王小明',
    '50%',
    'a+b=c&d',
    '#1',
    '__proto__',
    "O'Brien",
  ])('keeps the user id %s apart from every other', async (userId) => {
    await client.add(said('Mine'), { userId })
    await client.add(said('Not mine'), { userId: 'somebody-else' })
    expect(textsOf(await client.getAll({ filters: { user_id: userId } }))).toEqual(['Mine'])
    await client.deleteUsers({ userId })
    expect(textsOf(await client.getAll({ filters: { user_id: '*' } }))).toEqual(['Not mine'])
  })

  it('loses nothing when many adds run at once', async () => {
    await Promise.all(
      Array.from({ length: 50 }, (_, n) => client.add(said(`Fact ${n}`), { userId: 'u_alice' })),
    )
    expect((await client.getAll(ofAlice)).count).toBe(50)
  })

  it('reads the text parts of a message and the URL of an image', async () => {
    const image = { type: 'image_url' as const, image_url: { url: 'https://example.com/cat.png' } }
    await client.add([{ role: 'user', content: image }], { userId: 'u_alice' })
    expect(textsOf(await client.getAll(ofAlice))).toEqual(['https://example.com/cat.png'])
  })

  it('takes a plain string as a message of the user', async () => {
    await client.add('Bare' as never, { userId: 'u_alice' })
    expect(textsOf(await client.getAll(ofAlice))).toEqual(['Bare'])
  })

  it('is refused without an entity', async () => {
    await expect(client.add(said('Whose?'))).rejects.toThrow(ValidationError)
    await expect(client.add(said('Whose?'), { userId: '' })).rejects.toThrow(/agent_id, user_id/)
  })

  it.each([
    { userId: ['a', 'b'] },
    { userId: { ne: 'a' } },
    { userId: true },
    { metadata: 'x', userId: 'a' },
  ])('is refused with %o', async (options) => {
    await expect(client.add(said('Text'), options as never)).rejects.toThrow(ValidationError)
  })
})

describe('search', () => {
  beforeEach(() => {
    platform.store.seed([
      { text: 'I am vegetarian', userId: 'u_alice', categories: ['food'] },
      { text: 'My favourite sport is climbing', userId: 'u_alice' },
      { text: 'Works as a gardener', userId: 'u_alice', metadata: { team: 'green' } },
      { text: 'My favourite sport is swimming', userId: 'u_bob' },
    ])
  })

  it('ranks memories that share words with the query first, with scores from 0 to 1', async () => {
    const { results } = await client.search('Which sports do I like?', ofAlice)
    expect(results[0]?.memory).toBe('My favourite sport is climbing')
    const scores = results.map(({ score }) => score ?? -1)
    expect(scores).toEqual([...scores].sort((a, b) => b - a))
    for (const score of scores) expect(score > 0 && score <= 1).toBe(true)
  })

  it('also returns memories that share no word, as a search by meaning would', async () => {
    expect(textsOf(await client.search('food preferences', ofAlice))).toContain('I am vegetarian')
  })

  it('returns topK rows, and only those above a threshold', async () => {
    expect((await client.search('favourite sport', { ...ofAlice, topK: 1 })).results).toHaveLength(1)
    expect((await client.search('favourite sport', { ...ofAlice, threshold: 0 })).results).toHaveLength(3)
    expect(textsOf(await client.search('favourite sport', { ...ofAlice, threshold: 0.9 }))).toEqual([
      'My favourite sport is climbing',
    ])
  })

  it('narrows by categories and metadata, and accepts rerank', async () => {
    const narrowed = await client.search('food', { ...ofAlice, categories: ['food'], rerank: true })
    expect(textsOf(narrowed)).toEqual(['I am vegetarian'])
    expect(textsOf(await client.search('x', { ...ofAlice, metadata: { team: 'green' } }))).toEqual([
      'Works as a gardener',
    ])
  })

  it('returns only the requested fields', async () => {
    const { results } = await client.search('food', { ...ofAlice, topK: 1, fields: ['id', 'memory'] })
    expect(Object.keys(results[0] ?? {}).sort()).toEqual(['id', 'memory'])
  })

  it('finds nothing for a user without memories', async () => {
    expect(await client.search('food', { filters: { user_id: 'u_nobody' } })).toEqual({ results: [] })
  })

  it.each([
    ['an empty query', '', ofAlice],
    ['no filters', 'food', {}],
    ['empty filters', 'food', { filters: {} }],
    ['topK 0', 'food', { ...ofAlice, topK: 0 }],
    ['topK 1001', 'food', { ...ofAlice, topK: 1001 }],
    ['a threshold above 1', 'food', { ...ofAlice, threshold: 1.5 }],
  ])('is refused with %s', async (_what, query, options) => {
    await expect(client.search(query, options)).rejects.toThrow(ValidationError)
  })
})

describe('getAll', () => {
  it('returns pages, newest first, with links to the previous and the next', async () => {
    platform.store.seed(Array.from({ length: 5 }, (_, n) => ({ text: `Fact ${n}`, userId: 'u_alice' })))
    const first = await client.getAll({ ...ofAlice, page: 1, pageSize: 2 })
    const second = await client.getAll({ ...ofAlice, page: 2, pageSize: 2 })
    const third = await client.getAll({ ...ofAlice, page: 3, pageSize: 2 })
    expect(first).toMatchObject({
      count: 5,
      previous: null,
      next: `${platform.url}/v3/memories/?page=2&page_size=2`,
    })
    expect(second).toMatchObject({
      previous: `${platform.url}/v3/memories/?page_size=2`,
      next: `${platform.url}/v3/memories/?page=3&page_size=2`,
    })
    expect(third.next).toBeNull()
    expect([first, second, third].flatMap(textsOf)).toEqual([
      'Fact 4',
      'Fact 3',
      'Fact 2',
      'Fact 1',
      'Fact 0',
    ])
  })

  it('responds with 404 beyond the last page, and has at most 200 memories on one', async () => {
    platform.store.seed(Array.from({ length: 201 }, (_, n) => ({ text: `Fact ${n}`, userId: 'u_alice' })))
    await expect(client.getAll({ ...ofAlice, page: 4 })).rejects.toThrow(/Invalid page/)
    expect((await client.getAll(ofAlice)).results).toHaveLength(100)
    expect((await client.getAll({ ...ofAlice, pageSize: 1000 })).results).toHaveLength(200)
  })

  it('narrows by day, by category and to the latest version', async () => {
    const [newer] = platform.store.seed([
      { text: 'New', userId: 'u_alice', createdAt: new Date('2024-05-05'), categories: ['food'] },
    ])
    platform.store.seed([
      { text: 'Old', userId: 'u_alice', createdAt: new Date('2023-05-05'), replacedBy: newer ?? null },
    ])
    expect(textsOf(await client.getAll({ ...ofAlice, startDate: '2024-05-05' }))).toEqual(['New'])
    expect(textsOf(await client.getAll({ ...ofAlice, endDate: '2023-05-05' }))).toEqual(['Old'])
    expect(textsOf(await client.getAll({ ...ofAlice, categories: ['food'] }))).toEqual(['New'])
    expect(textsOf(await client.getAll({ ...ofAlice, latestOnly: true }))).toEqual(['New'])
  })
})

describe('one memory by its id', () => {
  it('is read', async () => {
    const id = seedOne()
    expect(await client.get(id)).toMatchObject({ id, memory: 'I am vegetarian', userId: 'u_alice' })
  })

  it('is updated and returned', async () => {
    const id = seedOne()
    const updated = await client.update(id, {
      text: 'I am vegan',
      metadata: { a: 1 },
      expirationDate: '2999-01-01',
    })
    expect(updated).toMatchObject({ id, memory: 'I am vegan', metadata: { a: 1 } })
    expect(await client.update(id, { expirationDate: null })).toMatchObject({
      memory: 'I am vegan',
      expirationDate: null,
    })
    expect(await client.get(id)).toMatchObject({ memory: 'I am vegan', metadata: { a: 1 } })
  })

  it('is deleted', async () => {
    const id = seedOne()
    expect(await client.delete(id)).toEqual({ message: 'Memory deleted successfully!' })
    await expect(client.get(id)).rejects.toThrow(MemoryNotFoundError)
    await expect(client.delete(id)).rejects.toThrow(MemoryNotFoundError)
    await expect(client.update(id, { text: 'x' })).rejects.toThrow(MemoryNotFoundError)
  })

  it('is deleted together with what it supersedes, on request', async () => {
    const id = seedOne('Newest')
    const [older = ''] = platform.store.seed([{ text: 'Older', userId: 'u_alice', replacedBy: id }])
    platform.store.seed([{ text: 'Oldest', userId: 'u_alice', replacedBy: older }])
    expect(await client.delete(id, { deleteLinked: true })).toMatchObject({ cascadeCount: 2 })
    expect(platform.store.size).toBe(0)
  })

  it('has a history, oldest first', async () => {
    const id = seedOne()
    await client.update(id, { text: 'I am vegan' })
    expect(await client.history(id)).toMatchObject([
      { event: 'ADD', memoryId: id, oldMemory: null, newMemory: 'I am vegetarian', userId: 'u_alice' },
      { event: 'UPDATE', memoryId: id, oldMemory: 'I am vegetarian', newMemory: 'I am vegan' },
    ])
  })

  it('takes feedback', async () => {
    const memoryId = seedOne()
    const result = await client.feedback({ memoryId, feedback: Feedback.NEGATIVE, feedbackReason: 'Wrong' })
    expect(result).toEqual({ id: expect.any(String), feedback: 'NEGATIVE', feedbackReason: 'Wrong' })
    await expect(client.feedback({ memoryId, feedback: 'GREAT' as Feedback })).rejects.toThrow(
      ValidationError,
    )
  })

  it('is not found when the id is unknown', async () => {
    await expect(client.get(UNKNOWN_ID)).rejects.toThrow('{"error":"Memory not found!"}')
    await expect(client.feedback({ memoryId: UNKNOWN_ID })).rejects.toThrow(MemoryNotFoundError)
    expect(await client.history(UNKNOWN_ID)).toEqual([])
  })
})

describe('batches', () => {
  it('update and delete', async () => {
    const ids = platform.store.seed([
      { text: 'One', userId: 'u_alice' },
      { text: 'Two', userId: 'u_alice' },
    ])
    const updates = ids.map((memoryId) => ({ memoryId, text: `New ${memoryId}` }))
    expect(await client.batchUpdate(updates)).toEqual({ message: 'Successfully updated 2 memories' })
    expect(textsOf(await client.getAll(ofAlice)).sort()).toEqual(updates.map(({ text }) => text).sort())
    expect(await client.batchDelete(ids)).toEqual({ message: 'Successfully deleted 2 memories' })
    expect(platform.store.size).toBe(0)
  })

  it('write nothing when one id is unknown or malformed, or there are none or too many', async () => {
    const id = seedOne('Kept')
    for (const bad of [UNKNOWN_ID, 'no-uuid']) {
      await expect(client.batchDelete([id, bad])).rejects.toThrow()
      await expect(
        client.batchUpdate([
          { memoryId: id, text: 'Changed' },
          { memoryId: bad, text: 'x' },
        ]),
      ).rejects.toThrow()
    }
    await expect(client.batchDelete([])).rejects.toThrow(ValidationError)
    await expect(client.batchDelete(Array<string>(1001).fill(id))).rejects.toThrow(/Maximum of 1000/)
    expect(await client.get(id)).toMatchObject({ memory: 'Kept' })
  })
})

describe('entities', () => {
  it('are listed with their counts', async () => {
    await client.add(said('One'), { userId: 'u_alice', runId: 'r1' })
    await client.add(said('Two'), { userId: 'u_alice' })
    const users = await client.users()
    expect(users).toMatchObject({ count: 2, next: null, previous: null, totalUsers: 1, totalRuns: 1 })
    expect(users.results).toMatchObject([
      { id: expect.any(String), type: 'user', name: 'u_alice', totalMemories: 2 },
      { type: 'run', name: 'r1', totalMemories: 1 },
    ])
    expect((await client.users({ page: 2, pageSize: 1 })).results).toMatchObject([{ name: 'r1' }])
  })

  it('outlive their last memory, until they are deleted themselves', async () => {
    await client.add(said('One'), { userId: 'u_alice' })
    await client.deleteAll({ userId: 'u_alice' })
    expect((await client.users()).results).toMatchObject([{ name: 'u_alice', totalMemories: 0 }])
    await client.deleteUsers({ userId: 'u_alice' })
    expect((await client.users()).count).toBe(0)
  })

  it('are deleted with their memories, by name or number', async () => {
    platform.store.seed([
      { text: 'One', userId: 'u_alice' },
      { text: 'Two', userId: 'u_bob' },
    ])
    expect(await client.deleteUsers({ userId: 'u_alice' })).toEqual({
      message: 'Entity deleted successfully.',
    })
    expect([...platform.store.all()].map(({ userId }) => userId)).toEqual(['u_bob'])
    const [bob] = (await client.users()).results
    await client.deleteUser({ entity_id: Number(bob?.id), entity_type: 'user' })
    expect(platform.store.size).toBe(0)
    await expect(client.deleteUser({ entity_id: 'u_bob' as never, entity_type: 'user' })).rejects.toThrow(
      ValidationError,
    )
  })
})

describe('the project', () => {
  it('is read and changed', async () => {
    expect(
      await client.updateProject({
        customInstructions: 'Be brief',
        customCategories: [{ my_food: 'Meals' }],
      }),
    ).toEqual({ message: 'Project updated successfully' })
    expect(await client.getProject({ fields: ['customInstructions', 'customCategories'] })).toEqual({
      customInstructions: 'Be brief',
      customCategories: [{ my_food: 'Meals' }],
    })
    expect(await client.getProject({})).toMatchObject({ projectId: expect.any(String), multilingual: false })
  })

  it('has webhooks', async () => {
    const settings = {
      name: 'hook',
      url: 'https://example.com/hook',
      eventTypes: [WebhookEvent.MEMORY_ADDED],
    }
    const created = await client.createWebhook(settings)
    expect(created).toMatchObject({ ...settings, webhookId: expect.any(String), isActive: true })
    const webhookId = created.webhookId ?? ''
    expect(await client.updateWebhook({ webhookId, name: 'renamed' })).toEqual({
      message: 'Webhook updated successfully',
    })
    expect(await client.getWebhooks()).toMatchObject([{ ...settings, name: 'renamed' }])
    expect(await client.deleteWebhook({ webhookId })).toEqual({ message: 'Webhook deleted successfully' })
    await expect(client.deleteWebhook({ webhookId })).rejects.toThrow(/Webhook not found/)
    expect(await client.getWebhooks()).toEqual([])
  })

  it('refuses malformed webhooks and foreign projects', async () => {
    await expect(client.createWebhook({ name: 'hook' } as never)).rejects.toThrow(
      '{"url":["This field is required."],"event_types":["This field is required."]}',
    )
    await expect(
      client.createWebhook({ name: 'hook', url: 'https://example.com', eventTypes: ['nonsense' as never] }),
    ).rejects.toThrow(ValidationError)
    await expect(client.getWebhooks({ projectId: 'proj-other' })).rejects.toThrow(/have access/)
  })
})

describe('exports', () => {
  it('are made from a schema and fetched by id or by the same entities', async () => {
    seedOne('I am vegetarian')
    seedOne('Lives in Oslo')
    const schema = {
      properties: { diet: { type: 'string', description: 'vegetarian?' }, facts: { type: 'array' } },
    }
    const { id, message } = await client.createMemoryExport({
      schema,
      filters: { AND: [{ user_id: 'u_alice' }] },
    })
    expect(message).toContain('export')
    const exported = { diet: 'I am vegetarian', facts: ['I am vegetarian', 'Lives in Oslo'] }
    expect(await client.getMemoryExport({ memoryExportId: id })).toEqual(exported)
    expect(await client.getMemoryExport({ filters: { user_id: 'u_alice' } })).toEqual(exported)
    await expect(client.getMemoryExport({ filters: { user_id: 'u_bob' } })).rejects.toThrow(
      MemoryNotFoundError,
    )
  })
})

describe('profiles', () => {
  it('are generated on request, once for one idempotency key', async () => {
    seedOne()
    expect(await client.getProfile({ entityId: 'u_alice' })).toMatchObject({ status: 'insufficient_data' })
    const job = await client.generateProfile({ entityId: 'u_alice', idempotencyKey: 'k1' })
    expect(await client.generateProfile({ entityId: 'u_alice', idempotencyKey: 'k1' })).toEqual({
      ...job,
      replayed: true,
    })
    expect(await client.getProfileJob(job.statusUrl)).toMatchObject({ job: { id: job.jobId, succeeded: 1 } })
    expect(await client.getProfile({ entityId: 'u_alice' })).toMatchObject({
      status: 'succeeded',
      profile: { facts: ['I am vegetarian'] },
      generationCount: 1,
    })
  })

  it('follow the settings of the project', async () => {
    seedOne()
    const schema = { properties: { eating_habits: { type: 'string', description: 'Diet' } } }
    expect(await client.updateProfileSettings({ schema })).toMatchObject({ entities: { user: { schema } } })
    expect(await client.sampleProfiles({ limit: 2 })).toMatchObject({ sampled: 1, entityIds: ['u_alice'] })
    expect((await client.getProfile({ entityId: 'u_alice' })).profile).toEqual({
      eating_habits: 'I am vegetarian',
    })
    await client.updateProfileSettings({ enabled: false })
    expect(await client.getProfileSettings()).toMatchObject({ enabled: false })
  })
})

describe('conformance', () => {
  /** Every route the client calls, with the status of a call that succeeds. */
  const CALLS: readonly (readonly [method: string, path: string, status: number, body?: object])[] = [
    ['GET', '/v1/ping/', 200],
    ['POST', '/v3/memories/add/', 200, { messages: 'Hi', user_id: 'u_alice' }],
    ['POST', '/v3/memories/search/', 200, { query: 'Hi', filters: { user_id: 'u_alice' } }],
    ['POST', '/v3/memories/', 200, { filters: { user_id: 'u_alice' } }],
    ['GET', '/v1/memories/{id}/', 200],
    ['PUT', '/v1/memories/{id}/', 200, { text: 'Hello' }],
    ['GET', '/v1/memories/{id}/history/', 200],
    ['POST', '/v1/feedback/', 200, { memory_id: '{id}' }],
    ['PUT', '/v1/batch/', 200, { memories: [{ memory_id: '{id}', text: 'Hey' }] }],
    ['POST', '/v1/exports/', 201, { schema: {}, filters: { AND: [{ user_id: 'u_alice' }] } }],
    ['POST', '/v1/exports/get/', 200, { filters: { user_id: 'u_alice' } }],
    ['GET', '/v1/entities/', 200],
    ['GET', '/api/v1/orgs/organizations/org-stand-in/projects/proj-stand-in/', 200],
    ['PATCH', '/api/v1/orgs/organizations/org-stand-in/projects/proj-stand-in/', 200, { decay: true }],
    ['GET', '/api/v1/webhooks/projects/proj-stand-in/', 200],
    [
      'POST',
      '/api/v1/webhooks/projects/proj-stand-in/',
      201,
      { name: 'n', url: 'https://example.com', event_types: ['memory_add'] },
    ],
    ['PUT', '/api/v1/webhooks/{webhook}/', 200, { name: 'm' }],
    ['DELETE', '/api/v1/webhooks/{webhook}/', 200],
    ['GET', '/v2/entities/user/u_alice/profile/', 200],
    ['POST', '/v2/profiles/jobs/', 202, { operation: 'trigger', entity_type: 'user', entity_id: 'u_alice' }],
    ['GET', '/v2/profiles/jobs/{job}/', 200],
    ['GET', '/v2/profiles/settings/', 200],
    ['POST', '/v2/profiles/settings/', 200, { enabled: true }],
    ['DELETE', '/v1/memories/{id}/', 200],
    ['DELETE', '/v1/batch/', 200, { memories: [{ memory_id: '{other}' }] }],
    ['DELETE', '/v1/memories/?user_id=u_alice', 200],
    ['DELETE', '/v1/entities/user/1/', 200],
    ['DELETE', '/v2/entities/user/u_alice/', 200],
  ]

  it('every route that the client calls responds with the status of the service', async () => {
    const [other = ''] = platform.store.seed([{ text: 'Other', userId: 'u_other' }])
    const ids: Record<string, string> = { id: seedOne(), other }
    const filled = (text: string) => text.replace(/\{(\w+)\}/g, (whole, name: string) => ids[name] ?? whole)
    const statuses: [string, string, number][] = []
    for (const [method, path, , body] of CALLS) {
      const response = await fetch(`${platform.url}${filled(path)}`, {
        method,
        headers: { authorization: 'Token m0-any-key' },
        ...(body && { body: filled(JSON.stringify(body)) }),
      })
      const result = (await response.json()) as Record<string, string>
      if (result.webhook_id) ids.webhook = result.webhook_id
      if (result.job_id) ids.job = result.job_id
      statuses.push([method, path, response.status])
    }
    expect(statuses).toEqual(CALLS.map(([method, path, status]) => [method, path, status]))
  })

  it('the list above has every path that is written in the client', async () => {
    const source = await import('node:fs/promises').then((fs) =>
      fs.readFile(new URL(import.meta.resolve('mem0ai')), 'utf8'),
    )
    const called = [...source.matchAll(/\$\{this\.host\}(\/[^`]*)`/g)].map(([, path = '']) =>
      path
        .replace(/\/\$\{(?:query|params|queryParams).*$/, '/')
        .replace(/\?\$\{params.*$/, '')
        .replace('${this.organizationId}', 'org-stand-in')
        .replace(/\$\{(?:this\.projectId|project_id)\}/, 'proj-stand-in')
        .replace(/\$\{[^}]*\}/g, 'x'),
    )
    expect(called.length).toBeGreaterThan(25)
    const route = createRouter(routes)
    expect(called.filter((path) => !route(path))).toEqual([])
  })
})
