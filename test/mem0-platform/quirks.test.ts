import { once } from 'node:events'
import { connect } from 'node:net'
import { AuthenticationError, MemoryClient, ValidationError } from 'mem0ai'
import { describe, expect, it, vi } from 'vitest'
import { connectedClient, said, textsOf } from './connected-client.ts'
import { startMem0Platform } from './index.ts'

/** The quirks that a client of the service has to know, one test each. */

const { platform, client, request } = await connectedClient()
const seed = (...rows: Parameters<typeof platform.store.seed>[0][]) =>
  platform.store.seed(rows.flatMap((r) => [...r]))
const twoUsers = () =>
  seed([
    { text: 'Of Alice', userId: 'u_alice', runId: 'r1' },
    { text: 'Of Bob', userId: 'u_bob', runId: 'r1' },
  ])
const remaining = () => [...platform.store.all()].map(({ text }) => text)

describe('which user is asked for', () => {
  it.each(['/v3/memories/search/', '/v3/memories/'])(
    '%s refuses an entity outside of filters',
    async (path) => {
      const body = JSON.stringify({ query: 'q', user_id: 'u_alice', filters: { user_id: 'u_alice' } })
      const response = await request(path, { method: 'POST', body })
      expect(response.status).toBe(400)
      expect(await response.json()).toEqual({ error: expect.stringContaining('user_id') })
    },
  )

  it.each([
    [{ metadata: { a: 1 } }],
    [{ NOT: [{ user_id: 'u_bob' }] }],
    [{ user_id: { ne: 'u_bob' } }],
    [{ user_id: null }],
    [{ user_id: '' }],
    [{ user_id: { in: [] } }],
  ])('a filter must name an entity other than by exclusion: %o', async (filters) => {
    await expect(client.getAll({ filters })).rejects.toThrow(/app_id, user_id, agent_id, run_id/)
  })

  it('* matches every user', async () => {
    twoUsers()
    expect((await client.getAll({ filters: { user_id: '*' } })).count).toBe(2)
  })

  it('a list of ids matches any of them', async () => {
    twoUsers()
    expect((await client.getAll({ filters: { user_id: ['u_alice', 'u_bob'] } })).count).toBe(2)
  })

  it('an OR beside an AND is silently dropped, even when the OR names the user', async () => {
    twoUsers()
    const both = { OR: [{ user_id: 'u_alice' }], AND: [{ run_id: 'r1' }] }
    expect(textsOf(await client.getAll({ filters: both })).sort()).toEqual(['Of Alice', 'Of Bob'])
  })

  it('an OR beside a plain key is evaluated', async () => {
    seed([
      { text: 'Red', userId: 'u_alice', metadata: { colour: 'red' } },
      { text: 'Blue', userId: 'u_alice', metadata: { colour: 'blue' } },
    ])
    const filters = { user_id: 'u_alice', OR: [{ metadata: { colour: 'red' } }] }
    expect(textsOf(await client.getAll({ filters }))).toEqual(['Red'])
  })

  it('ids are compared exactly', async () => {
    seed([{ text: 'Of Alice', userId: 'Alice' }])
    for (const userId of ['alice', 'Alice ', 'Ali']) {
      expect((await client.getAll({ filters: { user_id: userId } })).count).toBe(0)
    }
  })
})

describe('which user a memory belongs to', () => {
  const conversation = [
    { role: 'user' as const, content: 'I am ill' },
    { role: 'assistant' as const, content: 'You should rest' },
  ]

  it('an inferred add with a user and an agent is split by speaker', async () => {
    await client.add(conversation, { userId: 'u_alice', agentId: 'a_nurse', runId: 'r1' })
    const owners = [...platform.store.all()].map(({ text, userId, agentId, runId }) => [
      text,
      userId,
      agentId,
      runId,
    ])
    expect(owners).toEqual([
      ['I am ill', 'u_alice', null, 'r1'],
      ['You should rest', null, 'a_nurse', 'r1'],
    ])
  })

  it("what belongs to the agent is out of the user's reach and survives the deletion of the user's memories", async () => {
    await client.add(conversation, { userId: 'u_alice', agentId: 'a_nurse' })
    expect(textsOf(await client.getAll({ filters: { user_id: 'u_alice' } }))).toEqual(['I am ill'])
    await client.deleteAll({ userId: 'u_alice' })
    expect(textsOf(await client.getAll({ filters: { agent_id: 'a_nurse' } }))).toEqual(['You should rest'])
  })

  it('an add without inference keeps both ids on every row', async () => {
    await client.add(conversation, { userId: 'u_alice', agentId: 'a_nurse', infer: false })
    for (const memory of platform.store.all()) {
      expect(memory).toMatchObject({ userId: 'u_alice', agentId: 'a_nurse' })
    }
  })

  it('of two spellings of the user, the client stores the last', async () => {
    await client.add(said('Poison'), JSON.parse('{"userId":"u_alice","user_id":"u_bob"}') as object)
    expect(platform.store.ofUser('u_bob')).toHaveLength(1)
  })

  it('a run is run_id in a search and session_id in a list', async () => {
    twoUsers()
    const filters = { user_id: 'u_alice' }
    expect((await client.search('q', { filters })).results[0]).toMatchObject({ runId: 'r1' })
    expect((await client.getAll({ filters })).results[0]).toMatchObject({ sessionId: 'r1' })
  })

  it('fields can leave the owner out of a row', async () => {
    twoUsers()
    const { results } = await client.search('q', { filters: { user_id: 'u_alice' }, fields: ['memory'] })
    expect(results).toEqual([{ memory: 'Of Alice' }])
  })
})

describe('calls for a single memory ask for no user', () => {
  it('they read, change, trace and delete any memory of the project', async () => {
    const [, ofBob = ''] = twoUsers()
    expect(await client.get(ofBob)).toMatchObject({ userId: 'u_bob' })
    await client.update(ofBob, { text: 'Overwritten' })
    expect(await client.history(ofBob)).toHaveLength(2)
    await client.feedback({ memoryId: ofBob })
    await client.batchUpdate([{ memoryId: ofBob, text: 'Overwritten again' }])
    await client.batchDelete([ofBob])
    expect(remaining()).toEqual(['Of Alice'])
  })

  it.each(['no-uuid', 'undefined', '123', '*', 'history'])('%s is not an id: 400', async (id) => {
    const refused = '{"error":"memory_id should be a valid UUID"}'
    await expect(client.get(id)).rejects.toThrow(refused)
    await expect(client.update(id, { text: 'x' })).rejects.toThrow(refused)
    await expect(client.delete(id)).rejects.toThrow(refused)
    await expect(client.history(id)).rejects.toThrow(refused)
  })

  it('the id "." leads to the list of all memories of the user named beside it', async () => {
    twoUsers()
    await expect(client.get('.')).rejects.toThrow(ValidationError)
    await client.delete('.', { userId: 'u_bob' } as object)
    expect(remaining()).toEqual(['Of Alice'])
  })

  it("an encoded slash leads to the list of an entity's memories, which names no owner", async () => {
    twoUsers()
    const list = (await client.get('user/u_bob')) as unknown as { results: object[] }
    expect(list.results).toMatchObject([{ memory: 'Of Bob' }])
    expect(list.results[0]).not.toHaveProperty('userId')
    await expect(client.get('planet/u_bob')).rejects.toThrow('{"error":"Invalid entity type"}')
  })

  it('the id "events" leads to the history of every user', async () => {
    twoUsers()
    expect(await client.get('events')).toMatchObject({ count: 2 })
  })

  it('a path in place of an id leads to that path', async () => {
    const [, ofBob] = twoUsers()
    expect(await client.getProfileJob(`/v1/memories/${ofBob}/`)).toMatchObject({ userId: 'u_bob' })
    await client.deleteWebhook({ webhookId: '../../../v1/memories/?user_id=u_bob&x=' })
    expect(remaining()).toEqual(['Of Alice'])
  })

  it('the history outlives the memory', async () => {
    const [ofAlice = ''] = twoUsers()
    await client.delete(ofAlice)
    expect(await client.history(ofAlice)).toMatchObject([
      { event: 'ADD', newMemory: 'Of Alice' },
      { event: 'DELETE', oldMemory: 'Of Alice' },
    ])
  })
})

describe('deleting many', () => {
  it('of several entities only one takes effect, whatever their order', async () => {
    for (const options of [
      { runId: 'r1', userId: 'u_alice' },
      { userId: 'u_alice', runId: 'r1' },
    ]) {
      twoUsers()
      await client.deleteAll(options)
      expect(remaining()).toEqual([])
    }
  })

  it('* deletes the memories of every user', async () => {
    twoUsers()
    seed([{ text: 'Of an agent', agentId: 'a_nurse' }])
    await client.deleteAll({ userId: '*' })
    expect(remaining()).toEqual(['Of an agent'])
  })

  it.each([{}, { userId: '' }])('is refused with %o', async (options) => {
    twoUsers()
    await expect(client.deleteAll(options)).rejects.toThrow(
      '["One of the filters: app_id, user_id, agent_id, run_id is required!"]',
    )
    expect(remaining()).toHaveLength(2)
  })

  it('deleteUsers without a name deletes every entity there is', async () => {
    twoUsers()
    await client.deleteUsers({ userId: '' })
    expect(remaining()).toEqual([])
  })
})

describe('time', () => {
  it('an inferred add is visible after the delay, and its event says so', async () => {
    await using slow = await startMem0Platform({ addDelayMillis: 150 })
    const slowClient = new MemoryClient({ apiKey: 'm0-k', host: slow.url })
    const { eventId } = (await slowClient.add(said('Later'), { userId: 'u_alice' })) as unknown as {
      eventId: string
    }
    const eventStatus = async () => {
      const response = await fetch(`${slow.url}/v1/event/${eventId}/`, {
        headers: { authorization: 'Token m0-k' },
      })
      return ((await response.json()) as { status: string }).status
    }
    expect(await eventStatus()).toBe('PENDING')
    expect((await slowClient.getAll({ filters: { user_id: 'u_alice' } })).count).toBe(0)
    await vi.waitFor(async () => expect(await eventStatus()).toBe('SUCCEEDED'), { timeout: 10_000 })
    expect((await slowClient.getAll({ filters: { user_id: 'u_alice' } })).count).toBe(1)
  })

  it('a deletion of many is queued too', async () => {
    await using slow = await startMem0Platform({ deleteDelayMillis: 150 })
    const slowClient = new MemoryClient({ apiKey: 'm0-k', host: slow.url })
    slow.store.seed([{ text: 'Still here', userId: 'u_alice' }])
    expect(await slowClient.deleteAll({ userId: 'u_alice' })).toMatchObject({ eventId: expect.any(String) })
    expect(slow.store.size).toBe(1)
    await vi.waitFor(() => expect(slow.store.size).toBe(0), { timeout: 10_000 })
  })

  it('an event holds its results; an unknown one is not found', async () => {
    const { eventId } = (await client.add(said('Now'), { userId: 'u_alice' })) as unknown as {
      eventId: string
    }
    const [memory] = platform.store.ofUser('u_alice')
    expect(await (await request(`/v1/event/${eventId}/`)).json()).toMatchObject({
      id: eventId,
      event_type: 'ADD',
      status: 'SUCCEEDED',
      results: [{ id: memory?.id, data: { memory: 'Now' } }],
    })
    expect(await (await request('/v1/events/')).json()).toMatchObject({
      count: 1,
      results: [{ id: eventId }],
    })
    expect((await request('/v1/event/unknown/')).status).toBe(404)
  })

  it('an expired memory is hidden unless it is asked for', async () => {
    seed([{ text: 'Expired', userId: 'u_alice', expirationDate: '2020-01-01' }])
    const filters = { user_id: 'u_alice' }
    expect((await client.getAll({ filters })).count).toBe(0)
    expect((await client.search('q', { filters })).results).toHaveLength(0)
    expect((await client.getAll({ filters, showExpired: true })).count).toBe(1)
    expect((await client.search('q', { filters, referenceDate: '2019-12-31' })).results).toHaveLength(1)
  })
})

describe('exports', () => {
  const schema = { properties: { facts: { type: 'array' } } }

  it('refuse a flat filter', async () => {
    await expect(client.createMemoryExport({ schema, filters: { user_id: 'u_alice' } })).rejects.toThrow(
      ValidationError,
    )
  })

  it('are returned by id, whatever the filters beside it', async () => {
    twoUsers()
    const { id } = await client.createMemoryExport({ schema, filters: { AND: [{ user_id: 'u_bob' }] } })
    const taken = await client.getMemoryExport({ memoryExportId: id, filters: { user_id: 'u_alice' } })
    expect(taken).toEqual({ facts: ['Of Bob'] })
  })
})

describe('any request', () => {
  it('without a key, or with an empty or malformed one: 401', async () => {
    for (const authorization of ['', 'Token', 'Token ', 'Bearer key']) {
      const response = await fetch(`${platform.url}/v1/ping/`, { headers: { authorization } })
      expect(response.status).toBe(401)
      expect(await response.json()).toEqual({ detail: expect.any(String) })
    }
  })

  it.each([
    ['other than the one configured', { apiKey: 'm0-right' }, 'm0-wrong'],
    ['that does not begin with m0-', {}, 'invalid-key'],
  ])('with a key %s: 401', async (_, options, apiKey) => {
    await using guarded = await startMem0Platform(options)
    const silenced = [
      vi.spyOn(console, 'error').mockImplementation(() => {}),
      vi.spyOn(console, 'warn').mockImplementation(() => {}),
    ]
    const wrong = new MemoryClient({ apiKey, host: guarded.url })
    await expect(wrong.ping()).rejects.toThrow(AuthenticationError)
    await expect(wrong.getAll({ filters: { user_id: 'u_alice' } })).rejects.toThrow(/Invalid API key/)
    for (const spy of silenced) spy.mockRestore()
    await expect(new MemoryClient({ apiKey: 'm0-right', host: guarded.url }).ping()).resolves.toBeUndefined()
  })

  it('for an unknown route: 404', async () => {
    for (const path of ['/', '/v1/', '/v9/memories/', '/v1/memories//', '/v1/%E0%A4%A/']) {
      expect((await request(path)).status).toBe(404)
    }
  })

  it('with a wrong method: 405, with the allowed ones', async () => {
    const response = await request('/v1/memories/', { method: 'PUT', body: '{}' })
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('GET, DELETE')
    expect(await response.json()).toEqual({ detail: 'Method "PUT" not allowed.' })
  })

  it.each(['{', '[]', '"text"', 'null'])('with a body that is not a JSON object: 400 (%s)', async (body) => {
    const response = await request('/v3/memories/add/', { method: 'POST', body })
    expect(response.status).toBe(400)
  })

  it('with a body of more than 10 MB: 413', async () => {
    const body = JSON.stringify({ messages: 'x'.repeat(11 * 1024 * 1024), user_id: 'u_alice' })
    expect((await request('/v3/memories/add/', { method: 'POST', body })).status).toBe(413)
  })

  it('that breaks off is dropped without a log line', async () => {
    const logged = vi.spyOn(console, 'error')
    const { hostname, port } = new URL(platform.url)
    const socket = connect(Number(port), hostname)
    socket.end('POST /v3/memories/add/ HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{')
    await once(socket.resume(), 'close')
    await client.ping()
    expect(logged).not.toHaveBeenCalled()
    logged.mockRestore()
  })

  it('is recorded with its decoded path, query and body, except the ping', async () => {
    await client.ping()
    await client.deleteAll({ userId: 'a b' })
    await client.add(said('Hi'), { userId: 'u_alice' })
    expect(platform.requests).toEqual([
      { method: 'DELETE', path: '/v1/memories/', query: { user_id: 'a b' }, body: undefined },
      {
        method: 'POST',
        path: '/v3/memories/add/',
        query: {},
        body: { messages: said('Hi'), user_id: 'u_alice' },
      },
    ])
    platform.clearRequests()
    expect(platform.requests).toEqual([])
  })

  it('is not recorded when recording is off', async () => {
    await using quiet = await startMem0Platform({ recordRequests: false })
    await new MemoryClient({ apiKey: 'm0-k', host: quiet.url }).add(said('Hi'), { userId: 'u_alice' })
    expect(quiet.requests).toEqual([])
  })
})
