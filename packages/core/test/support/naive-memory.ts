import type { Mem0Client } from '../../src/engines/clients.ts'

type Options = Record<string, unknown>
type AnyClient = Record<string, (...args: unknown[]) => Promise<unknown>>

/** What {@link naiveMemory} returns: the operations of a handle, with unknown results. */
export interface NaiveMemory {
  add(messages: unknown, options?: Options): Promise<unknown>
  search(query: string, options?: Options): Promise<unknown>
  getAll(options?: Options): Promise<unknown>
  get(id: string): Promise<unknown>
  update(id: string, change: unknown): Promise<unknown>
  delete(id: string, options?: Options): Promise<unknown>
  deleteAll(options?: Options): Promise<unknown>
  history(id: string): Promise<unknown>
  batchUpdate(changes: unknown): Promise<unknown>
  batchDelete(ids: unknown): Promise<unknown>
  feedback(feedback: unknown): Promise<unknown>
}

/**
 * The wrapper that everybody writes first: it overrides the user in the caller's options and passes calls by id on.
 * It looks right and leaks, which the tests that use it show. Never use it for anything else.
 */
export function naiveMemory(client: Mem0Client, userId: unknown): NaiveMemory {
  const mem0 = client as unknown as AnyClient
  const scoped = (options: Options = {}): Options => ({
    ...options,
    filters: { ...(options['filters'] as Options | undefined), user_id: userId },
  })
  return {
    // mem0's hosted client takes messages only as a list.
    add: async (messages, options) =>
      mem0['add']!(typeof messages === 'string' ? [{ role: 'user', content: messages }] : messages, {
        ...options,
        userId,
      }),
    search: async (query, options) => mem0['search']!(query, scoped(options)),
    getAll: async (options) => mem0['getAll']!(scoped(options)),
    get: async (id) => mem0['get']!(id),
    update: async (id, change) => mem0['update']!(id, change),
    delete: async (id, options) => mem0['delete']!(id, options),
    deleteAll: async (options) => mem0['deleteAll']!({ ...options, userId }),
    history: async (id) => mem0['history']!(id),
    batchUpdate: async (changes) => mem0['batchUpdate']!(changes),
    batchDelete: async (ids) => mem0['batchDelete']!(ids),
    feedback: async (feedback) => mem0['feedback']!(feedback),
  }
}
