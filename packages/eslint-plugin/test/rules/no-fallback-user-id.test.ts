import { type InvalidCase, invalid, testRule } from '../rule-tester.ts'

const scoped = `import { createMemoryFactory, ScopedMemory } from '@scoped-memory/core'\nconst memoryFor = createMemoryFactory({ client })\n`
const client = `import { MemoryClient } from 'mem0ai'\nconst client = new MemoryClient({ apiKey })\n`

const shared = (messageId: string, text: string, code: string): InvalidCase =>
  invalid(`${scoped}${code}`, { messageId, data: { text } })

testRule('no-fallback-user-id', {
  valid: [
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
