export { memoryTools, type MemoryTools, type MemoryToolsOptions, type ToolResult } from './memory-tools.ts'
export { startMcpServer, type McpServer } from './mcp-server.ts'
export type { MemoryToolDefinition, MemoryToolName, ToolInputSchema } from './definitions.ts'
export type {
  AiSdkTool,
  AnthropicTool,
  LangChainFields,
  OpenAIChatTool,
  OpenAIResponsesTool,
} from './vendor-formats.ts'
