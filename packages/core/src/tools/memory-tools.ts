import { InvalidArgumentError, MemoryNotFoundError } from '../errors.ts'
import { ScopedMemory } from '../scoped-memory.ts'
import type { MemoryRecord } from '../types.ts'
import {
  definitionOf,
  TOOL_NAMES,
  type MemoryToolDefinition,
  type MemoryToolName,
  type ToolInputSchema,
} from './definitions.ts'
import { quoteForModel } from './quote-for-model.ts'
import { readArgument } from './read-argument.ts'
import {
  anthropicTool,
  openaiChatTool,
  openaiResponsesTool,
  type AiSdkTool,
  type AnthropicTool,
  type LangChainFields,
  type OpenAIChatTool,
  type OpenAIResponsesTool,
} from './vendor-formats.ts'

const MAX_RECALLED = 10
const MAX_LISTED = 50

/** Options of {@link memoryTools}. */
export interface MemoryToolsOptions {
  /** Provides only these tools, for example `['recall', 'list']` for a model that must not write. Default: all. */
  readonly only?: readonly MemoryToolName[] | undefined
  /**
   * Receives an error of the back end. The model is told only that the memory cannot be reached, since an error may hold
   * addresses and other details that it must not see.
   */
  readonly onError?: ((error: unknown, tool: MemoryToolName) => void) | undefined
}

/** The result of a tool call, for the model. */
export interface ToolResult {
  readonly text: string
  /** Whether the call was refused or failed; the text says why. */
  readonly isError: boolean
}

/** The memory of one user as tools for a model, in each vendor's format. */
export interface MemoryTools {
  /** The tools, independent of any vendor's format. */
  definitions(): MemoryToolDefinition[]
  /**
   * Runs a tool call and resolves to the result for the model, also when the call is refused or fails.
   *
   * @param name the name of the tool, as the model wrote it
   * @param input the arguments, as the model wrote them: an object, or JSON text
   * @param options `signal` aborts the call, which then rejects with the signal's reason; it rejects for nothing else
   */
  call(
    name: string,
    input: unknown,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<ToolResult>
  /** For OpenAI's Chat Completions, in strict mode. */
  openai(): OpenAIChatTool[]
  /** For OpenAI's Responses API, in strict mode. */
  openaiResponses(): OpenAIResponsesTool[]
  /** For Anthropic's Messages API. */
  anthropic(): AnthropicTool[]
  /** For the Vercel AI SDK, which runs the tools itself. @param jsonSchema `jsonSchema` of the package `ai` */
  aiSdk<Schema>(jsonSchema: (schema: ToolInputSchema) => Schema): Record<string, AiSdkTool<Schema>>
  /** For LangChain, which runs the tools itself. @param tool `tool` of `@langchain/core/tools` */
  langchain<Tool>(
    tool: (
      run: (input: unknown, config?: { signal?: AbortSignal }) => Promise<string>,
      fields: LangChainFields,
    ) => Tool,
  ): Tool[]
}

/**
 * Provides the memory of one user as tools for a model: `remember`, `recall`, `forget` and `list`. Each takes one text or
 * nothing, so a call has nowhere to name a user, and one that tries is refused with an error that the model can read.
 * Recalled memories are quoted, as data.
 *
 * ```ts
 * const tools = memoryTools(req.memory)
 * const answer = await anthropic.messages.create({ tools: tools.anthropic(), … })
 * for (const block of answer.content) {
 *   if (block.type === 'tool_use') console.log(await tools.call(block.name, block.input))
 * }
 * ```
 *
 * @param memory the handle of the user who is talking to the model
 * @throws InvalidArgumentError when `memory` is not a ScopedMemory, or when an option is invalid
 */
export function memoryTools(memory: ScopedMemory, options: MemoryToolsOptions = {}): MemoryTools {
  if (!(memory instanceof ScopedMemory)) {
    throw new InvalidArgumentError(
      'memoryTools() takes the ScopedMemory of the user who is talking to the model, for example req.memory. A mem0 client would give the model access to every user.',
    )
  }
  const { only = TOOL_NAMES, onError } = options
  const names = TOOL_NAMES.filter((name) => only.includes(name))
  if (names.length === 0 || names.length < only.length) {
    throw new InvalidArgumentError(
      `memoryTools(): only must list one or more of ${TOOL_NAMES.join(', ')}, each at most once.`,
    )
  }

  const call: MemoryTools['call'] = async (name, input, { signal } = {}) => {
    const tool = names.find((known) => known === name)
    if (tool === undefined)
      return refused(`There is no tool with this name. The tools are ${names.join(', ')}.`)
    try {
      return { text: await run(tool, memory, readArgument(tool, input), signal), isError: false }
    } catch (error) {
      signal?.throwIfAborted()
      if (error instanceof MemoryNotFoundError)
        return refused('No memory has this id. Use an id that recall or list returned.')
      if (error instanceof InvalidArgumentError) return refused(error.message)
      onError?.(error, tool)
      return refused(
        'The memory cannot be reached at the moment. Continue without it, and say so where it matters.',
      )
    }
  }
  const execute = async (
    name: MemoryToolName,
    input: unknown,
    signal: AbortSignal | undefined,
  ): Promise<string> => (await call(name, input, { signal })).text
  const definitions = (): MemoryToolDefinition[] => names.map(definitionOf)

  return {
    definitions,
    call,
    openai: () => definitions().map(openaiChatTool),
    openaiResponses: () => definitions().map(openaiResponsesTool),
    anthropic: () => definitions().map(anthropicTool),
    aiSdk: (jsonSchema) =>
      Object.fromEntries(
        definitions().map(({ name, description, inputSchema }) => [
          name,
          {
            description,
            inputSchema: jsonSchema(inputSchema),
            execute: (input, options) => execute(name, input, options?.abortSignal),
          },
        ]),
      ),
    langchain: (tool) =>
      definitions().map(({ name, description, inputSchema }) =>
        tool((input, config) => execute(name, input, config?.signal), {
          name,
          description,
          schema: inputSchema,
        }),
      ),
  }
}

async function run(
  tool: MemoryToolName,
  memory: ScopedMemory,
  argument: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  switch (tool) {
    case 'remember':
      await memory.add(argument, { infer: false, signal })
      return 'Remembered.'
    case 'recall': {
      const { results } = await memory.search(argument, { topK: MAX_RECALLED, signal })
      return quoteForModel(results, false)
    }
    case 'forget':
      await memory.delete(argument, { signal })
      return 'Forgotten.'
    case 'list': {
      const records: MemoryRecord[] = []
      for await (const record of memory.list({ signal })) {
        if (records.length === MAX_LISTED) return quoteForModel(records, true)
        records.push(record)
      }
      return quoteForModel(records, false)
    }
  }
}

function refused(text: string): ToolResult {
  return { text: `Error: ${text}`, isError: true }
}
