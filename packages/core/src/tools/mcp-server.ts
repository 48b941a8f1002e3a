import { createRequire } from 'node:module'
import { ScopedMemoryError } from '../errors.ts'
import type { ScopedMemory } from '../scoped-memory.ts'
import { memoryTools, type MemoryToolsOptions } from './memory-tools.ts'

/** A running server. */
export interface McpServer {
  /** Resolves when the client has disconnected or `close` was called. */
  readonly closed: Promise<void>
  close(): Promise<void>
}

/**
 * Serves the memory of one user to an MCP client (an editor, a desktop assistant) over standard input and output. The
 * process serves that user only: start one process a user.
 *
 * ```ts
 * await startMcpServer(new ScopedMemory(process.env.MEMORY_USER_ID!))
 * ```
 *
 * From then on standard output belongs to the protocol: `console.log`, `info` and `debug` write to standard error.
 *
 * @throws InvalidArgumentError as memoryTools does; ScopedMemoryError `MISSING_PACKAGE` when
 *   `@modelcontextprotocol/sdk` is not installed
 */
export async function startMcpServer(memory: ScopedMemory, options?: MemoryToolsOptions): Promise<McpServer> {
  const tools = memoryTools(memory, options)
  const { Server, StdioServerTransport, CallToolRequestSchema, ListToolsRequestSchema } = await loadSdk()
  const { version } = createRequire(import.meta.url)('../../package.json') as { version: string }
  const server = new Server({ name: 'scoped-memory', version }, { capabilities: { tools: {} } })
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: tools.definitions().map(({ name, description, inputSchema, readOnly }) => ({
      name,
      description,
      inputSchema,
      annotations: { readOnlyHint: readOnly, destructiveHint: name === 'forget', openWorldHint: false },
    })),
  }))
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, { signal }) => {
    const { text, isError } = await tools.call(params.name, params.arguments, { signal })
    return { content: [{ type: 'text', text }], isError }
  })
  const closed = new Promise<void>((resolve) => (server.onclose = resolve))
  // Any other line on standard output would break the protocol, and mem0 prints some.
  for (const method of ['log', 'info', 'debug'] as const) console[method] = console.error.bind(console)
  const transport = new StdioServerTransport()
  process.stdin.once('end', () => void server.close())
  await server.connect(transport)
  return { closed, close: () => server.close() }
}

async function loadSdk() {
  try {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- McpServer takes only Zod schemas
    const [{ Server }, { StdioServerTransport }, { CallToolRequestSchema, ListToolsRequestSchema }] =
      await Promise.all([
        import('@modelcontextprotocol/sdk/server/index.js'),
        import('@modelcontextprotocol/sdk/server/stdio.js'),
        import('@modelcontextprotocol/sdk/types.js'),
      ])
    return { Server, StdioServerTransport, CallToolRequestSchema, ListToolsRequestSchema }
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw cause
    throw new ScopedMemoryError(
      'The package @modelcontextprotocol/sdk is not installed. Run: npm install @modelcontextprotocol/sdk@1',
      { code: 'MISSING_PACKAGE', cause },
    )
  }
}
