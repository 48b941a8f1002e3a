import { connectServer } from './connect.ts'
import { expressServers } from './express.ts'
import { fastifyServer } from './fastify.ts'
import { honoServer } from './hono.ts'
import { koaServers } from './koa.ts'
import { nodeServer } from './node.ts'
import type { Framework } from '../support/server.ts'
import { webServer } from './web.ts'

export const frameworks: readonly Framework[] = [
  ...expressServers,
  connectServer,
  ...koaServers,
  fastifyServer,
  honoServer,
  webServer,
  nodeServer,
]
