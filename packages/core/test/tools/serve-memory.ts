// An MCP server for the user in MEMORY_USER_ID, as an application would write it.
import { ScopedMemory } from '@scoped-memory/core'
import { startMcpServer } from '@scoped-memory/core/tools'

const server = await startMcpServer(new ScopedMemory(process.env['MEMORY_USER_ID']!))
console.log('a line outside the protocol')
console.info('[INFO] another one')
await server.closed
console.error('closed')
