/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-call,
   @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return
   -- flawed code is code without types */
import { setTimeout as sleep } from 'node:timers/promises'
import { ScopedMemory } from '../../src/index.ts'
import {
  createInMemoryClient,
  type InMemoryClient,
  type InMemoryRow,
  type MemoryHandle,
} from '../../src/testing/index.ts'

type Data = Record<string, any>
type Methods = Record<string, unknown>

/** A stack with one mistake, and the checks that must fail for it. */
export interface FlawedStack {
  readonly mistake: string
  readonly failing: readonly string[]
  readonly createMemory: () => (userId: string) => MemoryHandle
}

/** A stack that is correct except for the given methods. */
function flawed(
  mistake: string,
  failing: readonly string[],
  methods: (client: InMemoryClient, userId: string, memory: ScopedMemory) => Methods,
): FlawedStack {
  return {
    mistake,
    failing,
    createMemory() {
      const client = createInMemoryClient()
      return (userId) => {
        const memory = new ScopedMemory(userId, { client })
        return { ...bound(memory), ...methods(client, userId, memory) } as unknown as MemoryHandle
      }
    },
  }
}

function bound(memory: ScopedMemory): Methods {
  const names = Object.getOwnPropertyNames(ScopedMemory.prototype) as (keyof ScopedMemory)[]
  return Object.fromEntries(
    names
      .filter((name) => typeof memory[name] === 'function')
      .map((name) => [name, (memory[name] as () => unknown).bind(memory)]),
  )
}

const readingBy = (read: (options: Data) => Promise<unknown>): Methods => ({
  search: (_query: string, options: Data = {}) => read(options),
  getAll: (options: Data = {}) => read(options),
})

async function everything(client: InMemoryClient): Promise<InMemoryRow[]> {
  return (await client.getAll({ filters: { user_id: '*' }, topK: 1000 })).results
}

export const FLAWED_STACKS: readonly FlawedStack[] = [
  flawed(
    'takes the user of a read from its options',
    [
      'an option that names a user does not choose whose memories are read',
      'options that inherit, hide or change a user do not choose one',
    ],
    (client, userId) =>
      readingBy((options) =>
        client.getAll({ filters: { user_id: options['userId'] ?? options['user_id'] ?? userId } }),
      ),
  ),
  flawed(
    'copies options by assignment, which turns an own __proto__ into the prototype',
    ['a __proto__ in parsed JSON options names no user and changes no other object'],
    (client, userId) =>
      readingBy((options) =>
        client.getAll({ filters: { user_id: Object.assign<Data, Data>({}, options)['user_id'] ?? userId } }),
      ),
  ),
  flawed(
    'deletes the user who is named beside an id',
    ['an option that names a user does not turn the deletion of one memory into the deletion of others'],
    (client, _userId, memory) => ({
      delete: (id: string, options: Data = {}) =>
        typeof options['userId'] === 'string'
          ? client.deleteAll({ userId: options['userId'] })
          : memory.delete(id),
    }),
  ),
  flawed(
    'takes the owner of a new memory from its metadata',
    ['messages and metadata that name another user are stored for their author only'],
    (client, userId) => ({
      add: (messages: string, options: Data = {}) =>
        client.add(messages, { ...options, userId: options['metadata']?.user_id ?? userId }),
    }),
  ),
  flawed(
    'stores a change under the user named in it',
    ['an update cannot give a memory to another user'],
    (client, userId, memory) => ({
      async update(id: string, change: Data) {
        await memory.delete(id)
        return client.add(change['text'] as string, { userId: change['user_id'] ?? userId })
      },
    }),
  ),
  flawed(
    'writes page into the query string unescaped',
    ['page numbers are numbers, not parts of a request'],
    (client, userId) => ({
      getAll: async (options: Data = {}) => {
        const { searchParams } = new URL(`http://mem0/?user_id=${userId}&page=${options['page'] ?? 1}`)
        return client.getAll({ filters: { user_id: searchParams.getAll('user_id').at(-1) } })
      },
    }),
  ),
  flawed(
    "treats a record without an owner as the user's",
    ['asking for other fields returns nobody else'],
    (client, userId) =>
      readingBy(async ({ fields }) => {
        const rows = (await everything(client)) as unknown as Data[]
        const picked = rows.map((row) =>
          Array.isArray(fields) ? Object.fromEntries(fields.map((name) => [name, row[name as string]])) : row,
        )
        return { results: picked.filter(({ user_id }) => user_id === undefined || user_id === userId) }
      }),
  ),
  flawed(
    'adds the user to a filter only when the filter names none',
    [
      'a filter does not choose another user',
      'a filter does not choose several users or all of them',
      'OR does not add another user',
      'NOT does not select every other user',
      "the store's own operators do not reach it",
    ],
    (client, userId) =>
      readingBy(({ filters }) =>
        client.getAll({
          filters: JSON.stringify(filters ?? {}).includes('user_id')
            ? { user_id: '*', ...filters }
            : { ...filters, user_id: userId },
        }),
      ),
  ),
  flawed(
    'concatenates keys and values into a query',
    ['a filter key is a name, not part of a query', 'a filter value is data, not part of a query'],
    (client, userId) =>
      readingBy(async ({ filters = {} }) => {
        const query = [['user_id', userId], ...Object.entries(filters as Data)]
          .map(([key, value]) => `${key} = ${value}`)
          .join(' AND ')
        const holds = (row: Data, condition: string): boolean => {
          const [, key, operator, value] = /^(\w+) (!?=) "?([^"]*)"?$/.exec(condition) ?? []
          const stored = { ...row, ...row['metadata'] }[key!] as unknown
          return key !== undefined && (operator === '=') === (stored === value)
        }
        const rows = await everything(client)
        return {
          results: rows.filter((row) =>
            query.split(' OR ').some((all) => all.split(' AND ').every((one) => holds(row, one))),
          ),
        }
      }),
  ),
  flawed(
    'deletes every user on deleteAll and erase',
    ['deleteAll leaves other users alone', 'erase leaves other users alone'],
    (client) => ({ deleteAll: () => client.reset(), erase: () => client.reset() }),
  ),
  flawed('exports every user', ['list and exportAll yield no other user'], (client) => ({
    async *exportAll() {
      for (const memory of await everything(client)) yield { memory, history: [] }
    },
  })),
  flawed(
    'makes a handle for a user named in the scope',
    ['a handle cannot be narrowed to another user'],
    (client, userId, memory) => ({
      within: (scope: Data) =>
        scope['userId'] === undefined
          ? memory.within(scope)
          : new ScopedMemory((scope['userId'] as string) ?? userId, { client }),
    }),
  ),
  flawed(
    'does not narrow',
    [
      'a narrowed handle reaches nothing outside its run',
      'deleting on a narrowed handle leaves everything outside its run',
      'a narrowed handle works within its run',
    ],
    (_client, _userId, memory) => ({ within: () => memory }),
  ),
  flawed(
    'exposes its client and one of its methods',
    ['a handle exposes nothing beyond its user'],
    (client) => ({
      client,
      users: () => everything(client),
    }),
  ),
  {
    mistake: 'keeps the user in a property',
    failing: ['the user of a handle cannot be changed'],
    createMemory() {
      const client = createInMemoryClient()
      return (id) => {
        const handle: Data = { userId: id }
        for (const name of Object.keys(bound(new ScopedMemory(id, { client })))) {
          handle[name] = (...args: unknown[]) =>
            (new ScopedMemory(handle['userId'] as string, { client }) as unknown as Data)[name](...args)
        }
        return handle as MemoryHandle
      }
    },
  },
  {
    mistake: 'keeps the current user in a variable shared by all handles',
    failing: ['users served at the same time each get their own memories'],
    createMemory() {
      const client = createInMemoryClient()
      let current = ''
      return (userId) => {
        const memory = new ScopedMemory(userId, { client })
        return {
          ...bound(memory),
          async search(...args: [string]) {
            current = userId
            await sleep(1)
            return new ScopedMemory(current, { client }).search(...args)
          },
        } as unknown as MemoryHandle
      }
    },
  },
  {
    mistake: 'lower-cases user ids',
    failing: ['similar ids are different users', 'ids of every common form are accepted and kept apart'],
    createMemory() {
      const client = createInMemoryClient()
      return (userId) => new ScopedMemory(userId.toLowerCase(), { client })
    },
  },
  {
    mistake: 'keeps memories in the handle',
    failing: ['a user sees the same memories through every handle'],
    createMemory: () => (userId) => new ScopedMemory(userId, { client: createInMemoryClient() }),
  },
  flawed('finds nothing', ['a user finds their own memories', 'search options take effect'], () => ({
    search: async () => ({ results: [] }),
  })),
  flawed(
    'loses nested metadata',
    ['a conversation, a text and metadata can be stored'],
    (_client, _userId, memory) => ({
      add: (messages: string, options: Data = {}) =>
        memory.add(messages, {
          ...options,
          metadata: Object.fromEntries(
            Object.entries((options['metadata'] ?? {}) as Data).filter(
              ([, value]) => typeof value !== 'object',
            ),
          ),
        }),
    }),
  ),
  flawed(
    'reports changes and deletions that it does not make',
    [
      'a user can change, rate and delete single memories and see their history',
      'a user can delete everything',
    ],
    () => ({
      update: async () => ({ message: 'Done' }),
      deleteAll: async () => ({ message: 'Done' }),
    }),
  ),
  flawed('ignores filters', ['filters narrow the results'], (_client, _userId, memory) => ({
    search: (query: string, options: Data = {}) => memory.search(query, { ...options, filters: undefined }),
    getAll: () => memory.getAll(),
  })),
  flawed(
    "writes the user into the caller's options",
    ['options that are frozen or reused stay unchanged'],
    (client, userId) => ({
      search: async (query: string, options: Data = {}) => {
        options['filters'] = Object.assign(options['filters'] ?? {}, { user_id: userId })
        return client.search(query, options)
      },
    }),
  ),
  flawed('exports nothing', ['a user can export everything'], () => ({
    async *exportAll() {},
  })),
]
