const mem0 = `import { MemoryClient } from 'mem0ai'\n`
const core = `import { ScopedMemory } from '@scoped-memory/core'\n`
const made = `const client = new MemoryClient({ apiKey: 'm0-k' })\n`

/** Calls by id of which nothing is surely right; each is reported, and nothing is suggested. */
export const withoutSuggestion: readonly {
  readonly name: string
  /** The reported range stands between « and ». */
  readonly code: string
}[] = [
  ...[
    ['no user in sight', 'export const f = (id) => «client.get»(id)'],
    ['two users', 'export const f = (userId, currentUserId, id) => «client.get»(id)'],
    [
      'a user, and who is signed in',
      'export function f(req, userId, id) { audit(req.user.id); return «client.get»(id) }',
    ],
    [
      'a user from the body',
      'app.post((req) => { const { userId } = req.body; return «client.get»(req.body.id) })',
    ],
    ['a user that a model wrote', `server.registerTool('get', {}, ({ userId, id }) => «client.get»(id))`],
    [
      'a user that is called with the query',
      'const f = (userId, id) => «client.get»(id); app.get((req) => f(req.query.user, req.query.id))',
    ],
    ['a user with a fallback', `export const f = (id, userId = 'default') => «client.get»(id)`],
    ['a user that is a constant', `const userId = 'alice'; export const f = (id) => «client.get»(id)`],
    ['a user that may be missing', 'export const f = (id: string, userId?: string) => «client.get»(id)'],
    [
      'a user that may be undefined',
      'export const f = (id: string, userId: string | undefined) => «client.get»(id)',
    ],
    [
      'a user out of an optional chain',
      'export function f(req, id) { const userId = req.user?.id; return «client.get»(id) }',
    ],
    ['a user that is a number', 'export const f = (id: string, userId: number) => «client.get»(id)'],
    [
      'a user that is set later',
      'export async function f(req, id) { const one = await «client.get»(id); const userId = req.user.id; return one }',
    ],
    [
      'a user that is what is fetched',
      'export async function f(id) { const userId = await «client.get»(id); return userId }',
    ],
    ['a function called userId', 'function userId() {} export const f = (id) => «client.get»(id)'],
    [
      'a user that the last request changed',
      'let userId = start(); export const signIn = (id) => { userId = id }; export const f = (id) => «client.get»(id)',
    ],
    [
      'a user that the last request left',
      'let userId; login().then((id) => { userId = id }); export const f = (id) => «client.get»(id)',
    ],
    [
      'a session in another branch',
      'export function f(req, id) { if (req.ok) audit(req.user.id); return «client.get»(id) }',
    ],
    [
      'a session in one case',
      'export function f(req, id) { const own = req.ok ? req.user.id : null; return «client.get»(id) }',
    ],
    [
      'a session in half a condition',
      'export function f(req, id) { const own = req.ok && req.user.id; return «client.get»(id) }',
    ],
    [
      'a session that was read outside of a callback',
      'export function f(req, ids) { audit(req.user.id); return ids.map((id) => «client.get»(id)) }',
    ],
    [
      'a session of another name',
      'export function f(req, id) { audit(req.user.id); { const req = other; return «client.get»(id) } }',
    ],
    [
      'a session that is called with the body',
      'const f = (session, id) => { audit(session.user.id); return «client.get»(id) }; app.get((req) => f(req.body.session, req.body.id))',
    ],
    [
      'a session in the arguments of a resolver',
      'export function f({ session, id }) { audit(session.userId); return «client.get»(id) }',
    ],

    // Somebody else may have written the id
    ['a part of a parameter', 'export const f = ({ userId, id }) => «client.get»(id)'],
    ['each of a list', 'export function f(users, id) { for (const userId of users) «client.get»(id) }'],
    [
      'a server action',
      `'use server'; export async function f(userId: string, id: string) { await «client.delete»(id) }`,
    ],
    [
      'a function that is a server action',
      `export async function f(userId: string, id: string) { 'use server'; await «client.delete»(id) }`,
    ],
    [
      'the context of a server action',
      `'use server'; export async function f(ctx, id) { audit(ctx.user.id); await «client.delete»(id) }`,
    ],
    [
      'the arguments of a resolver',
      'const resolvers = { Mutation: { del: async (_, { id, userId }, ctx) => «client.delete»(id) } }',
    ],
    ['a resolver by its type', 'const del: Resolver = (userId: string, id: string) => «client.delete»(id)'],
    [
      'a field by its type',
      'class A { del: Resolver = (userId: string, id: string) => «client.delete»(id) }',
    ],
    [
      'resolvers by their type',
      'const all = { del: (userId: string, id: string) => «client.delete»(id) } satisfies Resolvers',
    ],
    [
      'an event',
      `socket.on('message', (data) => { const { userId, id } = JSON.parse(data); return «client.delete»(id) })`,
    ],
    ['a handler of events', `socket.on('message', (userId, id) => «client.delete»(id))`],
    [
      'a handler of events by its name',
      `function del(userId: string, id: string) { return «client.delete»(id) } socket.on('message', del)`,
    ],
    [
      'a handler of events in a const',
      `const del = (userId: string, id: string) => «client.delete»(id); socket.on('message', del)`,
    ],
    ['a handler of events in a field', 'socket.onmessage = (userId, id) => «client.delete»(id)'],
    [
      'a decorated parameter',
      `class A { del(@Arg('userId') userId: string, id: string) { return «client.delete»(id) } }`,
    ],
    [
      'a user that is looked up',
      'export async function f(req) { const userId = await lookup(req.body.email); return «client.get»(req.body.id) }',
    ],
    [
      'a user that is looked up and tested',
      'export function f(id) { const { userId } = lookup(); if (!userId) return; return «client.get»(id) }',
    ],
    [
      'a user that is looked up in parts',
      'export async function f(req) { const { id: userId } = await db.findVictim(req.body.email); return «client.get»(req.body.id) }',
    ],
    [
      'a login with what the body says',
      'export function f(req) { const { userId } = getAuth(req.body.token); if (!userId) return; return «client.get»(req.body.id) }',
    ],
    [
      'a user of the body, and who is signed in',
      'export function f(req) { const { userId } = req.body; audit(req.user.id); return «client.get»(req.body.id) }',
    ],
    [
      'a default of somebody else',
      'export function f(req) { const { userId = other() } = req.session; return «client.get»(req.body.id) }',
    ],

    // Tests that say something else
    [
      'a test that there is nobody',
      'export function f(id: string, userId?: string) { if (!userId) return «client.get»(id) }',
    ],
    [
      'the branch without a user',
      'export function f(id: string, userId?: string) { if (userId) audit(); else return «client.get»(id) }',
    ],
    [
      'the value without a user',
      'export const f = (id: string, userId?: string) => (userId ? null : «client.get»(id))',
    ],
    [
      'behind an exit with a user',
      'export function f(id: string, userId?: string) { if (userId) return; return «client.get»(id) }',
    ],
    [
      'a test that something else may pass',
      'export function f(id: string, userId?: string) { if (userId === undefined || id) return «client.get»(id) }',
    ],
    [
      'a test that one of two passes',
      'export function f(id: string, userId?: string) { if (userId || id) return «client.get»(id) }',
    ],
    [
      'a test that does not exit',
      'export function f(id: string, userId?: string) { if (!userId) audit(); return «client.get»(id) }',
    ],
    [
      'a test with another question',
      'export function f(id: string, userId?: string) { if (!userId || trusted(userId)) return; return «client.get»(id) }',
    ],
    [
      'a test for one user',
      'export function f(id: string, userId: string) { if (userId !== config.owner) return; return «client.get»(id) }',
    ],
    [
      'a test for nobody',
      'export function f(id: string, userId: string | null) { if (userId != null) return; return «client.get»(id) }',
    ],
    [
      'behind an exit with a session',
      'export function f(req, id) { audit(req.user.id); if (req.user) return; return «client.get»(id) }',
    ],
    [
      'a copy behind an exit with a session',
      'export function f(req) { const userId = req.user?.id; if (req.user) return; return «client.get»(req.body.id) }',
    ],
    [
      'a copy behind another question',
      'export function f(req) { const userId = req.user.id; if (req.user.level < 5) return; return «client.get»(req.body.id) }',
    ],

    // Who may work for others, and a session that ends
    [
      'an admin who is checked by the id',
      'export async function f(req) { if (!isAdmin(req.user.id)) return; await «client.delete»(req.params.id) }',
    ],
    [
      'an admin who is checked by the role',
      `export function f(req) { if (req.user.role !== 'owner') return; audit(req.user.id); return «client.delete»(req.params.id) }`,
    ],
    [
      'an admin who is checked by other code',
      'export async function f(userId: string, id: string) { await requireAdmin(); return «client.delete»(id) }',
    ],
    [
      'an admin who is checked for the whole class',
      '@Admin() class A { f(userId: string, id: string) { return «client.delete»(id) } }',
    ],
    [
      'a route of admins',
      `app.delete('/admin/:id', (req) => { audit(req.user.id); return «client.delete»(req.params.id) })`,
    ],
    [
      'a session that is deleted',
      'export function f(req) { audit(req.session.userId); delete req.session.userId; return «client.get»(req.body.id) }',
    ],
    [
      'a session that is only mentioned as deleted',
      'export function f(req) { delete req.session.userId; return «client.get»(req.body.id) }',
    ],
    [
      'a session that is set to nobody',
      'export function f(req) { req.user.id = undefined; return «client.get»(req.body.id) }',
    ],
    [
      'a session that is taken apart into',
      'export function f(req) { audit(req.user.id); ({ id: req.user.id } = other); return «client.get»(req.body.id) }',
    ],
    [
      'a user that is set anew',
      'export function f(req) { let userId = req.user.id; userId = other(); return «client.get»(req.body.id) }',
    ],
    [
      'a copy of what was set anew',
      'export function f(req) { let all = req.session; all = other(); const me = all.user; const userId = me.id; return «client.get»(req.body.id) }',
    ],
    [
      'a user of a record',
      'export function f(record, id) { audit(record.user.id); return «client.get»(id) }',
    ],
    ['a user of the body', 'export function f(req, id) { audit(req.body.user.id); return «client.get»(id) }'],
    ['a client that may be missing', 'export const f = (userId, id) => «client?.get»(id)'],
    [
      'a client that is read through something missing',
      'export const f = (deps: { mem0?: { client: MemoryClient } }, userId, id) => «deps.mem0?.client.get»(id)',
    ],
    [
      'a client that is said to be there',
      'export const f = (mem0: MemoryClient | undefined, userId, id) => «mem0!.get»(id)',
    ],
    [
      'a client out of a list',
      'export const f = (all: Record<string, MemoryClient>, userId, id) => «all[id].get»(id)',
    ],
    ['the own class', 'class Own extends MemoryClient { one(userId, id) { return «this.get»(id) } }'],
    ['the class below', 'class Own extends MemoryClient { one(userId, id) { return «super.get»(id) } }'],
    ['a method that was taken off', 'const { get } = client; export const f = (userId, id) => «get»(id)'],
    [
      'a method of another object',
      'const reader = { get: client.get }; export const f = (userId, id) => «reader.get»(id)',
    ],
    ['options that a handle refuses', 'export const f = (userId, id) => «client.delete»(id, { userId })'],
    ['options that cannot be seen', 'export const f = (userId, id, options) => «client.delete»(id, options)'],
    [
      'a patch that a handle refuses',
      'export const f = (userId, id, text) => «client.update»(id, { text, userId })',
    ],
    ['a patch with more in it', 'export const f = (userId, id, patch) => «client.update»(id, { ...patch })'],
    [
      'a batch that a handle refuses',
      'export const f = (userId, id, text) => «client.batchUpdate»([{ memory_id: id, text }])',
    ],
    ['more arguments than a handle takes', 'export const f = (userId, id) => «client.get»(id, userId)'],
    ['no argument', 'export const f = (userId) => «client.get»()'],
    ['arguments that cannot be seen', 'export const f = (userId, ...rest) => «client.get»(...rest)'],
    [
      'the name ScopedMemory for something else',
      'class ScopedMemory {} export const f = (userId, id) => «client.get»(id)',
    ],
    [
      'a static method',
      'class A { constructor(userId) { this.userId = userId } static one(id) { return «client.get»(id) } }',
    ],
    [
      'the field of another object',
      'class A { constructor(userId) { this.userId = userId } one(id) { return list(function () { return «client.get»(id) }) } }',
    ],
    ...[
      ['a field that may be missing', 'userId?: string'],
      ['a field that may be undefined', 'userId: string | undefined'],
      ['a field that is a number', 'userId: number'],
      ['a field with a value', 'userId = 5'],
      ['a static field', 'static userId: string'],
      ['a getter', 'get userId() { return this.load() }'],
      ['a field that is set again', 'leave() { this.userId = nobody }'],
    ].map(([what, member]) => [
      what,
      `class A { ${member}; constructor(userId: string) { this.userId = userId } one(id) { return «client.get»(id) } }`,
    ]),
    [
      'a field that is set again below',
      'class A { constructor(userId: string) { this.userId = userId } leave() { this.userId = nobody } one(id) { return «client.get»(id) } }',
    ],
    ['a field that nobody sets', 'class A { userId: string; one(id) { return «client.get»(id) } }'],
    [
      'a field that is a promise',
      'class A { constructor(req) { this.userId = getUser(req) } one(id) { return «client.get»(id) } }',
    ],
    [
      'a field out of a number',
      'class A { constructor(userId: number) { this.userId = userId } one(id) { return «client.get»(id) } }',
    ],
    [
      'a field out of an optional parameter',
      'class A { constructor(private userId?: string) {} one(id) { return «client.get»(id) } }',
    ],
    [
      'a field out of what was set anew',
      'class A { constructor(userId) { userId = other(); this.userId = userId } one(id) { return «client.get»(id) } }',
    ],
    [
      'a field that a method sets',
      'class A { open(userId: string) { this.userId = userId } one(id) { return «client.get»(id) } }',
    ],
    [
      'the user of the process',
      'export function f(id) { const uid = process.getuid!(); return «client.get»(id) }',
    ],
    [
      'the user of the system',
      'export function f(id) { const { uid } = os.userInfo(); return «client.get»(id) }',
    ],
  ].map(([name = '', code = '']) => ({ name, code: `${mem0}${made}${code}` })),
  {
    name: 'a method under another name, beside a handle',
    code: `${mem0}${core}${made}const reader = { read: client.get }; export function f(user, id) { const own = new ScopedMemory(user, { client }); return «reader.read»(id) }`,
  },
  {
    name: 'a method under another name',
    code: `${mem0}${made}const reader = { read: client.get }; export const f = (userId, id) => «reader.read»(id)`,
  },
  {
    name: 'a handle that nobody may have',
    code: `${mem0}import { tryGetMemory } from '@scoped-memory/middleware/express'\n${made}function f(request_, id) { const own = tryGetMemory(request_); return «client.get»(id) }`,
  },
  {
    name: 'a request of the web',
    code: `${mem0}import { withMemory } from '@scoped-memory/middleware/web'\n${made}export const GET = withMemory({}, (request) => «client.get»(id))`,
  },
  {
    name: 'types of ours under the name',
    code: `${mem0}import type { ScopedMemory } from '@scoped-memory/core'\n${made}export const f = (userId, id) => «client.get»(id)`,
  },
  {
    name: 'two factories',
    code: `${mem0}import { createMemoryFactory } from '@scoped-memory/core'\n${made}const a = createMemoryFactory({ client })\nconst b = createMemoryFactory({ client, strictOwnership: true })\nexport const f = (userId, id) => «client.get»(id)`,
  },
  {
    name: 'a vector store',
    code: `import { MemoryVectorStore } from 'mem0ai/oss'\nconst store = new MemoryVectorStore({})\nexport const f = (userId, id) => «store.get»(id)`,
  },
  {
    name: 'neither import nor require',
    code: `export const f = async (userId, id) => { const { MemoryClient } = await import('mem0ai'); return «new MemoryClient({}).get»(id) }`,
  },
]
