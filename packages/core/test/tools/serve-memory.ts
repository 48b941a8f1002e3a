// An MCP server for the user in MEMORY_USER_ID, as an application would write it.
import { ScopedMemory } from '@scoped-memory/core'
import { startMcpServer } from '@scoped-memory/core/tools'

const server = await startMcpServer(new ScopedMemory(process.env['MEMORY_USER_ID']!))
console.log('a line that is not of the protocol')
console.info('[INFO] nor this one')
await server.closed
console.error('closed')
