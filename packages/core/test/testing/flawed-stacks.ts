/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-call,
   @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return
   -- careless code is code without types */
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

/** A stack with one mistake, and the checks that must find it. */
export interface CarelessStack {
  readonly mistake: string
  readonly found: readonly string[]
  readonly createMemory: () => (userId: string) => MemoryHandle
}

/** A stack that is right but for the methods given. */
function careless(
  mistake: string,
  found: readonly string[],
  methods: (client: InMemoryClient, userId: string, memory: ScopedMemory) => Methods,
): CarelessStack {
  return {
    mistake,
    found,
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

const readOnly = (read: (options: Data) => Promise<unknown>): Methods => ({
  search: (_query: string, options: Data = {}) => read(options),
  getAll: (options: Data = {}) => read(options),
})

async function everything(client: InMemoryClient): Promise<InMemoryRow[]> {
  return (await client.getAll({ filters: { user_id: '*' }, topK: 1000 })).results
}

export const CARELESS_STACKS: readonly CarelessStack[] = [
  careless(
    'takes the user from the options of a read',
    [
      'an option that names a user does not choose whose memories are read',
      'options that inherit, hide or change a user do not choose one',
    ],
    (client, userId) =>
      readOnly((options) =>
        client.getAll({ filters: { user_id: options['userId'] ?? options['user_id'] ?? userId } }),
      ),
  ),
  careless(
    'copies options by assignment, which makes an own __proto__ the prototype',
    ['a __proto__ in options that came as JSON names no user and changes no other object'],
    (client, userId) =>
      readOnly((options) =>
        client.getAll({ filters: { user_id: Object.assign<Data, Data>({}, options)['user_id'] ?? userId } }),
      ),
  ),
  careless(
    'reads a user beside an id as the user to delete',
    ['an option that names a user does not turn the deletion of one memory into another'],
    (client, _userId, memory) => ({
      delete: (id: string, options: Data = {}) =>
        typeof options['userId'] === 'string'
          ? client.deleteAll({ userId: options['userId'] })
          : memory.delete(id),
    }),
  ),
  careless(
    'reads the owner of a new memory from its metadata',
    ['messages and metadata that name a user are stored for nobody but their author'],
    (client, userId) => ({
      add: (messages: string, options: Data = {}) =>
        client.add(messages, { ...options, userId: options['metadata']?.user_id ?? userId }),
    }),
  ),
  careless(
    'stores a change under the user that the change names',
    ['an update cannot give a memory to another user'],
    (client, userId, memory) => ({
      async update(id: string, change: Data) {
        await memory.delete(id)
        return client.add(change['text'] as string, { userId: change['user_id'] ?? userId })
      },
    }),
  ),
  careless(
    'writes page into the query string as it comes',
    ['page numbers are numbers, not parts of a request'],
    (client, userId) => ({
      getAll: async (options: Data = {}) => {
        const { searchParams } = new URL(`http://mem0/?user_id=${userId}&page=${options['page'] ?? 1}`)
        return client.getAll({ filters: { user_id: searchParams.getAll('user_id').at(-1) } })
      },
    }),
  ),
  careless(
    'counts a record that names no owner as the own',
    ['asking for other fields shows nobody else'],
    (client, userId) =>
      readOnly(async ({ fields }) => {
        const rows = (await everything(client)) as unknown as Data[]
        const picked = rows.map((row) =>
          Array.isArray(fields) ? Object.fromEntries(fields.map((name) => [name, row[name as string]])) : row,
        )
        return { results: picked.filter(({ user_id }) => user_id === undefined || user_id === userId) }
      }),
  ),
  careless(
    'adds the user to a filter only where the filter names none',
    [
      'a filter does not choose another user',
      'a filter does not choose several users, or all of them',
      'OR does not add another user',
      'NOT does not turn the own user into all others',
      'operators of the store do not reach it',
    ],
    (client, userId) =>
      readOnly(({ filters }) =>
        client.getAll({
          filters: JSON.stringify(filters ?? {}).includes('user_id')
            ? { user_id: '*', ...filters }
            : { ...filters, user_id: userId },
        }),
      ),
  ),
  careless(
    'pastes keys and values into a query',
    ['a filter key is a name, not a piece of a query', 'a filter value is data, not a piece of a query'],
    (client, userId) =>
      readOnly(async ({ filters = {} }) => {
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
  careless(
    'deletes everybody on deleteAll and erase',
    ['deleteAll leaves everybody else alone', 'erase leaves everybody else alone'],
    (client) => ({ deleteAll: () => client.reset(), erase: () => client.reset() }),
  ),
  careless('lists and exports everybody', ['list and exportAll yield nobody else'], (client) => ({
    async *exportAll() {
      for (const memory of await everything(client)) yield { memory, history: [] }
    },
  })),
  careless(
    'makes a handle for the user it is narrowed to',
    ['a handle cannot be narrowed into another user'],
    (client, userId, memory) => ({
      within: (scope: Data) =>
        scope['userId'] === undefined
          ? memory.within(scope)
          : new ScopedMemory((scope['userId'] as string) ?? userId, { client }),
    }),
  ),
  careless(
    'narrows nothing',
    [
      'a narrowed handle reaches nothing outside its run',
      'deleting on a narrowed handle leaves the rest',
      'a narrowed handle works within its run',
    ],
    (_client, _userId, memory) => ({ within: () => memory }),
  ),
  careless('shows its client, and a method of it', ['a handle leads to nothing but its user'], (client) => ({
    client,
    users: () => everything(client),
  })),
  {
    mistake: 'keeps the user in a property',
    found: ['the user of a handle cannot be changed'],
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
    mistake: 'keeps the current user in a module variable',
    found: ['users who are served at the same time each get their own'],
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
    mistake: 'writes user ids in lower case',
    found: [
      'ids that resemble each other are different users',
      'ids of every common form are users of their own',
    ],
    createMemory() {
      const client = createInMemoryClient()
      return (userId) => new ScopedMemory(userId.toLowerCase(), { client })
    },
  },
  {
    mistake: 'keeps memories in the handle',
    found: ['a user sees the same memories through every handle of the user'],
    createMemory: () => (userId) => new ScopedMemory(userId, { client: createInMemoryClient() }),
  },
  careless('finds nothing', ['a user finds what the user said', 'options of a search count'], () => ({
    search: async () => ({ results: [] }),
  })),
  careless(
    'loses what is nested in metadata',
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
  careless(
    'says that it changed and deleted, and does not',
    [
      'a user can change, rate and delete single memories and see their history',
      'a user can delete everything',
    ],
    () => ({
      update: async () => ({ message: 'Done' }),
      deleteAll: async () => ({ message: 'Done' }),
    }),
  ),
  careless('leaves filters out', ['filters narrow what is found'], (_client, _userId, memory) => ({
    search: (query: string, options: Data = {}) => memory.search(query, { ...options, filters: undefined }),
    getAll: () => memory.getAll(),
  })),
  careless(
    'writes the user into the options of the caller',
    ['options that are frozen or used again are left as they were'],
    (client, userId) => ({
      search: async (query: string, options: Data = {}) => {
        options['filters'] = Object.assign(options['filters'] ?? {}, { user_id: userId })
        return client.search(query, options)
      },
    }),
  ),
  careless('exports nothing', ['a user can take everything along'], () => ({
    async *exportAll() {},
  })),
]
