import { type InvalidCase, invalid, testRule } from '../rule-tester.ts'
import { byIdCases } from '../suggestions/by-id.ts'

const hosted = `import { MemoryClient } from 'mem0ai'\nconst client = new MemoryClient({ apiKey })\n`
const oss = `import { Memory } from 'mem0ai/oss'\nconst memory = new Memory()\n`

const inOptions = '{ userId }'
const inFilters = '{ filters: { user_id: userId } }'
const writes: Readonly<Record<string, string>> = {
  add: inOptions,
  deleteAll: inOptions,
  search: inFilters,
  getAll: inFilters,
}

/** A call on the hosted client that is reported for one reason. */
const leak = (code: string, messageId: string, method: string, given = ''): InvalidCase =>
  invalid(`${hosted}${code}`, { messageId, data: { method, given, write: writes[method] ?? '' } })

/** A call by memory id: whatever the way to the client, this is what is reported. */
const byId = (code: string): InvalidCase =>
  invalid(code, { messageId: 'bareMemoryId', data: { method: 'get' } })

/** Every way to hold a client; what is marked is the by-id call on it. */
const waysToClient = [
  `import Mem0 from 'mem0ai'; const client = new Mem0({}); «client.get»(id)`,
  `import { MemoryClient as Mem0 } from 'mem0ai'; «new Mem0({}).get»(id)`,
  `import * as mem0 from 'mem0ai'; «new mem0.MemoryClient({}).get»(id)`,
  `import mem0 = require('mem0ai'); «new mem0.MemoryClient({}).get»(id)`,
  `const MemoryClient = require('mem0ai').default; «new MemoryClient({}).get»(id)`,
  `const { MemoryClient } = require('mem0ai'); «new MemoryClient({}).get»(id)`,
  `const { default: Client } = await import('mem0ai'); «new Client({}).get»(id)`,
  `import('mem0ai').then(({ MemoryClient }) => «new MemoryClient({}).get»(id))`,
  `import { Memory } from 'mem0ai/oss'; «Memory.fromConfig({}).get»(id)`,
  `import { Memory } from 'mem0ai/oss'; class Own extends Memory {} «new Own().get»(id)`,
  `${hosted}class Own extends MemoryClient { find() { return «super.get»(id) } }`,
  `import { MemoryClient } from 'mem0ai'; const c = key ? new MemoryClient({}) : null; «c?.get»(id)`,
  `import { MemoryClient } from 'mem0ai'; let c; function f() { c ??= new MemoryClient({}); return «c.get»(id) }`,
  `import { MemoryClient } from 'mem0ai'; class A { c = new MemoryClient({}); f() { return «this.c.get»(id) } }`,
  `import { MemoryClient } from 'mem0ai'; class A { #c; constructor() { this.#c = new MemoryClient({}) } f() { return «this.#c.get»(id) } }`,
  `import type { MemoryClient } from 'mem0ai'; class A { constructor(private c: MemoryClient) {} f() { return «this.c.get»(id) } }`,
  `import { MemoryClient } from 'mem0ai'; class A { static c; static get() { return (this.c ??= new MemoryClient({})) } } «A.get().get»(id)`,
  `import { MemoryClient } from 'mem0ai'; const make = () => new MemoryClient({}); «make().get»(id)`,
  `import { MemoryClient } from 'mem0ai'; const make = async () => new MemoryClient({}); «(await make()).get»(id)`,
  `import { MemoryClient } from 'mem0ai'; const make = cache(() => new MemoryClient({})); «make().get»(id)`,
  `import { MemoryClient } from 'mem0ai'; const services = { get mem0() { return new MemoryClient({}) } }; «services.mem0.get»(id)`,
  `import { MemoryClient } from 'mem0ai'; globalThis.mem0 = new MemoryClient({}); «globalThis.mem0.get»(id)`,
  `import { MemoryClient } from 'mem0ai'; app.locals.mem0 = new MemoryClient({}); app.get('/', (req) => «req.app.locals.mem0.get»(id))`,
  `import { MemoryClient } from 'mem0ai'; const clients = new Map<string, MemoryClient>(); «clients.get(tenant)!.get»(id)`,
  `import { MemoryClient } from 'mem0ai'; const clients = {}; clients[tenant] = new MemoryClient({}); «clients[tenant].get»(id)`,
  `import { MemoryClient } from 'mem0ai'; for (const c of [new MemoryClient({})]) «c.get»(id)`,
  `import type { MemoryClient } from 'mem0ai'; function f({ mem0 }: { mem0: MemoryClient }) { return «mem0.get»(id) }`,
  `import type { MemoryClient } from 'mem0ai'; interface Deps { open(): Promise<MemoryClient> } async function f(deps: Deps) { const c = await deps.open(); return «c.get»(id) }`,
  `function f(c: import('mem0ai').MemoryClient) { return «c.get»(id) }`,
  `import type { MemoryClient } from 'mem0ai'; «(held as MemoryClient).get»(id)`,
  `import { MemoryClient } from 'mem0ai'; function f(c) { return «c.get»(id) } f(new MemoryClient({}))`,
  `import { MemoryClient } from 'mem0ai'; const use = (fn) => fn(new MemoryClient({})); use((c) => «c.get»(id))`,
  `import { MemoryClient } from 'mem0ai'; const c = moduleRef.get(MemoryClient); «c.get»(id)`,
  `import { MemoryClient } from 'mem0ai'; const c = new Proxy(new MemoryClient({}), {}); «c.get»(id)`,
  `import { MemoryClient } from 'mem0ai'; const c = Reflect.construct(MemoryClient, [{}]); «c.get»(id)`,
  `import type { MemoryClient } from 'mem0ai'; function f<C extends MemoryClient>(c: C) { return «c.get»(id) }`,
  `import type { MemoryClient } from 'mem0ai'; function f(all: Record<string, MemoryClient>) { return «all.eu.get»(id) }`,
  `import type { MemoryClient } from 'mem0ai'; function f(all: Record<string, MemoryClient>) { Object.values(all).forEach((c) => «c.get»(id)) }`,
  `import type { MemoryClient } from 'mem0ai'; const use = (fn: (c: MemoryClient) => unknown) => fn(held); use((c) => «c.get»(id))`,
  `import type { MemoryClient } from 'mem0ai'; const client = useRef<MemoryClient>(null).current; «client.get»(id)`,
  `import { MemoryClient } from 'mem0ai'; app.decorate('mem0', new MemoryClient({})); «app.mem0.get»(id)`,
  `import { MemoryClient } from 'mem0ai'; app.use((c) => c.set('mem0', new MemoryClient({}))); app.get('/', (c) => «c.get('mem0').get»(id))`,
  `import { MemoryClient } from 'mem0ai'; function Service() { this.c = new MemoryClient({}) } Service.prototype.f = function () { return «this.c.get»(id) }`,
  `import { MemoryClient } from 'mem0ai'; const service = { c: new MemoryClient({}), f() { return «this.c.get»(id) } }`,
  `import { MemoryClient } from 'mem0ai'; const [c] = await Promise.all([new MemoryClient({}), ready()]); «c.get»(id)`,
  `import { MemoryClient } from 'mem0ai'; const { rest } = { rest: new MemoryClient({}) }; «rest.get»(id)`,
]

/** Every way to write the call. */
const waysToCall = [
  `${hosted}«client['get']»(id)`,
  `${hosted}const name = 'get'; «client[name]»(id)`,
  `${hosted}«client?.get»?.(id)`,
  `${hosted}const { get } = client; «get»(id)`,
  `${hosted}const { get: read } = client; «read»(id)`,
  `${hosted}const read = client.get.bind(client); «read»(id)`,
  `${hosted}«client.get.call»(client, id)`,
  `${hosted}«client.get.apply»(client, [id])`,
  `${hosted}«Reflect.apply»(client.get, client, [id])`,
  `${hosted}«Reflect.get(client, 'get').call»(client, id)`,
  `${hosted}ids.map(«client.get»)`,
]

const unmarked = (code: string): string => code.replaceAll(/[«»]/g, '')

testRule('require-user-scope', {
  valid: [
    // The user, however it is passed
    `${hosted}client.add(messages, { userId })`,
    `${hosted}client.add(messages, { user_id: user.id, metadata })`,
    `${hosted}client.add(messages, { ...options, userId })`,
    `${hosted}client.add(messages, { userId, ...(runId && { runId }) })`,
    `${hosted}client.add(messages, { userId, ...(runId ? { runId } : {}) })`,
    `${hosted}const { userId, ...rest } = options; client.add(messages, { userId, ...rest })`,
    `${hosted}function save(messages, options: { limit: number }) { client.add(messages, { userId, ...options }) }`,
    `${hosted}client.search(query, { filters: { user_id: userId } })`,
    `${hosted}client.search(query, { filters: { user_id: userId, run_id: '*' } })`,
    `${hosted}client.search(query, { filters: { AND: [{ user_id: userId }, { run_id: runId }] } })`,
    `${hosted}client.search(query, { filters: { AND: [{ user_id: userId }, { OR: [{ app_id: 'a' }, { app_id: 'b' }] }] } })`,
    `${hosted}client.search(query, { filters: { OR: [{ user_id: userId }] } })`,
    `${hosted}client.search(query, { filters: { OR: [{ user_id: userId, run_id: 'a' }, { user_id: userId, run_id: 'b' }] } })`,
    `${hosted}client.search(query, { filters: { user_id: userId, NOT: [{ run_id: 'a' }] } })`,
    `${hosted}client.search(query, { filters: { user_id: { eq: userId } } })`,
    `${hosted}client.search(query, { filters: { user_id: { in: [userId] } } })`,
    `${hosted}client.search(query, { user_id: userId })`,
    `${hosted}client.getAll({ user_id: userId, page: 1 })`,
    `${hosted}client.deleteAll({ userId })`,
    `${hosted}client.createMemoryExport({ schema, filters: { user_id: userId } })`,
    `${hosted}client.getProfile({ entityId: userId })`,
    `${hosted}client.ping()`,
    `${oss}memory.add(text, { filters: { user_id: userId } })`,
    `${oss}memory.search(query, { userId })`,
    `import { MemoryVectorStore } from 'mem0ai/oss'; new MemoryVectorStore({}).search(vector, 5, { user_id: userId })`,
    // Options and filters that are built elsewhere
    `${hosted}const options = {}; if (userId) options.user_id = userId; client.add(messages, options)`,
    `${hosted}const options = {}; options.filters = { user_id: userId }; client.search(query, options)`,
    `${hosted}const filters = {}; filters.user_id = userId; client.search(query, { filters })`,
    `${hosted}const options = { filters: {} }; options.filters.user_id = userId; client.search(query, options)`,
    `${hosted}const filtersFor = (userId) => ({ user_id: userId }); client.search(query, { filters: filtersFor(userId) })`,
    `${hosted}const list = [{ user_id: userId }]; list.push({ run_id }); client.search(query, { filters: { AND: list } })`,
    `${hosted}client.search(query, { filters: { AND: [{ user_id: userId }, ...(runId ? [{ run_id: runId }] : [])] } })`,
    `${hosted}client.add(messages, Object.assign({}, defaults, { userId }))`,
    // Unverifiable, and quiet by default
    `${hosted}export const search = (query, options) => client.search(query, options)`,
    `${hosted}client.search(...args)`,
    `${hosted}client.add(messages, optionsOf(user))`,
    `${hosted}client.search(query, { filters: userId ? { user_id: userId } : undefined })`,
    // An id that is shown to be the user's own
    `${hosted}const { results } = await client.getAll({ filters: { user_id: userId } }); for (const memory of results) await client.delete(memory.id)`,
    `${hosted}const mine = await client.search(query, { filters: { user_id: userId } }); await Promise.all(mine.results.map(({ id }) => client.history(id)))`,
    `${hosted}async function remove(id) {
      const { results } = await client.getAll({ filters: { user_id: userId } })
      if (!results.some((memory) => memory.id === id)) throw new Error('not found')
      await client.delete(id)
    }`,
    `${hosted}async function edit(id, text) {
      const memory = await client.get(id)
      if (memory.userId !== userId) throw new Error('not found')
      await client.update(id, { text })
    }`,
    `${hosted}const all = []; const mine = await client.getAll({ user_id: userId }); all.push(...mine.results); for (const { id } of all) await client.delete(id)`,
    `${hosted}const mine = await client.getAll({ user_id: userId }); await client.batchDelete([...mine.results.map(({ id }) => id)])`,
    `${hosted}const [added] = await client.add(messages, { userId }); await client.get(added.id)`,
    `${hosted}async function trail(id) {
      const memory = await client.get(id).catch(() => null)
      if (memory?.user_id !== userId) throw new Error('not found')
      return client.history(id)
    }`,
    `${hosted}export const search = (query, { userId, ...rest }) => client.search(query, { user_id: userId, ...rest })`,
    // Code that leads back to itself
    `${hosted}let rows = {}; rows = { ...rows, id }; rows.get(id)`,
    `${hosted}class A { static next = A.next; own = this.own; f() { return this.own.get(id) } } A.next.get(id)`,
    `${hosted}const a = b; const b = a; a.get(id); function f() { return f() } f().get(id)`,
    `${hosted}class Loop extends Loop {} new Loop().get(id)`,
    // Not a mem0 client
    `${hosted}const map = new Map(); map.get('a'); map.delete('a'); new Headers().get('x'); params.getAll('a')`,
    `${hosted}prisma.memory.delete({ where: { id } }); redis.get(id); axios.get(url); router.delete('/:id', handler)`,
    `import { MemoryClient } from '@acme/memory'; import 'mem0ai'; new MemoryClient().get(id)`,
    `import { MemoryClient } from './mem0ai'; new MemoryClient().get(id)`,
    `class MemoryClient { get(id) {} } new MemoryClient().get('mem0ai')`,
    `import type { Memory } from 'mem0ai'; function read(memory: Memory) { return memory.get('x') }`,
    `import { MemoryNotFoundError } from 'mem0ai'; new MemoryNotFoundError().get(id)`,
    `${hosted}class UserMemory { search(query) { return client.search(query, { filters: { user_id: this.userId } }) } } new UserMemory().search('q')`,
    `import { ScopedMemory } from '@scoped-memory/core'; import { MemoryClient } from 'mem0ai'
     const memory = new ScopedMemory(userId, { client: new MemoryClient({ apiKey }) })
     memory.add(messages, { agentId: 'assistant' }); memory.search('q'); memory.get(id); memory.deleteAll()`,
    // The host of a client is a setting, not a request
    `import { MemoryClient } from 'mem0ai'; new MemoryClient({ apiKey, host: 'https://api.mem0.ai' })`,
    `const host = process.env.MEM0_HOST ?? 'https://api.mem0.ai'; export default host`,
    `const policy = "connect-src https://api.mem0.ai"`,
    `fetch('https://api.mem0.ai/v1/ping/')`,
    // Looked at, not called
    `${hosted}expect(client.get).toHaveBeenCalled(); vi.spyOn(client, 'delete')`,
    // What is suggested in place of a call by id
    ...byIdCases.map(({ output }) => output),
    // The same ways to a client of another make, and to a call that names its user
    ...[...waysToClient, ...waysToCall].map((code) => unmarked(code).replaceAll('mem0ai', '@acme/memory')),
    ...waysToClient.map((code) =>
      code.replace(/«(.*)\.get»\(id\)/, '$1.getAll({ filters: { user_id: userId } })'),
    ),
    // Options
    {
      code: `${hosted}client.users()`,
      options: [{ allowIn: ['src/admin/**'] }],
      filename: 'src/admin/purge.ts',
    },
    {
      code: `${hosted}client.users()`,
      options: [{ allowIn: ['**/*.test.ts'] }],
      filename: 'src/deep/a.test.ts',
    },
    {
      name: 'another client, described by data',
      code: `import { Index } from '@acme/vectors'; new Index().query({ namespace: tenantId, vector })`,
      options: [
        {
          clients: [
            {
              modules: ['@acme/vectors'],
              classes: ['Index'],
              userKeys: ['namespace'],
              methods: { query: { kind: 'scoped', argument: 0, at: [''] }, fetch: { kind: 'byId' } },
            },
          ],
        },
      ],
    },
  ],
  invalid: [
    // No user
    leak(`«client.add»(messages)`, 'missingUser', 'add'),
    leak(`«client.add»(messages, { metadata })`, 'missingUser', 'add'),
    leak(`«client.add»(messages, { metadata: { user_id: user } })`, 'missingUser', 'add'),
    leak(`«client.search»('q')`, 'missingUser', 'search'),
    leak(`«client.search»('q', undefined)`, 'missingUser', 'search'),
    leak(`«client.search»('q', { filters: {} })`, 'missingUser', 'search'),
    leak(`const options = { topK: 3 }; «client.search»('q', options)`, 'missingUser', 'search'),
    leak(`«client.getAll»()`, 'missingUser', 'getAll'),
    leak(`«client.deleteAll»({})`, 'missingUser', 'deleteAll'),
    leak(`«client.add»(messages, { agentId: 'bot' })`, 'otherScope', 'add', 'agentId'),
    leak(`«client.search»('q', { filters: { run_id: 'r' } })`, 'otherScope', 'search', 'run_id'),
    leak(`«client.search»('q', { filters: { AND: [{ app_id: 'a' }] } })`, 'otherScope', 'search', 'app_id'),
    leak(
      `«client.search»('q', { filters: user ? { user_id: user } : { agent_id: 'a' } })`,
      'otherScope',
      'search',
      'agent_id',
    ),
    // A user where the method does not read one
    leak(`«client.add»({ messages, user_id: user })`, 'ignoredUser', 'add'),
    leak(`«client.search»({ query, user_id: user })`, 'ignoredUser', 'search'),
    leak(`«client.search»('q', user.id)`, 'ignoredUser', 'search'),
    leak(`«client.getAll»('alice')`, 'ignoredUser', 'getAll'),
    leak(`«client.add»(messages, { filters: { user_id: user } })`, 'ignoredUser', 'add'),
    leak(`«client.deleteAll»({ filters: { user_id: user } })`, 'ignoredUser', 'deleteAll'),
    // No user after all
    leak(`«client.add»(messages, { userId: undefined })`, 'undefinedUser', 'add'),
    leak(`«client.add»(messages, { userId: '' })`, 'undefinedUser', 'add'),
    leak(`let user; «client.add»(messages, { userId: user })`, 'undefinedUser', 'add'),
    // Everybody, or more than one
    leak(`«client.search»('q', { filters: { user_id: '*' } })`, 'wildcardUser', 'search'),
    leak(`const ANY = '*'; «client.search»('q', { filters: { user_id: ANY } })`, 'wildcardUser', 'search'),
    leak(`«client.search»('q', { filters: { user_id: user ?? '*' } })`, 'wildcardUser', 'search'),
    leak(`«client.search»('q', { filters: { user_id: { in: ['a', 'b'] } } })`, 'severalUsers', 'search'),
    leak(`«client.search»('q', { filters: { user_id: { in: ids } } })`, 'severalUsers', 'search'),
    leak(`«client.search»('q', { filters: { user_id: ['a', 'b'] } })`, 'severalUsers', 'search'),
    leak(
      `«client.search»('q', { filters: { AND: [{ user_id: a }, { user_id: b }] } })`,
      'severalUsers',
      'search',
    ),
    leak(`«client.search»('q', { filters: { user_id: { ne: user } } })`, 'widenedFilter', 'search'),
    leak(`«client.search»('q', { filters: { NOT: [{ user_id: user }] } })`, 'widenedFilter', 'search'),
    leak(
      `«client.search»('q', { filters: { OR: [{ user_id: user }, { agent_id: 'a' }] } })`,
      'widenedFilter',
      'search',
    ),
    leak(`«client.add»(messages, { userId: user, ...options })`, 'overridableUser', 'add'),
    leak(`«client.search»('q', { filters: { user_id: user, ...filters } })`, 'overridableUser', 'search'),
    // Ids that only look like the user's own
    ...[
      `const all = await client.getAll({ filters: { user_id: userId } }); «client.get»(id)`,
      `async function f(id) { const memory = await client.search('q', { user_id: userId }); if (memory.userId !== userId) return; «client.get»(id) }`,
      `async function f(id) { const memory = await load(id); if (memory.userId !== userId) return; «client.get»(id) }`,
      `const all = []; all.push(...mine.results, ...request.ids); for (const id of all) «client.get»(id)`,
    ].map((code) => byId(`${hosted}${code}`)),
    // Project-wide, internals, raw requests
    ...['users', 'deleteUsers', 'createWebhook', 'updateProject', 'sampleProfiles'].map((method) =>
      invalid(`${hosted}«client.${method}»({ userId })`, { messageId: 'projectWide', data: { method } }),
    ),
    invalid(`${oss}«memory.reset»()`, { messageId: 'projectWide', data: { method: 'reset' } }),
    invalid(`${hosted}«client.client».get('/v1/memories/')`, {
      messageId: 'internals',
      data: { method: 'client' },
    }),
    invalid(`${hosted}«client._fetchWithErrorHandling»(url, {})`, {
      messageId: 'internals',
      data: { method: '_fetchWithErrorHandling' },
    }),
    invalid(`${oss}«memory.vectorStore».list()`, { messageId: 'internals', data: { method: 'vectorStore' } }),
    invalid(`fetch(«'https://api.mem0.ai/v1/memories/'»)`, {
      messageId: 'rawUrl',
      data: { host: 'api.mem0.ai' },
    }),
    invalid("const base = «'https://api.mem0.ai'»; fetch(`${base}/v1/memories/`)", {
      messageId: 'rawUrl',
      data: { host: 'api.mem0.ai' },
    }),
    ...[...waysToClient, ...waysToCall].map(byId),
    // Options
    {
      ...invalid(`${hosted}«client.search»(query, options)`, {
        messageId: 'unverifiable',
        data: { method: 'search', write: inFilters },
      }),
      options: [{ allowUnverifiable: false }],
    },
    {
      ...invalid(`${hosted}setTimeout(«client.deleteAll», 10)`, {
        messageId: 'unverifiable',
        data: { method: 'deleteAll', write: inOptions },
      }),
      options: [{ allowUnverifiable: false }],
    },
    {
      ...invalid(`${hosted}«client.users»()`, { messageId: 'projectWide', data: { method: 'users' } }),
      options: [{ allowIn: ['src/admin/**'] }],
      filename: 'src/api/users.ts',
    },
    {
      ...invalid(`import { Index } from '@acme/vectors'; «new Index().query»({ vector })`, {
        messageId: 'clientMissingUser',
        data: { method: 'query', write: '{ namespace: userId }' },
      }),
      options: [
        {
          clients: [
            {
              modules: ['@acme/vectors'],
              classes: ['Index'],
              userKeys: ['namespace'],
              methods: { query: { kind: 'scoped', argument: 0, at: [''] } },
            },
          ],
        },
      ],
    },
    // Suggestions, where one thing is right
    ...byIdCases.map(({ code, method, handle, output }) =>
      invalid(code, {
        messageId: 'bareMemoryId',
        data: { method },
        suggests: { messageId: 'useHandle', data: { handle }, output },
      }),
    ),
    invalid(`${hosted}function f(userId) { «client.search»('q', { topK: 3 }) }`, {
      messageId: 'missingUser',
      data: { method: 'search', write: inFilters },
      suggests: {
        messageId: 'addUser',
        data: { write: inFilters },
        output: `${hosted}function f(userId) { client.search('q', { topK: 3, filters: { user_id: userId } }) }`,
      },
    }),
    invalid(`${hosted}function f(user_id) { «client.add»(messages) }`, {
      messageId: 'missingUser',
      data: { method: 'add', write: inOptions },
      suggests: {
        messageId: 'addUser',
        data: { write: '{ userId: user_id }' },
        output: `${hosted}function f(user_id) { client.add(messages, { userId: user_id }) }`,
      },
    }),
    invalid(`${hosted}function f(userId) { «client.getAll»({ filters: { run_id } }) }`, {
      messageId: 'otherScope',
      data: { method: 'getAll', given: 'run_id', write: inFilters },
      suggests: {
        messageId: 'addUser',
        data: { write: inFilters },
        output: `${hosted}function f(userId) { client.getAll({ filters: { run_id, user_id: userId } }) }`,
      },
    }),
    invalid(`${hosted}function f(userId) { «client.deleteAll»() }`, {
      messageId: 'missingUser',
      data: { method: 'deleteAll', write: inOptions },
      suggests: {
        messageId: 'addUser',
        data: { write: inOptions },
        output: `${hosted}function f(userId) { client.deleteAll({ userId }) }`,
      },
    }),
    invalid(
      `${hosted}import '@scoped-memory/middleware/express'\napp.get('/:id', (req, res) => «client.get»(req.params.id))`,
      {
        messageId: 'bareMemoryId',
        data: { method: 'get' },
        suggests: {
          messageId: 'useHandle',
          data: { handle: 'req.memory' },
          output: `${hosted}import '@scoped-memory/middleware/express'\napp.get('/:id', (req, res) => req.memory.get(req.params.id))`,
        },
      },
    ),
    invalid(
      `${hosted}import { ScopedMemory } from '@scoped-memory/core'\nfunction f(id) { const own = new ScopedMemory(id); «client.search»('q') }`,
      {
        messageId: 'missingUser',
        data: { method: 'search', write: inFilters },
        suggests: {
          messageId: 'useHandle',
          data: { handle: 'own' },
          output: `${hosted}import { ScopedMemory } from '@scoped-memory/core'\nfunction f(id) { const own = new ScopedMemory(id); own.search('q') }`,
        },
      },
    ),
  ],
})
