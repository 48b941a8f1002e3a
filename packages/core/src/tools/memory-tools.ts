import { InvalidArgumentError, MemoryNotFoundError } from '../errors.ts'
import { ScopedMemory } from '../scoped-memory.ts'
import type { MemoryRecord } from '../types.ts'
import { readArgument } from './read-argument.ts'
import {
  definitionOf,
  TOOL_NAMES,
  type MemoryToolDefinition,
  type MemoryToolName,
  type ToolInputSchema,
} from './definitions.ts'
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
import { quotation } from './quote-for-model.ts'

const MAX_RECALLED = 10
const MAX_LISTED = 50

/** Options of {@link memoryTools}. */
export interface MemoryToolsOptions {
  /** Gives these tools and no other, for example `['recall', 'list']` where a model shall not write. Default: all. */
  readonly only?: readonly MemoryToolName[] | undefined
  /**
   * Receives what went wrong in the back end. The model is told only that the memory cannot be reached: an error may
   * hold addresses and other things that are not for it.
   */
  readonly onError?: ((error: unknown, tool: MemoryToolName) => void) | undefined
}

/** What a tool answers the model. */
export interface ToolResult {
  readonly text: string
  /** Whether the call was refused or failed; the text says why. */
  readonly isError: boolean
}

/** The memory of one user as tools for a model, in the format of each vendor. */
export interface MemoryTools {
  /** The tools in nobody's format. */
  definitions(): MemoryToolDefinition[]
  /**
   * Runs a call of the model and resolves to the answer for it, also when the call is refused or fails.
   *
   * @param name the name that the model called
   * @param input what it wrote as arguments: an object, or JSON text
   * @param options `signal` gives the call up; it rejects with the signal's reason then, and for nothing else
   */
  call(
    name: string,
    input: unknown,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<ToolResult>
  /** For OpenAI's Chat Completions, in strict mode. */
  openai(): OpenAIChatTool[]
  /** For OpenAI's Responses, in strict mode. */
  openaiResponses(): OpenAIResponsesTool[]
  /** For Anthropic's Messages. */
  anthropic(): AnthropicTool[]
  /** For the Vercel AI SDK, which runs them itself. @param jsonSchema the function of that name of the package `ai` */
  aiSdk<Schema>(jsonSchema: (schema: ToolInputSchema) => Schema): Record<string, AiSdkTool<Schema>>
  /** For LangChain, which runs them itself. @param tool the function of that name of `@langchain/core/tools` */
  langchain<Tool>(
    tool: (
      run: (input: unknown, config?: { signal?: AbortSignal }) => Promise<string>,
      fields: LangChainFields,
    ) => Tool,
  ): Tool[]
}

/**
 * The memory of one user as tools for a model: `remember`, `recall`, `forget` and `list`. Each takes one text or nothing,
 * so there is no place to name a user in, and a call that tries is refused with an error that the model can read. What
 * is recalled is handed over as a quotation.
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
 * @throws InvalidArgumentError when it is no ScopedMemory, or for an option that is wrong
 */
export function memoryTools(memory: ScopedMemory, options: MemoryToolsOptions = {}): MemoryTools {
  if (!(memory instanceof ScopedMemory)) {
    throw new InvalidArgumentError(
      'memoryTools() takes the ScopedMemory of the user who talks to the model, for example req.memory. A client of mem0 would give the model every user.',
    )
  }
  const { only = TOOL_NAMES, onError } = options
  const names = TOOL_NAMES.filter((name) => only.includes(name))
  if (names.length === 0 || names.length < only.length) {
    throw new InvalidArgumentError(
      `memoryTools(): only must be a list of ${TOOL_NAMES.join(', ')}, each once.`,
    )
  }

  const call: MemoryTools['call'] = async (name, input, { signal } = {}) => {
    const tool = names.find((known) => known === name)
    if (tool === undefined) return refused(`There is no tool of this name. There is ${names.join(', ')}.`)
    try {
      return { text: await run(tool, memory, readArgument(tool, input), signal), isError: false }
    } catch (error) {
      signal?.throwIfAborted()
      if (error instanceof MemoryNotFoundError)
        return refused('No memory has this id. Take ids from recall or list.')
      if (error instanceof InvalidArgumentError) return refused(error.message)
      onError?.(error, tool)
      return refused(
        'The memory cannot be reached at the moment. Go on without it, and say so where it matters.',
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
      return quotation(results, false)
    }
    case 'forget':
      await memory.delete(argument, { signal })
      return 'Forgotten.'
    case 'list': {
      const records: MemoryRecord[] = []
      for await (const record of memory.list({ signal })) {
        if (records.length === MAX_LISTED) return quotation(records, true)
        records.push(record)
      }
      return quotation(records, false)
    }
  }
}

function refused(text: string): ToolResult {
  return { text: `Error: ${text}`, isError: true }
}
