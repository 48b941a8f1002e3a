import { expressServers } from './express.ts'
import type { Framework } from './server.ts'

export const frameworks: readonly Framework[] = [...expressServers]
