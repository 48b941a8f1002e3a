import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import Anthropic from '@anthropic-ai/sdk'
import type { BindToolsInput } from '@langchain/core/language_models/chat_models'
import { tool, type StructuredToolInterface } from '@langchain/core/tools'
import { generateText, jsonSchema, stepCountIs } from 'ai'
import { MockLanguageModelV3 } from 'ai/test'
import OpenAI from 'openai'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, expectTypeOf, it } from 'vitest'
import { ScopedMemory } from '../../src/index.ts'
import { createInMemoryClient } from '../../src/testing/index.ts'
import { memoryTools } from '../../src/tools/index.ts'
import type { ToolCall } from './attempts-to-reach.ts'

// A model that remembers, then tries to read Bob's memories, then recalls as it should.
const SCRIPT: ToolCall[] = [
  { name: 'remember', input: { text: 'The user is vegetarian.' } },
  { name: 'recall', input: { query: 'secret', user_id: 'u_bob' } },
  { name: 'recall', input: { query: 'vegetarian' } },
]

const client = createInMemoryClient()
const alice = new ScopedMemory('u_alice', { client })
beforeEach(async () => void (await client.add('BOBS SECRET is 4711', { userId: 'u_bob' })))
afterEach(() => client.reset())

/** Checks the results of the script's calls, as the model was given them. */
function checkResults(results: string[]): void {
  expect(results).toHaveLength(SCRIPT.length)
  expect(results[0]).toBe('Remembered.')
  expect(results[1]).not.toContain('4711')
  expect(results[2]).toContain('"text":"The user is vegetarian."')
}

describe("the vendor's client, over HTTP to a scripted model", () => {
  let server: Server
  let url: string
  const requests: { path: string; body: Record<string, unknown> }[] = []
  /** The response of the model to a request, by the number of requests before it. */
  let respond: (turn: number, body: Record<string, unknown>) => unknown
  let turn = 0
  beforeAll(async () => {
    server = createServer((req, res) => {
      void (async () => {
        let text = ''
        for await (const chunk of req) text += String(chunk)
        const body = JSON.parse(text) as Record<string, unknown>
        requests.push({ path: req.url!, body })
        res.setHeader('content-type', 'application/json')
        res.end(JSON.stringify(respond(turn++, body)))
      })()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  beforeEach(() => {
    turn = 0
    requests.length = 0
  })
  afterAll(() => void server.close())

  it('OpenAI Chat Completions', async () => {
    respond = (turn) => ({
      id: 'c',
      object: 'chat.completion',
      choices: [
        {
          index: 0,
          finish_reason: 'tool_calls',
          message: {
            role: 'assistant',
            content: null,
            ...(SCRIPT[turn] && {
              tool_calls: [
                {
                  id: `call_${turn}`,
                  type: 'function',
                  function: { name: SCRIPT[turn].name, arguments: JSON.stringify(SCRIPT[turn].input) },
                },
              ],
            }),
          },
        },
      ],
    })
    const openai = new OpenAI({ apiKey: 'test', baseURL: url })
    const tools = memoryTools(alice)
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'Hello' }]
    const results: string[] = []
    for (;;) {
      const completion = await openai.chat.completions.create({ model: 'm', messages, tools: tools.openai() })
      const { message } = completion.choices[0]!
      messages.push(message)
      if (message.tool_calls === undefined) break
      for (const toolCall of message.tool_calls) {
        if (toolCall.type !== 'function') continue
        const { text } = await tools.call(toolCall.function.name, toolCall.function.arguments)
        messages.push({ role: 'tool', tool_call_id: toolCall.id, content: text })
        results.push(text)
      }
    }
    checkResults(results)
    expect(requests[0]!.body['tools']).toEqual(tools.openai())
  })

  it('OpenAI Responses', async () => {
    respond = (turn) => ({
      id: 'r',
      object: 'response',
      output: SCRIPT[turn]
        ? [
            {
              type: 'function_call',
              call_id: `call_${turn}`,
              name: SCRIPT[turn].name,
              arguments: JSON.stringify(SCRIPT[turn].input),
            },
          ]
        : [],
    })
    const openai = new OpenAI({ apiKey: 'test', baseURL: url })
    const tools = memoryTools(alice)
    const input: OpenAI.Responses.ResponseInput = [{ role: 'user', content: 'Hello' }]
    const results: string[] = []
    for (;;) {
      const { output } = await openai.responses.create({ model: 'm', input, tools: tools.openaiResponses() })
      if (output.length === 0) break
      for (const item of output) {
        if (item.type !== 'function_call') continue
        const { text } = await tools.call(item.name, item.arguments)
        input.push(item, { type: 'function_call_output', call_id: item.call_id, output: text })
        results.push(text)
      }
    }
    checkResults(results)
    expect(requests[0]!.body['tools']).toEqual(tools.openaiResponses())
  })

  it('Anthropic Messages', async () => {
    respond = (turn) => ({
      id: 'm',
      type: 'message',
      role: 'assistant',
      content: SCRIPT[turn] ? [{ type: 'tool_use', id: `toolu_${turn}`, ...SCRIPT[turn] }] : [],
      stop_reason: SCRIPT[turn] ? 'tool_use' : 'end_turn',
    })
    const anthropic = new Anthropic({ apiKey: 'test', baseURL: url })
    const tools = memoryTools(alice)
    const messages: Anthropic.MessageParam[] = [{ role: 'user', content: 'Hello' }]
    const results: string[] = []
    for (;;) {
      const { content } = await anthropic.messages.create({
        model: 'm',
        max_tokens: 100,
        messages,
        tools: tools.anthropic(),
      })
      if (content.length === 0) break
      messages.push({ role: 'assistant', content })
      for (const block of content) {
        if (block.type !== 'tool_use') continue
        const { text, isError } = await tools.call(block.name, block.input)
        messages.push({
          role: 'user',
          content: [{ type: 'tool_result', tool_use_id: block.id, content: text, is_error: isError }],
        })
        results.push(text)
      }
    }
    checkResults(results)
    expect(requests[0]!.body['tools']).toEqual(tools.anthropic())
  })
})

it('the Vercel AI SDK runs the tools itself', async () => {
  let turn = 0
  const model = new MockLanguageModelV3({
    doGenerate: () => {
      const call = SCRIPT[turn++]
      return Promise.resolve({
        content:
          call === undefined
            ? [{ type: 'text' as const, text: 'done' }]
            : [
                {
                  type: 'tool-call' as const,
                  toolCallId: `call_${turn}`,
                  toolName: call.name,
                  input: JSON.stringify(call.input),
                },
              ],
        finishReason: {
          unified: call === undefined ? ('stop' as const) : ('tool-calls' as const),
          raw: undefined,
        },
        usage: {
          inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
          outputTokens: { total: 1, text: 1, reasoning: 0 },
        },
        warnings: [],
      })
    },
  })
  const { steps } = await generateText({
    model,
    prompt: 'Hello',
    tools: memoryTools(alice).aiSdk(jsonSchema),
    stopWhen: stepCountIs(10),
  })
  checkResults(steps.flatMap(({ toolResults }) => toolResults.map(({ output }) => output as string)))
  const tools = model.doGenerateCalls[0]!.tools as { name: string; inputSchema: object }[]
  expect(tools.map(({ name, inputSchema }) => [name, inputSchema])).toEqual(
    memoryTools(alice)
      .definitions()
      .map(({ name, inputSchema }) => [name, inputSchema]),
  )
})

it('LangChain runs the tools itself', async () => {
  const tools = memoryTools(alice).langchain<StructuredToolInterface>(tool)
  expectTypeOf(memoryTools(alice).langchain(tool)).toExtend<BindToolsInput[]>()
  const results: string[] = []
  for (const { name, input } of SCRIPT) {
    const named = tools.find((tool) => tool.name === name)!
    const run = named.invoke({
      type: 'tool_call',
      id: 'call_1',
      name,
      args: input as Record<string, unknown>,
    })
    // LangChain checks arguments against the schema and refuses the call that names Bob itself.
    results.push(await run.then((message: { content: unknown }) => message.content as string, String))
  }
  checkResults(results)
})
