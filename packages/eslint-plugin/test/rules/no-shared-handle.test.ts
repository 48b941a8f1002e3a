import { type InvalidCase, invalid, testRule } from '../rule-tester.ts'

const scoped = `import { createMemoryFactory, ScopedMemory } from '@scoped-memory/core'\nconst memoryFor = createMemoryFactory({ client })\n`

const kept = (messageId: string, code: string, data: Record<string, string> = {}): InvalidCase =>
  invalid(`${scoped}${code}`, { messageId, data })

testRule('no-shared-handle', {
  valid: [
    // Where a handle belongs
    `${scoped}app.use((req, res, next) => { req.memory = memoryFor(req.user.id); next() })`,
    `${scoped}app.use((req, res, next) => { res.locals.memory = memoryFor(req.user.id); next() })`,
    `${scoped}app.use(async (ctx, next) => { ctx.memory = memoryFor(ctx.state.user.id); await next() })`,
    `${scoped}app.use(async (ctx, next) => { ctx.state.memory = memoryFor(ctx.state.user.id); await next() })`,
    `${scoped}app.use(async (c, next) => { c.set('memory', memoryFor(c.get('user').id)); await next() })`,
    `${scoped}function f(req) { const memory = memoryFor(req.user.id); return memory.getAll() }`,
    `${scoped}function f(req) { let memory; memory = memoryFor(req.user.id); return memory }`,
    `${scoped}class Chat { constructor(userId) { this.memory = memoryFor(userId) } }`,
    `${scoped}als.run({ memory: memoryFor(id) }, next)`,
    `function f(req) { const { memory } = req; return memory.getAll() }`,
    // A script: nothing runs after it
    `${scoped}const memory = new ScopedMemory(process.argv[2]); await memory.add('I like tea'); console.log(await memory.getAll())`,
    // The factory and the client are for everybody
    `${scoped}export { memoryFor }`,
    `${scoped}exports.memoryFor = memoryFor`,
    `${scoped}module.exports = { memoryFor }`,
    `${scoped}app.locals.memoryFor = memoryFor; globalThis.memoryFor = memoryFor`,
    // A cache keyed by the very id, or weakly by the request
    `${scoped}const cache = new Map(); function f(userId) { const memory = memoryFor(userId); cache.set(userId, memory); return memory }`,
    `${scoped}const cache = new Map(); function f(req) { cache.set(req.user.id, memoryFor(req.user.id)) }`,
    `${scoped}const cache = new Map(); function f(id) { const memory = memoryFor(id); cache.set(memory.userId, memory) }`,
    `${scoped}const cache = new WeakMap(); function f(req) { cache.set(req, memoryFor(req.user.id)) }`,
    `${scoped}function f(ids) { const own = new Map(); for (const id of ids) own.set('x', memoryFor(id)); return own }`,
    // Other things called memory
    `let usage; setInterval(() => { usage = process.memory }, 1000)`,
    `app.locals.memory = new Map(); globalThis.memory = os.totalmem()`,
    `import { ScopedMemory } from './own'; export const memory = new ScopedMemory('x')`,
    {
      code: `${scoped}export const memory = new ScopedMemory(id)`,
      options: [{ allowIn: ['scripts/**'] }],
      filename: 'scripts/a.ts',
    },
  ],
  invalid: [
    kept('module', `export const memory = «new ScopedMemory(id)»`),
    kept('module', `const memory = «memoryFor(id)»; export { memory }`),
    kept('module', `export default «new ScopedMemory(id)»`),
    kept('module', `const memory = «memoryFor(id)»; app.get('/', () => memory.getAll())`),
    kept(
      'module',
      `let current; app.use((req) => { «current = memoryFor(req.user.id)» }); app.get('/', () => current.getAll())`,
    ),
    kept('module', `let first; const get = (req) => («first ??= memoryFor(req.user.id)»)`),
    kept('module', `const state = {}; app.use((req) => { «state.memory = memoryFor(req.user.id)» })`),
    kept('module', `const all = []; app.use((req) => { «all.push(memoryFor(req.user.id))» })`),
    kept('module', `class Chat { static memory = «memoryFor(id)» }`),
    invalid(`let current; app.use((req) => { «current = req.memory» })`, { messageId: 'module', data: {} }),
    invalid(`let current; app.use((c) => { «current = c.var.memory» })`, { messageId: 'module', data: {} }),
    invalid(
      `import { getMemory } from '@scoped-memory/middleware/express'; let current; app.use((req) => { «current = getMemory(req)» })`,
      { messageId: 'module', data: {} },
    ),
    kept('module', `app.use((req) => { «exports.memory = memoryFor(req.user.id)» })`),
    kept('module', `app.use((req) => { «module.exports.memory = memoryFor(req.user.id)» })`),
    kept('global', `app.use((req) => { «globalThis.memory = memoryFor(req.user.id)» })`),
    kept('application', `app.use((req) => { «app.locals.memory = memoryFor(req.user.id)» })`),
    kept('application', `app.use((req) => { «req.app.locals.memory = memoryFor(req.user.id)» })`),
    kept('application', `app.use((ctx) => { «ctx.app.context.memory = memoryFor(ctx.state.user.id)» })`),
    kept('application', `const start = (id) => «fastify.decorate('memory', memoryFor(id))»`),
    kept('session', `app.use((req) => { «req.session.memory = memoryFor(req.user.id)» })`),
    kept('socket', `app.use((req) => { «req.socket.memory = memoryFor(req.user.id)» })`),
    kept(
      'cacheKey',
      `const cache = new Map(); app.use((req) => { «cache.set(req.ip, memoryFor(req.user.id))» })`,
      {
        key: 'req.ip',
      },
    ),
    kept(
      'cacheKey',
      `const cache = {}; app.use((req) => { «cache[req.user.name] = memoryFor(req.user.id)» })`,
      {
        key: 'req.user.name',
      },
    ),
    kept('enterWith', `app.use((req) => { «als.enterWith({ memory: memoryFor(req.user.id) })» })`),
  ],
})
