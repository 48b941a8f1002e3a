import type { MessageParam } from '@anthropic-ai/sdk/resources/messages'
import { convertToModelMessages, type ModelMessage, type UIMessage } from 'ai'
import type { ChatCompletionMessageParam } from 'openai/resources/chat/completions'
import type { ResponseInputItem } from 'openai/resources/responses/responses'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  InvalidArgumentError,
  ScopeEscapeError,
  type MemoryMessage,
  type ScopedMemory,
} from '../../src/index.ts'
import { readMessages } from '../../src/input/messages.ts'
import { openHosted } from '../support/backends.ts'
import { onEveryBackend } from '../support/every-backend.ts'

const ENGINES = ['hosted', 'self-hosted'] as const
const said = (role: string, content: string) => ({ role, content })

const openai: ChatCompletionMessageParam[] = [
  { role: 'developer', content: 'Be brief.' },
  { role: 'user', content: [{ type: 'text', text: 'What is the weather in Bonn?' }] },
  {
    role: 'assistant',
    content: null,
    tool_calls: [{ id: 'c1', type: 'function', function: { name: 'weather', arguments: '{"city":"Bonn"}' } }],
  },
  { role: 'assistant', tool_calls: [] },
  { role: 'tool', tool_call_id: 'c1', content: 'Rain' },
  { role: 'function', name: 'weather', content: 'Rain again' },
  { role: 'assistant', content: [{ type: 'refusal', refusal: 'No' }] },
  { role: 'user', content: [{ type: 'input_audio', input_audio: { data: 'AA==', format: 'wav' } }] },
  { role: 'assistant', content: 'It rains.' },
]

const responses: ResponseInputItem[] = [
  { role: 'user', content: [{ type: 'input_text', text: 'What is the weather?' }], type: 'message' },
  { type: 'reasoning', id: 'r1', summary: [{ type: 'summary_text', text: 'The user asks …' }] },
  { type: 'function_call', call_id: 'c1', name: 'weather', arguments: '{}' },
  { type: 'function_call_output', call_id: 'c1', output: 'Rain' },
  {
    type: 'message',
    role: 'assistant',
    id: 'm1',
    status: 'completed',
    content: [{ type: 'output_text', text: 'It rains.', annotations: [] }],
  },
]

const anthropic: MessageParam[] = [
  {
    role: 'user',
    content: [
      { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
      { type: 'text', text: 'What is the weather?', cache_control: { type: 'ephemeral' } },
    ],
  },
  {
    role: 'assistant',
    content: [
      { type: 'thinking', thinking: 'Hm', signature: 's' },
      { type: 'tool_use', id: 't1', name: 'weather', input: {} },
    ],
  },
  { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: 'Rain' }] },
  { role: 'assistant', content: [{ type: 'text', text: 'It rains.' }] },
]

const ui: UIMessage[] = [
  {
    id: '1',
    role: 'user',
    parts: [{ type: 'text', text: 'What is the weather?' }],
    metadata: { userId: 'u_x' },
  },
  {
    id: '2',
    role: 'assistant',
    parts: [
      { type: 'step-start' },
      { type: 'reasoning', text: 'Hm', state: 'done' },
      {
        type: 'dynamic-tool',
        toolName: 'weather',
        toolCallId: 't1',
        state: 'output-available',
        input: { at: new URL('https://example.com') },
        output: new Map(),
      },
      { type: 'text', text: 'It rains.', state: 'done' },
    ],
  },
]

const model: ModelMessage[] = [
  {
    role: 'user',
    content: [
      { type: 'text', text: 'What is the weather?' },
      { type: 'image', image: new Uint8Array([1, 2]) },
      { type: 'file', data: new URL('https://example.com/a.pdf'), mediaType: 'application/pdf' },
    ],
  },
  { role: 'assistant', content: [{ type: 'tool-call', toolCallId: 't1', toolName: 'weather', input: {} }] },
  {
    role: 'tool',
    content: [
      { type: 'tool-result', toolCallId: 't1', toolName: 'weather', output: { type: 'text', value: 'Rain' } },
    ],
  },
  { role: 'assistant', content: 'It rains.' },
]

/** Gemini and Bedrock name no type where a part is text. */
const untyped = [
  { role: 'user', parts: [{ text: 'What is the weather?' }] },
  { role: 'assistant', content: [{ text: 'It rains.' }] },
]

const QUESTION_AND_ANSWER = [said('user', 'What is the weather?'), said('assistant', 'It rains.')]

describe('messages as an SDK hands them out', () => {
  it('OpenAI, Chat Completions', () => {
    expect(readMessages(openai, 'self-hosted')).toEqual([
      said('developer', 'Be brief.'),
      said('user', 'What is the weather in Bonn?'),
      said('tool', 'Rain'),
      said('function', 'Rain again'),
      said('assistant', 'It rains.'),
    ])
    expect(readMessages(openai, 'hosted')).toHaveLength(5)
  })

  it.each<[string, readonly MemoryMessage[]]>([
    ['OpenAI, Responses', responses],
    ['Anthropic', anthropic],
    ['the AI SDK, UI messages', ui],
    ['the AI SDK, model messages', model],
    ['Gemini and Bedrock', untyped],
    [
      'the AI SDK 4, with text in two places',
      [
        { ...said('user', 'What is the weather?'), parts: [{ type: 'text', text: 'x' }] },
        { role: 'assistant', content: '', parts: [{ type: 'text', text: 'It rains.' }] },
      ],
    ],
  ])('%s', (_, messages) => {
    expect(readMessages(messages, 'self-hosted')).toEqual(QUESTION_AND_ANSWER)
    const hosted = readMessages(messages, 'hosted').map(({ role, content }) => ({
      role,
      content:
        typeof content === 'string'
          ? content
          : (content as { text: string }[]).map(({ text }) => text).join(),
    }))
    expect(hosted).toEqual(QUESTION_AND_ANSWER)
  })

  it('of the AI SDK, as it converts them itself', async () => {
    expect(readMessages(await convertToModelMessages(ui.slice(0, 1)), 'self-hosted')).toEqual(
      QUESTION_AND_ANSWER.slice(0, 1),
    )
  })

  onEveryBackend(({ memoryFor }) => {
    it.each<[string, readonly MemoryMessage[]]>([
      ['OpenAI', openai],
      ['Responses', responses],
      ['Anthropic', anthropic],
      ['UI', ui],
      ['model', model],
    ])('are stored: %s', async (name, messages) => {
      const memory = memoryFor(`u_${name}`)
      await memory.add(messages, { infer: false })
      const texts = (await memory.getAll()).results.map((record) => record.memory)
      expect(texts).toContain('It rains.')
      expect(texts.join()).not.toMatch(/Hm|tool_use|\{/)
    })
  })
})

describe('messages', () => {
  it('may be a text or a conversation, of which role and content are sent', () => {
    expect(readMessages('hi', 'hosted')).toEqual([said('user', 'hi')])
    const image = [{ role: 'user', content: { type: 'image_url', image_url: { url: 'https://a/b.png' } } }]
    for (const engine of ENGINES) expect(readMessages(image, engine)).toEqual(image)
    expect(
      readMessages([{ role: 'assistant', content: [{ type: 'text', text: 'x' }], refusal: null }], 'hosted'),
    ).toEqual([{ role: 'assistant', content: [{ type: 'text', text: 'x' }] }])
  })

  it('may have gaps, as a list that is put together by conditions has', () => {
    expect(readMessages([undefined, said('user', 'hi'), null], 'hosted')).toEqual([said('user', 'hi')])
  })

  it.each([
    '',
    '  ',
    [],
    {},
    null,
    undefined,
    7,
    [{}],
    ['hi'],
    [{ role: 'user' }],
    [{ role: 'user', content: 7 }],
    [{ content: 'x' }],
    [{ role: 1, content: 'x' }],
    [{ type: 'message', content: 'x' }],
    [{ role: 'user', content: [{ type: 'text', text: 7 }] }],
    [{ role: 'user', content: [{ anything: 'else' }] }],
    [{ role: 'user', content: true }],
    [{ type: 'human', content: 'I like tea' }],
    [{ type: 'human', data: { content: 'I like tea' } }],
    [{ type: 'text', text: 'I like tea' }],
    [new (class Message {})()],
    new (class Messages extends Map {})(),
  ])('are not %j', (value) => {
    for (const engine of ENGINES) expect(() => readMessages(value, engine)).toThrow(InvalidArgumentError)
  })

  it.each([
    [[{ role: 'user', content: '  ' }]],
    [[{ role: 'assistant', content: null, tool_calls: [] }]],
    [[{ role: 'user', content: [{ type: 'image', image: 'x' }] }]],
    [[{ role: 'user', parts: [{ type: 'step-start' }] }]],
    [[{ type: 'reasoning', summary: [] }]],
    [[undefined]],
  ])('without any text are a clear error: %j', (value) => {
    for (const engine of ENGINES) {
      expect(() => readMessages(value, engine)).toThrow(
        /holds no text, so there is nothing to remember.*role/,
      )
    }
  })

  it.each(['a\0b', '🦊'.slice(0, 1), 'x🦊'.slice(0, 2)])('hold text that databases take, not %j', (text) => {
    for (const content of [text, [{ type: 'text', text }]]) {
      expect(() => readMessages([{ role: 'user', content }], 'hosted')).toThrow(
        /^add\(\) messages holds .*: text\./,
      )
    }
  })

  it.each(['user_id', 'userId', 'agentId', 'run_id', 'app_id', 'actor_id', 'org_id'])(
    'cannot say whose they are: %s',
    (key) => {
      for (const engine of ENGINES) {
        expect(() => readMessages([{ role: 'user', content: 'x', [key]: 'u_bob' }], engine)).toThrow(
          ScopeEscapeError,
        )
      }
    },
  )

  it('have no participants on the hosted API, which files each under the own name', () => {
    const named = [{ role: 'user', name: 'bob', content: 'x' }]
    expect(() => readMessages(named, 'hosted')).toThrow(/outside this user/)
    expect(readMessages(named, 'self-hosted')).toEqual([said('user', 'x')])
    const unset = [{ role: 'user', name: null, userId: undefined, content: 'x' }]
    expect(readMessages(unset, 'hosted')).toEqual([said('user', 'x')])
  })

  it('may be a list of parts, of which a self-hosted back end gets one by one what it can store', () => {
    const image = { type: 'image_url', image_url: { url: 'https://a/b.png' } }
    const content = [{ type: 'text', text: 'Look' }, image, { type: 'audio' }]
    expect(readMessages([{ role: 'user', content }], 'self-hosted')).toEqual([
      said('user', 'Look'),
      { role: 'user', content: image },
    ])
    expect(readMessages([{ role: 'user', content }], 'hosted')).toEqual([
      { role: 'user', content: content.slice(0, 2) },
    ])
  })

  it('are no more than plain data may hold, all parts together', () => {
    const parts = Array.from({ length: 60_000 }, () => ({ type: 'image' }))
    expect(() => readMessages([{ role: 'user', content: parts }], 'hosted')).toThrow(/holds no text/)
    for (const engine of ENGINES) {
      const twice = [
        { role: 'user', content: parts },
        { role: 'user', content: parts },
      ]
      expect(() => readMessages(twice, engine)).toThrow(/more than 100000 values/)
    }
  })

  it('fall back to their parts where the content says nothing', () => {
    for (const content of ['', ' ', [], null, undefined, [{ type: 'image' }]]) {
      const message = { role: 'user', content, parts: [{ type: 'text', text: 'hi' }] }
      expect(readMessages([message], 'self-hosted')).toEqual([said('user', 'hi')])
    }
  })

  it('are read once, so that what is checked is what is sent', () => {
    let reads = 0
    const part = {
      get type() {
        return ++reads % 2 === 1 ? 'image_url' : 'text'
      },
      image_url: { url: 'https://a/b.png' },
    }
    let asked = 0
    const message = {
      role: 'user',
      get content() {
        return ++asked === 1 ? [part] : 'something else'
      },
    }
    expect(readMessages([message], 'hosted')).toEqual([
      { role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://a/b.png' } }] },
    ])
    expect(asked).toBe(1)
  })
})

describe('text that a database does not take', () => {
  let hosted: Awaited<ReturnType<typeof openHosted>>
  beforeAll(async () => void (hosted = await openHosted()))
  afterAll(() => hosted.close())

  onEveryBackend(({ memoryFor }) => {
    it.each(['a\0b', '🦊'.slice(0, 1)])(
      'is refused wherever it is written or asked for: %j',
      async (text) => {
        const memory = memoryFor('u_texts')
        await memory.add('hello', { infer: false })
        const { id } = (await memory.getAll()).results[0]!
        const calls: ((memory: ScopedMemory) => Promise<unknown>)[] = [
          (mine) => mine.add(text, { infer: false }),
          (mine) => mine.add('x', { infer: false, metadata: { a: [text] } }),
          (mine) => mine.add('x', { infer: false, metadata: { [text]: 1 } }),
          (mine) => mine.search(text),
          (mine) => mine.search('x', { filters: { category: text } }),
          (mine) => mine.update(id, text),
          (mine) => mine.batchUpdate([{ memoryId: id, text }]),
        ]
        for (const call of calls) {
          await expect(call(memory)).rejects.toThrow(InvalidArgumentError)
          await expect(call(memory)).rejects.toThrow(/Remove it|Repair it/)
        }
        expect((await memory.get(id)).memory).toBe('hello')
        await memory.erase()
      },
    )

    it('is taken whole: emoji, controls and metadata of any name', async () => {
      const memory = memoryFor('u_texts')
      const metadata = { constructor: 'ACME', prototype: { built: 2026 }, toJSON: 'no', hasOwnProperty: true }
      await memory.add('🦊 tab\tnewline\n \u0007', { infer: false, metadata })
      expect((await memory.getAll()).results).toMatchObject([
        { memory: '🦊 tab\tnewline\n \u0007', metadata },
      ])
      await memory.erase()
    })
  })
})
