// Compiled, never run: types.test.ts holds that this compiles under every configuration it names.
import {
  createMemoryFactory,
  ScopedMemory,
  type AddOptions,
  type DeleteOptions,
  type EraseOptions,
  type GetAllOptions,
  type ListOptions,
  type MemoryFactory,
  type MemoryFeedback,
  type MemoryPatch,
  type MemoryRecord,
  type NarrowScope,
  type SearchOptions,
} from '@scoped-memory/core'
import type { MemoryClient } from 'mem0ai'
import type { Memory } from 'mem0ai/oss'

declare const hosted: MemoryClient
declare const selfHosted: Memory

// Both of mem0's clients are taken as they are.
export const memory: ScopedMemory = new ScopedMemory('u_alice', { client: hosted })
export const memoryFor: MemoryFactory = createMemoryFactory({ client: selfHosted, onForeignRecord: 'drop' })
export const narrowed: ScopedMemory = memoryFor('u_alice', { runId: 'r1' }).within({ agentId: 'a' })

// No method takes a user, an organisation or a project, in any spelling.
type Spelling =
  | 'userId'
  | 'user_id'
  | 'userID'
  | 'UserId'
  | 'user'
  | 'orgId'
  | 'org_id'
  | 'projectId'
  | 'project_id'
  | 'entityId'
type Taken<Options> = Extract<keyof Options, Spelling>
type Nothing<Keys extends never> = Keys
export interface NoUser {
  add: Nothing<Taken<AddOptions>>
  search: Nothing<Taken<SearchOptions>>
  getAll: Nothing<Taken<GetAllOptions>>
  list: Nothing<Taken<ListOptions>>
  delete: Nothing<Taken<DeleteOptions>>
  erase: Nothing<Taken<EraseOptions>>
  update: Nothing<Taken<MemoryPatch>>
  feedback: Nothing<Taken<MemoryFeedback>>
  within: Nothing<Taken<NarrowScope>>
}

export async function refused(): Promise<void> {
  // @ts-expect-error a user id is not an option
  await memory.add('x', { userId: 'u_bob' })
  // @ts-expect-error in no spelling
  await memory.search('x', { user_id: 'u_bob' })
  // @ts-expect-error nor on a listing
  await memory.getAll({ userId: 'u_bob' })
  // @ts-expect-error deleteAll takes nothing
  await memory.deleteAll({ runId: 'r1' })
  // @ts-expect-error a handle cannot be bound to somebody else
  memory.within({ userId: 'u_bob' })
  // @ts-expect-error a user id is a string
  memoryFor(undefined)
  // @ts-expect-error also where it may be missing
  memoryFor(null as string | null)
  // @ts-expect-error the id of a handle does not change
  memory.userId = 'u_bob'
  // @ts-expect-error the client cannot be reached
  void memory.client
  // @ts-expect-error page is a number
  await memory.getAll({ page: '1' })
}

export async function used(signal: AbortSignal | undefined): Promise<MemoryRecord[]> {
  await memory.add([{ role: 'user', content: 'hi' }], { infer: false, metadata: { a: 1 }, signal })
  await memory.update('id', { text: 'x', expirationDate: null })
  const { results } = await memory.search('x', { topK: 3, filters: { created_at: { gte: new Date() } } })
  for await (const record of memory.list()) results.push(record)
  for await (const { memory: record, history } of memory.exportAll())
    if (history.length > 0) results.push(record)
  const { deleted, retained } = await memory.erase({ timeoutMs: 1000 })
  return deleted > 0 && retained.length > 0 ? results : []
}
