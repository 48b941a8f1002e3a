// The server of the soak, in its own process. SOAK_MISTAKE names one of mistakes.ts.
import type { AddressInfo } from 'node:net'
import { MemoryClient } from 'mem0ai'
import { createApp } from './app.ts'
import { MISTAKES } from './mistakes.ts'

const client = new MemoryClient({ apiKey: 'm0-soak', host: process.env['MEM0_HOST']! })
const mistake = process.env['SOAK_MISTAKE']
const app = createApp({ client, timeoutMs: 1000 }, mistake === undefined ? undefined : MISTAKES[mistake]!)
const server = app.listen(0, '127.0.0.1', () => {
  process.send!(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
process.once('disconnect', () => process.exit())
