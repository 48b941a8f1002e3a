import { type InvalidCase, invalid, testRule } from '../rule-tester.ts'

const scoped = `import { createMemoryFactory, ScopedMemory } from '@scoped-memory/core'\nconst memoryFor = createMemoryFactory({ client })\n`
const client = `import { MemoryClient } from 'mem0ai'\nconst client = new MemoryClient({ apiKey })\n`

const shared = (messageId: string, text: string, code: string): InvalidCase =>
  invalid(`${scoped}${code}`, { messageId, data: { text } })

/** A class whose field `userId` is what a call on a client is given. */
const inClass = (members: string, id = 'this.userId', before = ''): string =>
  `${client}${before}class A { ${members} add(messages) { return client.add(messages, { userId: ${id} }) } }`

const inField = (messageId: string, text: string, members: string, before = ''): InvalidCase =>
  inOwn(messageId, text, members, '«this.userId»', before)

const inOwn = (messageId: string, text: string, members: string, id: string, before?: string): InvalidCase =>
  invalid(inClass(members, id, before), { messageId, data: { text } })

testRule('no-fallback-user-id', {
  valid: [
    // A field that is always given another value
    inClass(`userId = 'default'; constructor(userId) { this.userId = userId }`),
    inClass(`userId = 'default'; constructor(id) { if (!id) throw new Error(); this.userId = id }`),
    inClass(`userId = 'default'; constructor(o) { if (o.a) this.userId = o.a; else this.userId = o.b }`),
    inClass(`userId = 'default'; constructor(o) { if (o.a) this.userId = o.a; else throw new Error() }`),
    inClass(`userId = 'default'; constructor(o) { this.init(o) } init(o) { this.userId = o.userId }`),
    inClass(`userId = 'default'; constructor(id) { try { this.userId = id } catch { throw new Error() } }`),
    inClass(
      `constructor(id) { super(); this.userId = id }`,
      undefined,
      `class B { userId = 'default' }; `,
    ).replace('class A', 'class A extends B'),
    `${client}class A { userId = 'default'; add(m, id) { this.userId = id; return client.add(m, { userId: this.userId }) } }`,
    inClass(`static userId = 'default'; constructor(userId) { this.userId = userId }`),
    // A field that is not the user, or holds nobody
    inClass(`static DEFAULT = 'default'; role = 'user'; constructor(userId) { this.userId = userId }`),
    inClass(`constructor(private readonly userId: string, private readonly agent = 'bot') {}`),
    inClass(`userId = ''; login(id) { this.userId = id }`),
    inClass(`get userId() { return auth.user().id }`),
    inClass(`constructor(options) { this.options = { limit: 5, ...options } }`, 'this.options.userId'),
    inClass(
      `constructor(o, userId) { this.options = { userId: 'default', ...o, userId } }`,
      'this.options.userId',
    ),
    // A stand-in that is turned away
    `${client}class A { userId = 'anon'; login(id) { this.userId = id } add(m) { if (this.userId === 'anon') return; return client.add(m, { userId: this.userId }) } }`,
    `${scoped}const f = (id) => { const userId = id ?? 'anon'; if (userId === 'anon') return; return memoryFor(userId) }`,
    `${scoped}const NOBODY = 'anon'; const f = (id) => { const userId = id ?? NOBODY; return userId !== NOBODY ? memoryFor(userId) : null }`,
    // A field or property that only looks like it
    inClass(`userId?: string; login(id) { this.userId = id }`),
    inClass(`accessor userId; login(id) { this.userId = id }`),
    inClass(`constructor(userId) { this.userId = userId }`, undefined, `class B { userId = 'default' }; `),
    inClass(`users = new Map(); userId = 'default';`, 'this.users.get(messages).userId'),
    `${scoped}const cache = { userId: undefined }; const f = () => memoryFor(cache.userId)`,
    `${scoped}const read = (o) => ({ mode: 'default', userId: o.userId }); const f = (o) => memoryFor(read(o).userId)`,
    `${scoped}const users = { alice: { id: 'a' } }; const f = (name) => memoryFor(users[name].id)`,
    `${scoped}rows.forEach((row) => memoryFor(row.userId))`,
    // A variable or property that is always replaced
    `${scoped}const f = (user) => { let id = 'guest'; id = user.id; return memoryFor(id) }`,
    `${scoped}const f = (user) => { let id = 'guest'; if (user) id = user.id; else return; return memoryFor(id) }`,
    `${scoped}const f = (id) => { const o = { id: 'guest' }; o.id = id; return memoryFor(o.id) }`,
    `${scoped}const f = (o, id) => { const all = { id: 'guest', ...o, id }; return memoryFor(all.id) }`,
    `${scoped}const f = (o) => { const all = { limit: 5, ...o }; return memoryFor(all.id) }`,
    `${scoped}const f = ({ userId, limit = 5 } = {}) => memoryFor(userId)`,
    // One part of a text that is one person's
    `${scoped}const f = (tenant, id: string) => memoryFor(\`\${tenant ?? 'default'}:\${id}\`)`,
    `${scoped}class A { constructor() { this.a = this.b; this.b = this.a } open() { return memoryFor(this.a.id) } }`,
    `${scoped}const { x } = x; memoryFor(x)`,
    `${scoped}const f = (req) => memoryFor(req.user.id)`,
    `${scoped}const f = (req) => memoryFor(req.user?.id)`,
    `${scoped}const f = (userId) => new ScopedMemory(userId)`,
    `${scoped}const f = (req) => memoryFor(req.user?.id ?? req.apiKey.owner)`,
    `${scoped}const f = (a, b) => memoryFor(a || b)`,
    `${scoped}const f = () => memoryFor(process.env.OWNER)`,
    `${scoped}for (const user of users) memoryFor(user.id)`,
    `${scoped}const f = (req) => { const userId = req.user.id; return memoryFor(userId) }`,
    `${scoped}const userOf = (req) => req.user.id; const f = (req) => memoryFor(userOf(req))`,
    // A text of something that is known to be there
    `${scoped}function f(req) { if (!req.user) return; memoryFor(String(req.user.id)) }`,
    `${scoped}function f(req) { if (req.user) memoryFor(String(req.user.id)) }`,
    `${scoped}function f(req) { assert(req.user); memoryFor(String(req.user.id)) }`,
    `${scoped}function f(id) { if (id == null) throw new Error('sign in'); return memoryFor(String(id)) }`,
    `${scoped}const f = (id) => id ? memoryFor(String(id)) : undefined`,
    `${scoped}const f = (id: number) => memoryFor(String(id))`,
    `${scoped}const f = (tenant: string, user: string) => memoryFor(\`\${tenant}:\${user}\`)`,
    `${scoped}for (const id of ids) memoryFor(\`user-\${id}\`)`,
    `${scoped}const f = (a: string, b: string) => memoryFor(\`\${encodeURIComponent(a)}:\${encodeURIComponent(b)}\`)`,
    `${scoped}const f = (id: string) => memoryFor('user-' + id)`,
    // "" and "*" are for another rule to speak of
    `${client}client.search(query, { filters: { user_id: '*' } })`,
    `${client}client.add(messages, { userId: '' })`,
    // Not an id of a memory
    `${client}client.add(messages, { userId, metadata: { source: 'default' }, agentId: 'bot' })`,
    `new Session('alice'); open(id ?? 'default')`,
    `import { ScopedMemory } from './own'; new ScopedMemory('alice')`,
    {
      code: `${scoped}new ScopedMemory('demo')`,
      options: [{ allowIn: ['examples/**'] }],
      filename: 'examples/a.ts',
    },
  ],
  invalid: [
    shared('literal', "'alice'", `new ScopedMemory(«'alice'»)`),
    shared('literal', '`alice`', 'memoryFor(«`alice`»)'),
    shared('literal', '1', 'memoryFor(«1»)'),
    shared('literal', "'demo'", `const DEMO = 'demo'; memoryFor(«DEMO»)`),
    shared(
      'fallback',
      "req.user?.id ?? 'anonymous'",
      `const f = (req) => memoryFor(«req.user?.id ?? 'anonymous'»)`,
    ),
    shared(
      'fallback',
      "req.user?.id || 'default'",
      `const f = (req) => memoryFor(«req.user?.id || 'default'»)`,
    ),
    shared('fallback', 'id ?? GUEST', `const GUEST = 'guest'; const f = (id) => memoryFor(«id ?? GUEST»)`),
    shared('fallback', "u ? u.id : 'guest'", `const f = (u) => memoryFor(«u ? u.id : 'guest'»)`),
    shared('fallback', "id = 'default'", `const f = (id = 'default') => memoryFor(«id»)`),
    shared('fallback', "id = 'default'", `const f = ({ id = 'default' }) => memoryFor(«id»)`),
    shared(
      'fallback',
      "req.user?.id ?? 'x'",
      `const f = (req) => { const id = req.user?.id ?? 'x'; return memoryFor(«id») }`,
    ),
    shared(
      'fallback',
      "'guest'",
      `const f = (u) => { let id = 'guest'; if (u) id = u.id; return memoryFor(«id») }`,
    ),
    shared(
      'fallback',
      "req.user?.id ?? 'x'",
      `const idOf = (req) => req.user?.id ?? 'x'; const f = (req) => memoryFor(«idOf(req)»)`,
    ),
    // Fields
    inField(
      'fallback',
      "config.USER || 'user_default'",
      `constructor() { this.userId = config.USER || 'user_default' }`,
    ),
    inField('literal', "'default_user'", `userId = 'default_user';`),
    inField('fallback', "'default_user'", `userId = 'default_user'; login(id) { this.userId = id }`),
    inField(
      'fallback',
      "'default_user'",
      `userId = 'default_user'; constructor(id) { if (id) this.userId = id }`,
    ),
    inField('fallback', "'anon'", `constructor(id) { this.userId = id; if (!id) this.userId = 'anon' }`),
    inField('fallback', "'anon'", `constructor() { this.userId ??= 'anon' }`),
    inField('fallback', "config.user || 'anon'", `get userId() { return config.user || 'anon' }`),
    inField('fallback', "userId = 'default'", `constructor(private userId = 'default') {}`),
    inField(
      'fallback',
      'userId: string = GUEST',
      `constructor(readonly userId: string = GUEST) {}`,
      `const GUEST = 'guest'; `,
    ),
    inField('fallback', "userId = 'default'", `constructor(userId = 'default') { this.userId = userId }`),
    inField(
      'fallback',
      "userId = 'default'",
      `constructor({ userId = 'default' } = {}) { this.userId = userId }`,
    ),
    inOwn('fallback', "config.user ?? 'x'", `#userId = config.user ?? 'x';`, '«this.#userId»'),
    inOwn('literal', "'default'", `static userId = 'default';`, '«A.userId»'),
    inOwn('fallback', 'id ?? A.DEFAULT', `static DEFAULT = 'default';`, '«id ?? A.DEFAULT»'),
    inOwn(
      'fallback',
      "'default'",
      `constructor(o) { this.options = { userId: 'default', ...o } }`,
      '«this.options.userId»',
    ),
    inOwn(
      'fallback',
      "'default'",
      `constructor(private options = { userId: 'default' }) {}`,
      '«this.options.userId»',
    ),
    invalid(
      `${client}class B { userId = 'default' } class A extends B { add(m) { return client.add(m, { userId: «this.userId» }) } }`,
      { messageId: 'literal', data: { text: "'default'" } },
    ),
    invalid(
      `${client}const store = { userId: 'default', add(m) { return client.add(m, { userId: «this.userId» }) } }`,
      {
        messageId: 'literal',
        data: { text: "'default'" },
      },
    ),
    // Defaults and options
    shared(
      'fallback',
      "userId = 'default'",
      `const f = ({ userId = 'default' } = {}) => memoryFor(«userId»)`,
    ),
    shared('fallback', "'default'", `const f = ({ userId } = { userId: 'default' }) => memoryFor(«userId»)`),
    shared('fallback', "'default'", `const f = (o = { userId: 'default' }) => memoryFor(«o.userId»)`),
    shared('fallback', "userId = 'anon'", `const { userId = 'anon' } = options; memoryFor(«userId»)`),
    shared('fallback', "id = 'anon'", `const { user: { id = 'anon' } } = options; memoryFor(«id»)`),
    shared(
      'fallback',
      "'default'",
      `const d = { userId: 'default' }; const f = (o) => { const all = { ...d, ...o }; return memoryFor(«all.userId») }`,
    ),
    shared(
      'fallback',
      "'default'",
      `const d = { userId: 'default' }; const f = (o) => { const { userId } = { ...d, ...o }; return memoryFor(«userId») }`,
    ),
    shared(
      'fallback',
      "'guest'",
      `const f = (id) => { const o = { id: 'guest' }; if (id) o.id = id; return memoryFor(«o.id») }`,
    ),
    shared('literal', "'default'", `const d = { user: { id: 'default' } }; memoryFor(«d.user.id»)`),
    shared(
      'fallback',
      "process.env.USER_ID || 'default'",
      `const d = { userId: process.env.USER_ID || 'default' }; memoryFor(«d.userId»)`,
    ),
    shared('literal', "'system'", `enum Users { System = 'system' }; memoryFor(«Users.System»)`),
    shared('fallback', "'default'", `function f(id) { if (!id) id = 'default'; return memoryFor(«id») }`),
    shared('fallback', "'default'", `function f(id) { id ||= 'default'; return memoryFor(«id») }`),
    shared('fallback', "id ||= 'default'", `const f = (id) => memoryFor(«id ||= 'default'»)`),
    shared(
      'fallback',
      "o.id || 'default'",
      `const read = (o) => ({ userId: o.id || 'default' }); const f = (o) => memoryFor(«read(o).userId»)`,
    ),
    // What passes it on
    shared('fallback', "id || 'anon'", `const f = (id) => memoryFor(«(id || 'anon').trim().toLowerCase()»)`),
    shared('fallback', "id ?? 'anon'", `const f = (id) => memoryFor(«encodeURIComponent(id ?? 'anon')»)`),
    shared('fallback', "id ?? 'anon'", "const f = (id) => memoryFor(«`user:${id ?? 'anon'}`»)"),
    shared('stringified', 'String(req.user?.id)', `const f = (req) => memoryFor(«String(req.user?.id)»)`),
    shared('stringified', 'String(id)', `const f = (id?: string) => memoryFor(«String(id)»)`),
    shared('template', '`${id}`', 'const f = (id) => memoryFor(«`${id}`»)'),
    shared(
      'template',
      '`${req.tenant}:${req.user?.id}`',
      'const f = (req) => memoryFor(«`${req.tenant}:${req.user?.id}`»)',
    ),
    shared('template', "'user-' + id", `const f = (id) => memoryFor(«'user-' + id»)`),
    invalid(`${client}client.add(messages, { userId: «user?.id ?? 'default'» })`, {
      messageId: 'fallback',
      data: { text: "user?.id ?? 'default'" },
    }),
    invalid(`${client}client.search('q', { filters: { user_id: «'alice'» } })`, {
      messageId: 'literal',
      data: { text: "'alice'" },
    }),
    invalid(
      `import { scopedMemory } from '@scoped-memory/middleware/hono'; app.use(scopedMemory({ userId: (c) => «c.get('user')?.id ?? 'anonymous'» }))`,
      { messageId: 'fallback', data: { text: "c.get('user')?.id ?? 'anonymous'" } },
    ),
  ],
})

const imports = `import { DEFAULT_USER, defaults, Users, widened } from './constants.js'\nimport { ScopedMemory } from '@scoped-memory/core'\n`

const imported = (messageId: string, text: string, code: string): InvalidCase =>
  invalid(`${imports}${code}`, { messageId, data: { text } })

testRule(
  'no-fallback-user-id',
  {
    valid: [
      `${imports}const f = (userId: string) => new ScopedMemory(userId)`,
      `${imports}new ScopedMemory(widened)`,
      `${imports}const f = (user: { id: Users }) => new ScopedMemory(user.id)`,
      `${imports}const f = (user: { id: 'a' }) => new ScopedMemory(user.id)`,
      `${imports}const f = (id: string) => id === DEFAULT_USER ? null : new ScopedMemory(id)`,
    ],
    invalid: [
      imported('literal', 'DEFAULT_USER', `new ScopedMemory(«DEFAULT_USER»)`),
      imported('literal', 'defaults.userId', `new ScopedMemory(«defaults.userId»)`),
      imported('literal', 'Users.System', `new ScopedMemory(«Users.System»)`),
      imported(
        'fallback',
        'id ?? DEFAULT_USER',
        `const f = (id?: string) => new ScopedMemory(«id ?? DEFAULT_USER»)`,
      ),
      imported('fallback', 'id = DEFAULT_USER', `const f = (id = DEFAULT_USER) => new ScopedMemory(«id»)`),
    ],
  },
  { typed: true },
)
