import type { MemoryToolDefinition, ToolInputSchema } from './definitions.ts'

/** A tool for OpenAI's Chat Completions and the many APIs compatible with it. */
export interface OpenAIChatTool {
  type: 'function'
  function: { name: string; description: string; parameters: ToolInputSchema; strict: true }
}

/** A tool for OpenAI's Responses API. */
export interface OpenAIResponsesTool {
  type: 'function'
  name: string
  description: string
  parameters: ToolInputSchema
  strict: true
}

/** A tool for Anthropic's Messages API. */
export interface AnthropicTool {
  name: string
  description: string
  input_schema: ToolInputSchema
}

/** A tool for the Vercel AI SDK. */
export interface AiSdkTool<Schema> {
  description: string
  inputSchema: Schema
  execute: (input: unknown, options?: { abortSignal?: AbortSignal | undefined }) => Promise<string>
}

/** The fields that LangChain's `tool` function takes. */
export interface LangChainFields {
  name: string
  description: string
  schema: ToolInputSchema
}

export function openaiChatTool({ name, description, inputSchema }: MemoryToolDefinition): OpenAIChatTool {
  return { type: 'function', function: { name, description, parameters: inputSchema, strict: true } }
}

export function openaiResponsesTool({
  name,
  description,
  inputSchema,
}: MemoryToolDefinition): OpenAIResponsesTool {
  return { type: 'function', name, description, parameters: inputSchema, strict: true }
}

export function anthropicTool({ name, description, inputSchema }: MemoryToolDefinition): AnthropicTool {
  return { name, description, input_schema: inputSchema }
}
