import { MemoryError, NetworkError, RateLimitError } from 'mem0ai'
import { describe, expect, it } from 'vitest'
import { connectedClient, said, textsOf } from './connected-client.ts'
import { startMem0Platform } from './index.ts'

const { platform, client, request } = await connectedClient()
const ofAlice = { filters: { user_id: 'u_alice' } }
const seed = () =>
  platform.store.seed([
    { text: 'Of Alice', userId: 'u_alice' },
    { text: 'Of Bob', userId: 'u_bob' },
  ])

describe('misbehaviour', () => {
  it.each([
    [429, RateLimitError],
    [500, MemoryError],
    [503, NetworkError],
  ])('responds with %d once, without doing the work', async (status, errorClass) => {
    platform.misbehave({ with: { status } })
    await expect(client.add(said('Lost'), { userId: 'u_alice' })).rejects.toThrow(errorClass)
    expect(platform.store.size).toBe(0)
    await client.add(said('Kept'), { userId: 'u_alice' })
    expect(platform.store.size).toBe(1)
  })

  it('says in a 429 when to retry', async () => {
    platform.misbehave({ with: { status: 429 } })
    expect((await request('/v1/entities/')).headers.get('retry-after')).toBe('1')
    platform.misbehave({ with: { status: 429, headers: { 'retry-after': '30' }, body: { error: 'Slow' } } })
    const response = await request('/v1/entities/')
    expect(response.headers.get('retry-after')).toBe('30')
    expect(await response.json()).toEqual({ error: 'Slow' })
  })

  it('applies only to matching requests, as often as set', async () => {
    const [id = ''] = seed()
    platform.misbehave({
      match: { method: 'get', path: /^\/v1\/memories\/[^/]+\/$/ },
      times: 2,
      with: { status: 500 },
    })
    await client.getAll(ofAlice)
    await expect(client.get(id)).rejects.toThrow(MemoryError)
    await expect(client.get(id)).rejects.toThrow(MemoryError)
    expect(await client.get(id)).toMatchObject({ id })
  })

  it('spares the ping unless its path is named', async () => {
    platform.misbehave({ with: { status: 500 } })
    await client.ping()
    platform.reset()
    platform.misbehave({ match: { path: '/v1/ping/' }, with: { status: 500 } })
    await expect(client.ping()).rejects.toThrow(MemoryError)
  })

  it('adds the rows of another user to searches, lists, entity lists and histories', async () => {
    const [id = ''] = seed()
    platform.misbehave({ times: 3, with: { foreignRowsOf: 'u_bob' } })
    expect(textsOf(await client.search('q', ofAlice))).toEqual(['Of Alice', 'Of Bob'])
    const { results } = await client.getAll(ofAlice)
    expect(results).toMatchObject([{ userId: 'u_alice' }, { userId: 'u_bob' }])
    expect(await client.history(id)).toMatchObject([{ userId: 'u_alice' }, { userId: 'u_bob' }])
  })

  it('returns the row of another user for a get', async () => {
    const [id = '', ofBob] = seed()
    platform.misbehave({ with: { foreignRowsOf: 'u_bob' } })
    expect(await client.get(id)).toMatchObject({ id: ofBob, userId: 'u_bob' })
  })

  it('removes the owner from rows', async () => {
    const [id = ''] = seed()
    platform.misbehave({ times: 3, with: { ownerless: true } })
    expect((await client.search('q', ofAlice)).results[0]).not.toHaveProperty('userId')
    expect((await client.getAll(ofAlice)).results[0]).not.toHaveProperty('userId')
    expect(await client.get(id)).not.toHaveProperty('userId')
  })

  it('responds with text that is not JSON', async () => {
    platform.misbehave({ with: { rubbish: '<html>oops' } })
    await expect(client.getAll(ofAlice)).rejects.toThrow(SyntaxError)
  })

  it('drops the connection', async () => {
    platform.misbehave({ with: { closeSocket: true } })
    await expect(client.getAll(ofAlice)).rejects.toThrow(/fetch failed/)
  })

  it('responds late, but correctly', async () => {
    seed()
    platform.misbehave({ with: { delayMillis: 30 } })
    expect(textsOf(await client.getAll(ofAlice))).toEqual(['Of Alice'])
  })

  it('hangs until the caller or the platform gives up', async () => {
    platform.misbehave({ with: { hang: true } })
    await expect(request('/v1/entities/', { signal: AbortSignal.timeout(100) })).rejects.toThrow(/timeout/)

    const closing = await startMem0Platform()
    closing.misbehave({ with: { hang: true } })
    const hanging = fetch(`${closing.url}/v1/entities/`)
    const failed = expect(hanging).rejects.toThrow(/fetch failed/)
    while (closing.requests.length === 0) await new Promise((resolve) => setImmediate(resolve))
    await closing.close()
    await failed
  })

  it('ends with a reset', async () => {
    seed()
    platform.misbehave({ times: Infinity, with: { status: 500 } })
    platform.reset()
    expect(await client.getAll(ofAlice)).toMatchObject({ count: 0 })
    expect(platform.requests).toHaveLength(1)
  })
})
