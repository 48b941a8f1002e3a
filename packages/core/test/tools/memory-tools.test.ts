import { randomUUID } from 'node:crypto'
import type { MemoryClient } from 'mem0ai'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, expectTypeOf, it, vi } from 'vitest'
import {
  createMemoryFactory,
  InvalidArgumentError,
  ScopedMemory,
  type SelfHostedClient,
} from '../../src/index.ts'
import { createInMemoryClient } from '../../src/testing/in-memory-client.ts'
import { memoryTools, type MemoryToolName } from '../../src/tools/index.ts'
import { openHosted } from '../support/backends.ts'
import { onEveryBackend } from '../support/every-backend.ts'
import { attemptsToReach } from './attempts-to-reach.ts'
import { quotedMemories } from './quoted-memories.ts'

const ALL = ['remember', 'recall', 'forget', 'list']
const client = createInMemoryClient()
const alice = new ScopedMemory('u_alice', { client })
afterEach(() => client.reset())

describe('memoryTools', () => {
  onEveryBackend(({ memoryFor }) => {
    it('remembers, recalls, lists and forgets', async () => {
      const memory = memoryFor(`u_${randomUUID()}`)
      const tools = memoryTools(memory)
      expect(await tools.call('remember', { text: 'The user is vegetarian.' })).toEqual({
        text: 'Remembered.',
        isError: false,
      })
      await tools.call('remember', '{"text":"The user lives in Ghent."}')
      const recalled = quotedMemories(await tools.call('recall', { query: 'vegetarian' }))
      expect(recalled[0]!.text).toBe('The user is vegetarian.')
      expect(
        quotedMemories(await tools.call('list', ''))
          .map(({ text }) => text)
          .sort(),
      ).toEqual(['The user is vegetarian.', 'The user lives in Ghent.'])
      expect(await tools.call('forget', { id: recalled[0]!.id })).toEqual({
        text: 'Forgotten.',
        isError: false,
      })
      expect(quotedMemories(await tools.call('list', undefined)).map(({ text }) => text)).toEqual([
        'The user lives in Ghent.',
      ])
    })
  })

  it('takes only a ScopedMemory, since a client would give the model every user', () => {
    for (const memory of [client, {}, null, undefined, { ...alice }, Object.create(ScopedMemory.prototype)]) {
      if (memory instanceof ScopedMemory) continue
      expect(() => memoryTools(memory as never)).toThrow(InvalidArgumentError)
    }
  })

  it('has no argument for a user in any schema', () => {
    const tools = memoryTools(alice)
    const schemas = [
      ...tools.definitions().map(({ inputSchema }) => inputSchema),
      ...tools.openai().map(({ function: { parameters } }) => parameters),
      ...tools.openaiResponses().map(({ parameters }) => parameters),
      ...tools.anthropic().map(({ input_schema }) => input_schema),
      ...Object.values(tools.aiSdk((schema) => schema)).map(({ inputSchema }) => inputSchema),
      ...tools.langchain((_run, { schema }) => schema),
    ]
    expect(schemas).toHaveLength(6 * 4)
    for (const schema of schemas) {
      expect(schema.additionalProperties).toBe(false)
      expect(schema.required).toEqual(Object.keys(schema.properties))
      expect(['text', 'query', 'id', undefined]).toContain(Object.keys(schema.properties)[0])
      expect(Object.keys(schema.properties).length).toBeLessThanOrEqual(1)
    }
    expect(JSON.stringify(tools.openai())).not.toContain('u_alice')
  })

  it('returns new definitions each time, so that one caller cannot change them for another', () => {
    const tools = memoryTools(alice)
    tools.definitions()[1]!.inputSchema.properties['user_id'] = { type: 'string', description: 'whose' }
    expect(JSON.stringify(tools.definitions())).not.toContain('user_id')
    expect(JSON.stringify(memoryTools(alice).openai())).not.toContain('user_id')
  })

  it('provides only the tools in `only`, and runs no other', async () => {
    const tools = memoryTools(alice, { only: ['recall', 'list'] })
    expect(tools.definitions().map(({ name }) => name)).toEqual(['recall', 'list'])
    expect(tools.anthropic()).toHaveLength(2)
    const { id } = (await alice.add('stays', { infer: false })).results[0]!
    expect(await tools.call('forget', { id })).toMatchObject({ isError: true })
    expect(await tools.call('remember', { text: 'x' })).toMatchObject({ isError: true })
    expect((await alice.getAll()).results.map(({ memory }) => memory)).toEqual(['stays'])
    for (const only of [[], ['forgett'], ['recall', 'recall']]) {
      expect(() => memoryTools(alice, { only: only as never })).toThrow(InvalidArgumentError)
    }
  })

  it('types the names', () => {
    expectTypeOf<MemoryToolName>().toEqualTypeOf<'remember' | 'recall' | 'forget' | 'list'>()
    // @ts-expect-error a client is not a handle
    expect(() => memoryTools(client)).toThrow()
  })

  it('lists at most fifty memories, and says when there are more', async () => {
    for (let index = 0; index < 50; index++) await client.add(`memory ${index}`, { userId: 'u_alice' })
    const fifty = await memoryTools(alice).call('list', {})
    expect(quotedMemories(fifty)).toHaveLength(50)
    expect(fifty.text).not.toContain('There are more.')
    await client.add('one more', { userId: 'u_alice' })
    const result = await memoryTools(alice).call('list', {})
    expect(quotedMemories(result)).toHaveLength(50)
    expect(result.text).toContain('There are more.')
  })

  it('tells the model what to write instead', async () => {
    const tools = memoryTools(alice)
    const resultOf = async (name: string, input: unknown): Promise<string> =>
      (await tools.call(name, input)).text
    expect(await resultOf('recall', { query: 'x', user_id: 'u_bob' })).toBe(
      'Error: recall does not take "user_id". It works on the memory of the user of this conversation; no other user can be named. Call it with {"query": "…"} only.',
    )
    expect(await resultOf('list', { user: 'u_bob' })).toContain('Call it with {} only.')
    expect(await resultOf('remember', { text: '  ' })).toContain('remember takes {"text": "…"}')
    expect(await resultOf('remember', { text: 'x'.repeat(2001) })).toContain('at most 2000 characters')
    expect(await resultOf('recall', '{"query":')).toContain('are not valid JSON')
    expect(await resultOf('recal', {})).toContain('The tools are remember, recall, forget, list.')
    expect(await resultOf('forget', { id: randomUUID() })).toContain('No memory has this id.')
    // A long key is not repeated whole.
    expect((await resultOf('recall', { ['k'.repeat(10_000)]: 1 })).length).toBeLessThan(400)
  })
})

describe('an error', () => {
  const broken = (error: Error) =>
    new ScopedMemory('u_alice', {
      client: {
        ...createInMemoryClient(),
        search: () => Promise.reject(error),
      } as unknown as SelfHostedClient,
    })

  it('of the back end goes to onError; the model is told only that there was one', async () => {
    const error = new Error('connect ECONNREFUSED postgres://admin:hunter2@10.0.0.7')
    const onError = vi.fn()
    const result = await memoryTools(broken(error), { onError }).call('recall', { query: 'x' })
    expect(result).toEqual({
      text: 'Error: The memory cannot be reached at the moment. Continue without it, and say so where it matters.',
      isError: true,
    })
    expect(onError).toHaveBeenCalledExactlyOnceWith(error, 'recall')
  })

  it('about a record of another user reveals nothing of it', async () => {
    const foreign = { id: 'm1', memory: 'BOBS SECRET', user_id: 'u_bob' }
    const memory = new ScopedMemory('u_alice', {
      client: {
        ...createInMemoryClient(),
        search: () => Promise.resolve({ results: [foreign] }),
      } as unknown as SelfHostedClient,
    })
    const onError = vi.fn()
    const result = await memoryTools(memory, { onError }).call('recall', { query: 'x' })
    expect(result.isError).toBe(true)
    expect(result.text).not.toMatch(/BOB|u_bob/)
    expect(onError.mock.calls[0]![0]).toMatchObject({ name: 'ForeignRecordError' })
  })

  it('is the reason of the signal when the call is aborted', async () => {
    const reason = new Error('the user left')
    await expect(
      memoryTools(alice).call('recall', { query: 'x' }, { signal: AbortSignal.abort(reason) }),
    ).rejects.toBe(reason)
  })
})

describe('a model that was tricked into reaching for another user', () => {
  let hosted: Awaited<ReturnType<typeof openHosted>>
  let bobsId: string
  beforeAll(async () => {
    hosted = await openHosted()
  })
  beforeEach(() => {
    hosted.platform.reset()
    ;[bobsId] = hosted.platform.store.seed([
      { text: 'BOBS SECRET is 4711', userId: 'u_bob' },
      { text: 'likes tea', userId: 'u_alice' },
    ]) as [string]
    hosted.platform.clearRequests()
  })
  afterAll(() => hosted.close())

  /** Whether an attempt succeeded: it returned Bob's secret, or changed Bob's memories. */
  const reached = (text: string): boolean =>
    text.includes('4711') ||
    JSON.stringify(hosted.platform.store.ofUser('u_bob').map(({ text }) => text)) !==
      '["BOBS SECRET is 4711"]'

  it('reaches nobody, whatever it tries', async () => {
    const tools = memoryTools(createMemoryFactory({ client: hosted.client })('u_alice'))
    const attempts = attemptsToReach('u_bob', bobsId)
    expect(attempts.length).toBeGreaterThan(300)
    for (const { name, input } of attempts) {
      const { text } = await tools.call(name, input)
      expect(reached(text), `${name}(${JSON.stringify(input)}) returned ${text}`).toBe(false)
    }
    // Each request names Alice, or reads one memory, to check its owner before anything is done with it.
    for (const { method, path, query, body } of hosted.platform.requests) {
      if (/^\/v1\/memories\/[\w-]+\/$/.test(path)) {
        expect([method, query, body]).toEqual(['GET', {}, undefined])
        continue
      }
      const sent = JSON.stringify([
        path,
        query,
        { ...(body as object), query: undefined, messages: undefined },
      ])
      expect(sent).toContain('u_alice')
      expect(sent).not.toMatch(/u_bob|\*/)
    }
  })

  it('reaches Bob through the tools that everyone writes first', async () => {
    const naive = naiveTools(hosted.client, 'u_alice')
    const succeeded: string[] = []
    for (const { name, input } of attemptsToReach('u_bob', bobsId)) {
      hosted.platform.reset()
      hosted.platform.store.seed([{ id: bobsId, text: 'BOBS SECRET is 4711', userId: 'u_bob' }])
      const text = await naive(name, input).catch(String)
      if (reached(text)) succeeded.push(name)
    }
    expect(new Set(succeeded)).toEqual(new Set(ALL))
  })
})

/** Tools whose user is a default that the model's arguments override. */
function naiveTools(client: MemoryClient, userId: string) {
  return async (name: string, input: unknown): Promise<string> => {
    const args = (typeof input === 'string' ? JSON.parse(input) : input) as Record<string, string>
    const { query, id, text, ...rest } = args
    const filters = { user_id: userId, ...rest }
    const calls: Record<string, () => Promise<unknown>> = {
      remember: () => client.add([{ role: 'user', content: text! }], { userId, ...rest }),
      recall: () => client.search(query!, { filters }),
      list: () => client.getAll({ filters }),
      forget: () => client.delete(id!),
    }
    return JSON.stringify((await calls[name]?.()) ?? null)
  }
}
