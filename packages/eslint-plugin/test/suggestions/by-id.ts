// Calls by id, and what the suggestion makes of each. `typed` cases hold types enough to be compiled before and after.
export interface ByIdCase {
  readonly name: string
  /** The reported range stands between « and ». */
  readonly code: string
  readonly method: string
  /** What is suggested to call it on. */
  readonly handle: string
  readonly output: string
  readonly typed?: true
}

const mem0 = `import { MemoryClient } from 'mem0ai'\n`
const core = `import { ScopedMemory } from '@scoped-memory/core'\n`
const made = `const client = new MemoryClient({ apiKey: 'm0-k' })\n`
const anew = 'new ScopedMemory(userId, { client })'

interface Short {
  readonly before?: string
  readonly after?: string
  readonly handle?: string
  readonly typed?: true
}

/** A case of which only the code after the client is of interest; `«client.get»(id)` becomes a call on the handle. */
function hosted(
  name: string,
  code: string,
  { before = mem0 + made, after = mem0 + core + made, handle = anew, typed }: Short = {},
): ByIdCase {
  const [, called = '', method = ''] = /«(.*?)\??\.(\w+)»/s.exec(code) ?? []
  return {
    name,
    code: before + code,
    method,
    handle,
    output: after + code.replace(/«.*»/s, (marked) => marked.slice(1, -1).replace(called, () => handle)),
    ...(typed && { typed }),
  }
}

export const byIdCases: readonly ByIdCase[] = [
  // Every method, on a handle that is made anew; the import comes with it
  hosted('get', 'export const f = (userId: string, id: string) => «client.get»(id)\n', { typed: true }),
  hosted(
    'update with a patch',
    `export const f = (userId: string, id: string) => «client.update»(id, { text: 'new', metadata: { a: 1 } })\n`,
    { typed: true },
  ),
  hosted(
    'update with what somebody else wrote',
    `export const f = (userId: string, id: string, patch: { text: string }) => «client.update»(id, patch)\n`,
    { typed: true },
  ),
  hosted(
    'delete',
    'export async function f(userId: string, id: string): Promise<void> {\n  await «client.delete»(id)\n}\n',
    { typed: true },
  ),
  hosted(
    'delete with options',
    'export const f = (userId: string, id: string) => «client.delete»(id, { deleteLinked: true })\n',
    { typed: true },
  ),
  hosted('history', 'export const f = (userId: string, id: string) => «client.history»(id)\n', {
    typed: true,
  }),
  hosted(
    'batchUpdate',
    `export const f = (userId: string, id: string) => «client.batchUpdate»([{ memoryId: id, text: 'new' }])\n`,
    { typed: true },
  ),
  hosted('batchDelete', 'export const f = (userId: string, ids: string[]) => «client.batchDelete»(ids)\n', {
    typed: true,
  }),
  hosted(
    'feedback',
    `export const f = (userId: string, memoryId: string) => «client.feedback»({ memoryId, feedbackReason: 'wrong' })\n`,
    { typed: true },
  ),
  {
    name: 'self-hosted',
    code: `import { Memory } from 'mem0ai/oss'\nconst memory = new Memory()\nexport const f = (userId: string, id: string) => «memory.update»(id, 'new')\n`,
    method: 'update',
    handle: 'new ScopedMemory(userId, { client: memory })',
    output: `import { Memory } from 'mem0ai/oss'\n${core}const memory = new Memory()\nexport const f = (userId: string, id: string) => new ScopedMemory(userId, { client: memory }).update(id, 'new')\n`,
    typed: true,
  },

  // Whoever the user is
  hosted(
    'who a login library returns',
    `export async function f(auth: () => Promise<{ userId: string | null }>, id: string) {\n  const { userId: user_id } = await auth()\n  if (!user_id) throw new Error('sign in')\n  return «client.get»(id)\n}\n`,
    { handle: 'new ScopedMemory(user_id, { client })', typed: true },
  ),
  hosted(
    'one that is checked first',
    `export function f(userId: string | undefined, id: string) {\n  if (!userId) throw new Error('sign in')\n  return «client.get»(id)\n}\n`,
    { typed: true },
  ),
  hosted(
    'one that is checked around a callback',
    `export function f(ids: string[], userId?: string) {\n  if (!userId) return []\n  return ids.map((id) => «client.get»(id))\n}\n`,
    { typed: true },
  ),
  hosted(
    'one that is tested around the call',
    `export function f(id: string, userId?: string) {\n  if (typeof userId === 'string' && id !== '') return «client.get»(id)\n  return undefined\n}\n`,
    { typed: true },
  ),
  hosted(
    'one that is tested in the other branch',
    'export const f = (id: string, userId: string | null) => (userId == null ? null : «client.get»(id))\n',
    { typed: true },
  ),
  hosted(
    'one that is tested with others',
    'export function f(id: string | undefined, userId: string | undefined) {\n  if (!userId || !id) return\n  return «client.get»(id)\n}\n',
    { typed: true },
  ),
  hosted(
    'one beside turns of a conversation',
    `export async function f(userId: string, id: string) {\n  const turns = [{ role: 'user', content: id }]\n  await «client.get»(turns[0]?.content ?? id)\n}\n`,
    { typed: true },
  ),
  hosted(
    'one beside a field of the same name',
    'export function f(userId: string, turn: { userId?: string; id: string }) {\n  if (turn.userId) console.log(turn)\n  return «client.get»(turn.id)\n}\n',
    { typed: true },
  ),
  hosted(
    'one that the own code passes',
    'async function one(userId: string, id: string) {\n  return «client.get»(id)\n}\nexport const all = (userId: string, ids: string[]) => Promise.all(ids.map((id) => one(userId, id)))\n',
    { typed: true },
  ),
  hosted(
    'the session',
    'export async function f(session: { user: { id: string } }, id: string) {\n  console.log(session.user.id)\n  return «client.get»(id)\n}\n',
    { handle: 'new ScopedMemory(session.user.id, { client })', typed: true },
  ),
  hosted(
    'the request',
    `export async function f(req: { user?: { id: string }; params: { id: string } }) {\n  if (!req.user?.id) throw new Error('sign in')\n  return «client.get»(req.params.id)\n}\n`,
    { handle: 'new ScopedMemory(req.user.id, { client })', typed: true },
  ),
  hosted(
    'a copy of the session, in a callback',
    'export async function f(session: { user: { id: string } }, ids: string[]) {\n  const userId = session.user.id\n  return Promise.all(ids.map((id) => «client.get»(id)))\n}\n',
    { typed: true },
  ),
  hosted(
    'the verified token',
    `app.get('/:id', async (req, res) => {\n  const audited = audit(req.auth.payload.sub)\n  res.json(await «client.get»(req.params.id))\n})\n`,
    { handle: 'new ScopedMemory(req.auth.payload.sub, { client })' },
  ),
  hosted(
    'a copy of the session',
    'export async function f(req: { user: { id: string }; params: { id: string } }) {\n  const userId = req.user.id\n  return «client.get»(req.params.id)\n}\n',
    { typed: true },
  ),
  hosted(
    'the context of a procedure',
    'export const f = async ({ ctx, input }: { ctx: { session: { user: { id: string } } }; input: string }) => {\n  const { user } = ctx.session\n  const userId = user.id\n  return «client.get»(input)\n}\n',
    { typed: true },
  ),
  hosted(
    'part of the session',
    'export async function f(req: { auth: { userId: string }; params: { id: string } }) {\n  const { userId } = req.auth\n  return «client.get»(req.params.id)\n}\n',
    { typed: true },
  ),
  hosted(
    'what the caller chose, and the session says the same',
    `app.get('/:userId/:id', (req) => {\n  const { userId } = req.params\n  if (userId !== req.user.id) throw new Error('forbidden')\n  return «client.get»(req.params.id)\n})\n`.replace(
      'const { userId } = req.params\n  if (userId !== req.user.id)',
      'if (req.params.userId !== req.user.id)',
    ),
    { handle: 'new ScopedMemory(req.user.id, { client })' },
  ),

  // Whatever the client is
  {
    name: 'a field of the class, and the user another',
    code: `${mem0}export class Notes {\n  constructor(private readonly mem0: MemoryClient, private readonly userId: string) {}\n  one(id: string) {\n    return «this.mem0.get»(id)\n  }\n}\n`,
    method: 'get',
    handle: 'new ScopedMemory(this.userId, { client: this.mem0 })',
    output: `${mem0}${core}export class Notes {\n  constructor(private readonly mem0: MemoryClient, private readonly userId: string) {}\n  one(id: string) {\n    return new ScopedMemory(this.userId, { client: this.mem0 }).get(id)\n  }\n}\n`,
    typed: true,
  },
  {
    name: 'private fields that the constructor sets',
    code: `${mem0}export class Notes {\n  #client\n  #userId\n  constructor(client: MemoryClient, userId: string) {\n    this.#client = client\n    this.#userId = userId\n  }\n  many = (ids: string[]) => ids.map((id) => «this.#client.get»(id))\n}\n`,
    method: 'get',
    handle: 'new ScopedMemory(this.#userId, { client: this.#client })',
    output: `${mem0}${core}export class Notes {\n  #client\n  #userId\n  constructor(client: MemoryClient, userId: string) {\n    this.#client = client\n    this.#userId = userId\n  }\n  many = (ids: string[]) => ids.map((id) => new ScopedMemory(this.#userId, { client: this.#client }).get(id))\n}\n`,
    typed: true,
  },
  {
    name: 'a call, which moves and is made once',
    code: `${mem0}async function open() {\n  return new MemoryClient({ apiKey: 'm0-k' })\n}\nexport async function f(userId: string, id: string) {\n  return «(await open()).get»(id)\n}\n`,
    method: 'get',
    handle: 'new ScopedMemory(userId, { client: await open() })',
    output: `${mem0}${core}async function open() {\n  return new MemoryClient({ apiKey: 'm0-k' })\n}\nexport async function f(userId: string, id: string) {\n  return (new ScopedMemory(userId, { client: await open() })).get(id)\n}\n`,
    typed: true,
  },
  {
    name: 'a parameter of another name',
    code: `import type { MemoryClient } from 'mem0ai'\nexport const f = (mem0: MemoryClient, userId: string, id: string) => «mem0.get»(id)\n`,
    method: 'get',
    handle: 'new ScopedMemory(userId, { client: mem0 })',
    output: `import type { MemoryClient } from 'mem0ai'\n${core}export const f = (mem0: MemoryClient, userId: string, id: string) => new ScopedMemory(userId, { client: mem0 }).get(id)\n`,
    typed: true,
  },

  // However the file imports
  hosted('imported already', 'export const one = (userId: string, id: string) => «client.get»(id)\n', {
    before: mem0 + core + made,
    typed: true,
  }),
  hosted(
    'imported under another name',
    'export const f = (userId: string, id: string) => «client.get»(id)\n',
    {
      before: `${mem0}import { ScopedMemory as Own } from '@scoped-memory/core'\n${made}`,
      after: `${mem0}import { ScopedMemory as Own } from '@scoped-memory/core'\n${made}`,
      handle: 'new Own(userId, { client })',
      typed: true,
    },
  ),
  hosted(
    'beside another import of ours',
    'export const f = (userId: string, id: string) => «client.get»(id)\n',
    {
      before: `${mem0}import { forEachUser } from '@scoped-memory/core'\n${made}`,
      after: `${mem0}import { forEachUser, ScopedMemory } from '@scoped-memory/core'\n${made}`,
      typed: true,
    },
  ),
  hosted('beside types of ours', 'export const f = (userId: string, id: string) => «client.get»(id)\n', {
    before: `${mem0}import type { MemoryRecord } from '@scoped-memory/core'\n${made}`,
    after: `${mem0}import type { MemoryRecord } from '@scoped-memory/core'\n${core}${made}`,
    typed: true,
  }),
  hosted('in the style of the file', 'export const f = (userId: string, id: string) => «client.get»(id);\n', {
    before: `import { MemoryClient } from "mem0ai";\r\nconst client = new MemoryClient({ apiKey: "m0-k" });\r\n`,
    after: `import { MemoryClient } from "mem0ai";\r\nimport { ScopedMemory } from "@scoped-memory/core";\r\nconst client = new MemoryClient({ apiKey: "m0-k" });\r\n`,
    typed: true,
  }),
  hosted('by require', 'module.exports.f = (userId, id) => «client.get»(id)\n', {
    before: `const { MemoryClient } = require('mem0ai')\n${made}`,
    after: `const { MemoryClient } = require('mem0ai')\nconst { ScopedMemory } = require('@scoped-memory/core')\n${made}`,
  }),

  // On what is there already
  hosted(
    'the factory of this client',
    'export const f = (userId: string, id: string) => «client.get»(id)\n',
    {
      before: `${mem0}import { createMemoryFactory } from '@scoped-memory/core'\n${made}const memoryFor = createMemoryFactory({ client })\n`,
      after: `${mem0}import { createMemoryFactory } from '@scoped-memory/core'\n${made}const memoryFor = createMemoryFactory({ client })\n`,
      handle: 'memoryFor(userId)',
      typed: true,
    },
  ),
  hosted(
    'not the factory of another client',
    'export const f = (userId: string, id: string) => «client.get»(id)\n',
    {
      before: `${mem0}import { createMemoryFactory } from '@scoped-memory/core'\n${made}const memoryFor = createMemoryFactory()\n`,
      after: `${mem0}import { createMemoryFactory, ScopedMemory } from '@scoped-memory/core'\n${made}const memoryFor = createMemoryFactory()\n`,
      typed: true,
    },
  ),
  hosted(
    'a handle in scope',
    'export function f(user: string, id: string) {\n  const own = new ScopedMemory(user, { client })\n  return «client.delete»(id)\n}\n',
    {
      before: mem0 + core + made,
      handle: 'own',
      typed: true,
    },
  ),
  hosted(
    'the handle on the request, from a callback',
    `app.post('/', (req) => req.body.ids.map((id) => «client.get»(id)))\n`,
    {
      before: `${mem0}import { scopedMemory } from '@scoped-memory/middleware/express'\n${made}`,
      after: `${mem0}import { scopedMemory } from '@scoped-memory/middleware/express'\n${made}`,
      handle: 'req.memory',
    },
  ),
  hosted('the handle on the context of Koa', 'router.get((ctx) => «client.get»(ctx.params.id))\n', {
    before: `${mem0}import { fromSession } from '@scoped-memory/middleware/identity'\nimport { scopedMemory } from '@scoped-memory/middleware/koa'\n${made}`,
    after: `${mem0}import { fromSession } from '@scoped-memory/middleware/identity'\nimport { scopedMemory } from '@scoped-memory/middleware/koa'\n${made}`,
    handle: 'ctx.memory',
  }),
  hosted('the handle among the variables of Hono', 'app.get((c) => «client.get»(c.req.param().id))\n', {
    before: `${mem0}import { scopedMemory } from '@scoped-memory/middleware/hono'\n${made}`,
    after: `${mem0}import { scopedMemory } from '@scoped-memory/middleware/hono'\n${made}`,
    handle: 'c.var.memory',
  }),
]
